#!/usr/bin/env bash
# The runtime-neutral suite of test/runtimes on other runtimes, all from npm: it is copied beside the installed tarball, so
# that what runs is what users get.
#
#   test-runtimes.sh [runtime...]    of node@20 node@22 node@24 node@26 bun deno; default: all
#   PARTS='kernels pool'             only these parts
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
runtimes=("$@")
[ ${#runtimes[@]} -eq 0 ] && runtimes=(node@20 node@22 node@24 node@26 bun deno)
read -ra parts <<<"${PARTS-}"

folder=$(mktemp -d)
if [ -d prebuilds ]; then
  trap 'rm -rf "$folder"' EXIT
else
  trap 'rm -rf "$folder" "$root/prebuilds"' EXIT
  node scripts/prebuild-here.cjs >/dev/null
fi
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$folder" | tail -1)
echo '{ "private": true, "type": "module" }' >"$folder/package.json"
npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$folder" "$folder/$tarball"
cp -r test/runtimes "$folder/"

# from_npm <name> <package> <version> <path of the program in it>
from_npm() {
  local there="$root/node_modules/.cache/offloop-$1-$3"
  shift
  if ! [ -x "$there/node_modules/$1/$3" ]; then
    mkdir -p "$there"
    npm install --silent --ignore-scripts --no-package-lock --no-audit --no-fund --prefix "$there" "$1@$2" >&2
  fi
  echo "$there/node_modules/$1/$3"
}

platform=$(node -p '`${process.platform}-${process.arch}`')
failed=0
for runtime in "${runtimes[@]}"; do
  case $runtime in
    node@*) command=("$(from_npm node "node-$platform" "${runtime#node@}" bin/node)") ;;
    bun) command=("$(from_npm bun "@oven/bun-$platform" 1.4.5 bin/bun)") ;;
    deno) command=("$(from_npm deno "@deno/$platform-glibc" 2.9.6 deno)" run --allow-all --node-modules-dir=manual --quiet) ;;
    *)
      echo "unknown runtime: $runtime" >&2
      exit 2
      ;;
  esac
  printf '\n== %s\n' "$runtime"
  (cd "$folder" && timeout 600 "${command[@]}" runtimes/run.mjs ${parts[@]+"${parts[@]}"}) || {
    echo "FAILED: $runtime, with exit code $?"
    failed=1
  }
done
exit $failed
