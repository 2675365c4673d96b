#!/usr/bin/env bash
# Packs the package with the binary that is here as its prebuilt one, installs the tarball in an empty folder with no compiler
# on PATH, and uses it from both kinds of module, on both backends. Compiling at installation is what `npm ci` in a clone does.
#
#   test-pack.sh [version...]    on these versions of Node, from npm; default: the one that runs this
#   test-pack.sh --all           on 20, 22, 24 and 26
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
folder=$(mktemp -d)
versions=("$@")
[ "${1-}" = --all ] && versions=(20 22 24 26)

if [ -d prebuilds ]; then
  trap 'rm -rf "$folder"' EXIT
else
  trap 'rm -rf "$folder" "$root/prebuilds"' EXIT
  node scripts/prebuild-here.cjs
fi
tarball=$(npm pack --silent --ignore-scripts --pack-destination "$folder" | tail -1)
npm=$(npm root --global)/npm/bin/npm-cli.js

if [ ${#versions[@]} -eq 0 ]; then
  OFFLOOP_SMOKE_NPM=$npm node scripts/smoke.cjs "$folder/$tarball"
fi
name=$(node -p '`node-${process.platform}-${process.arch}`')
for version in ${versions[@]+"${versions[@]}"}; do
  there="$root/node_modules/.cache/offloop-node-$version"
  if ! [ -x "$there/node_modules/$name/bin/node" ]; then
    mkdir -p "$there"
    npm install --silent --no-save --no-package-lock --no-audit --no-fund --prefix "$there" "$name@$version" >&2
  fi
  OFFLOOP_SMOKE_NPM=$npm "$there/node_modules/$name/bin/node" scripts/smoke.cjs "$folder/$tarball"
done
