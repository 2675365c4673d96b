// Installs a packed tarball in an empty folder and uses it, with nothing on PATH that could compile it: from both kinds of
// module, on both backends. Fails where that takes a compiler, or too long, or runs on anything but native threads.
//
//   node scripts/smoke.cjs <tarball, or a folder with one>
'use strict'
const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const given = path.resolve(process.argv[2])
const tarball = fs.statSync(given).isFile()
  ? given
  : path.join(
      given,
      fs.readdirSync(given).find((name) => name.endsWith('.tgz')),
    )

/** npm's own program, run by this Node, whatever `npm` on PATH is. */
function findNpm() {
  const beside = path.dirname(fs.realpathSync(process.execPath))
  const places = [
    process.env.OFFLOOP_SMOKE_NPM,
    path.join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    path.join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  const found = places.find((place) => place && fs.existsSync(place))
  if (found === undefined) throw new Error('found no npm beside node; say where npm-cli.js is in OFFLOOP_SMOKE_NPM')
  return found
}

// What a compilation needs is not found: PATH has node and a shell, which npm wants for install scripts.
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-smoke-'))
const bin = path.join(folder, 'bin')
fs.mkdirSync(bin)
const windows = process.platform === 'win32'
if (windows) fs.copyFileSync(process.execPath, path.join(bin, 'node.exe'))
else {
  fs.symlinkSync(process.execPath, path.join(bin, 'node'))
  fs.symlinkSync('/bin/sh', path.join(bin, 'sh'))
}
const system = windows ? path.join(process.env.SystemRoot, 'System32') : undefined
const env = { ...process.env, PATH: [bin, system].filter(Boolean).join(path.delimiter) }
for (const name of Object.keys(env)) {
  if (/^(npm_|OFFLOOP_(?!SMOKE)|NODE_OPTIONS|CXX?$)/i.test(name) || (windows && name === 'Path')) delete env[name]
}

const use = `
import { createRequire } from 'node:module'
import assert from 'node:assert/strict'
import { sum, sort, matmul, Pool, Task, info } from 'offloop'

const required = createRequire(import.meta.url)('offloop')
assert.equal(required.Task, Task)
const expected = process.env.OFFLOOP_BACKEND ?? 'native'
assert.equal(info().backend, expected, info().reasons.join())
const task = sum(new Float64Array(1e6).fill(0.5))
assert.equal(await task, 5e5)
assert.equal(task.backend, expected)
assert.ok(task.timing.threads > 0)
assert.deepEqual([...(await sort(Int32Array.of(3, 1, 2)))], [1, 2, 3])
assert.equal(required.sum.sync(new Float64Array([1, 2])), 3)
const pool = new Pool({ threads: 2 })
assert.deepEqual(await pool.map((x) => x * x, [1, 2, 3]), [1, 4, 9])
await pool.close()
console.log(expected + ', ' + info().cpu)
`

try {
  const app = path.join(folder, 'app')
  fs.mkdirSync(app)
  fs.writeFileSync(path.join(app, 'package.json'), '{ "private": true }')
  const npm = findNpm()
  const install = (...args) =>
    execFileSync(process.execPath, [npm, 'install', '--no-audit', '--no-fund', ...args], {
      cwd: app,
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  // The dependencies first, so that what is timed is offloop and not the network.
  const packed = JSON.parse(
    execFileSync('tar', ['-xOf', path.basename(tarball), 'package/package.json'], { cwd: path.dirname(tarball) }),
  )
  install('--no-save', ...Object.entries(packed.dependencies).map(([name, version]) => `${name}@${version}`))
  const start = process.hrtime.bigint()
  install('--prefer-offline', tarball)
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  assert.ok(!fs.existsSync(path.join(app, 'node_modules', 'offloop', 'build')), 'it was compiled')
  // The promise is 3 s; a loaded machine gets more, as nothing here may fail on a clock.
  const limit = Number(process.env.OFFLOOP_SMOKE_SECONDS ?? 30)
  assert.ok(seconds < limit, `installing took ${seconds.toFixed(1)} s`)

  fs.writeFileSync(path.join(app, 'use.mjs'), use)
  const run = (more) =>
    execFileSync(process.execPath, ['use.mjs'], { cwd: app, env: { ...env, ...more }, encoding: 'utf8' }).trim()
  const native = run({})
  const worker = run({ OFFLOOP_BACKEND: 'worker' })
  console.log(`Node ${process.versions.node}: installed in ${seconds.toFixed(1)} s; ${native}; ${worker}`)
} finally {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
