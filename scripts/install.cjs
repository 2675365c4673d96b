// Runs when offloop is installed: takes a prebuilt binary, else compiles one, else says once what that means. Never
// fails an installation: without a binary every call works on worker threads.
'use strict'
const { spawnSync } = require('node:child_process')
const path = require('node:path')

const root = path.join(__dirname, '..')

// Where a binary that loads is, or null.
function findBinary() {
  try {
    const load = require('node-gyp-build')
    const file = load.resolve ? load.resolve(root) : load.path(root)
    const probe = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(file)})`], { stdio: 'ignore' })
    return probe.status === 0 ? file : null
  } catch {
    return null
  }
}

// npm puts its own node-gyp on PATH for scripts; what it prints is shown only where it fails.
function compile() {
  const gyp = process.platform === 'win32' ? 'node-gyp.cmd' : 'node-gyp'
  const run = spawnSync(gyp, ['rebuild', '-j', 'max'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 1 << 28,
  })
  if (run.error) return run.error.code === 'ENOENT' ? 'node-gyp was not found' : run.error.message
  if (run.status === 0) return null
  const lines = (run.stderr || run.stdout || '').split('\n')
  const error = lines.find((line) => /error:|ERR! (stack|find)|not found/i.test(line)) || `exit code ${run.status}`
  return error.replace(/^gyp ERR! (stack )?/, '').trim()
}

const fromSource = process.env.npm_config_build_from_source
const forced = fromSource === 'true' || fromSource === 'offloop'
if (forced || findBinary() === null) {
  const problem = compile()
  if (problem !== null || findBinary() === null) {
    console.warn(
      `offloop: no prebuilt binary for ${process.platform}-${process.arch} and none could be compiled ` +
        `(${problem ?? 'the result does not load'}). offloop works all the same, on worker threads; for native speed ` +
        `install a C++20 compiler, python3 and make, then run: npm rebuild offloop`,
    )
  }
}
