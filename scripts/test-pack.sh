#!/usr/bin/env bash
# Packs the package with the binary that is here as its prebuilt one, installs the tarball in an empty folder, and uses it
# from both kinds of module, on both backends. Compiling at installation is what `npm ci` in a clone does.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
folder=$(mktemp -d)
prebuilds="prebuilds/$(node -p '`${process.platform}-${process.arch}`')"
if [ -d prebuilds ]; then
  trap 'rm -rf "$folder"' EXIT
else
  trap 'rm -rf "$folder" "$root/prebuilds"' EXIT
  mkdir -p "$prebuilds"
  cp build/Release/offloop.node "$prebuilds/offloop.napi.node"
fi
tarball=$(npm pack --silent --pack-destination "$folder" | tail -1)
cd "$folder"
npm init -y >/dev/null
npm install --no-audit --no-fund "./$tarball" >/dev/null
test ! -e node_modules/offloop/build
cat > use.mjs <<'JS'
import { createRequire } from 'node:module'
import assert from 'node:assert/strict'
import { sum, sort, Task, info } from 'offloop'
const required = createRequire(import.meta.url)('offloop')
assert.equal(required.Task, Task)
const expected = process.env.OFFLOOP_BACKEND ?? 'native'
const task = sum(new Float64Array(1e6).fill(0.5))
assert.equal(await task, 5e5)
assert.equal(task.backend, expected)
assert.deepEqual([...(await sort(Int32Array.of(3, 1, 2)))], [1, 2, 3])
assert.equal(required.sum.sync(new Float64Array([1, 2])), 3)
console.log(`installed from the tarball: ${expected}, ${info().cpu}`)
JS
node use.mjs
OFFLOOP_BACKEND=worker node use.mjs
