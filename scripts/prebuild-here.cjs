// Makes of the binary in build/Release what prebuildify would make of it: prebuilds/ of this one platform, without compiling
// again. For tests of the packed package; a release is built by `npm run prebuild`, each platform on its own.
'use strict'
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const root = path.join(__dirname, '..')
const folder = path.join(process.argv[2] ?? path.join(root, 'prebuilds'), `${process.platform}-${process.arch}`)
const { readBinary } = require('./binary.cjs')

const built = path.join(root, 'build', 'Release', 'offloop.node')
const { libc } = readBinary(fs.readFileSync(built))
const file = path.join(folder, libc === undefined ? 'offloop.node' : `offloop.${libc}.node`)
fs.mkdirSync(folder, { recursive: true })
fs.copyFileSync(built, file)
if (process.platform === 'linux') execFileSync('strip', ['--strip-all', file])
console.log(path.relative(root, file))
