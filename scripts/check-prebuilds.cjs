// Checks the binaries of a folder that is laid out as prebuilds/: that each is of the platform which its folder and its
// name say, brings what is not everywhere, and keeps to the limits. Prints a table; the exit code says whether all is well.
//
//   node scripts/check-prebuilds.cjs [--all] [--glibc 2.28] [folder]
//
// --all asks for every platform of a release, --glibc for symbols of that version at most.
'use strict'
const fs = require('node:fs')
const path = require('node:path')
const { gzipSync } = require('node:zlib')

const { readBinary } = require('./binary.cjs')
const limits = require('./limits.cjs')

/** Folder and libc of what a release has. */
const released = [
  'linux-x64 glibc',
  'linux-x64 musl',
  'linux-arm64 glibc',
  'linux-arm64 musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64',
  'win32-arm64',
]

/** Libraries that every system of the platform has. */
const everywhere = {
  linux: /^(libc\.so\.6|libm\.so\.6|libdl\.so\.2|libpthread\.so\.0|ld-linux-.*|libc\.musl-.*|ld-musl-.*)$/,
  darwin: /^\/usr\/lib\/(libSystem\.B|libc\+\+\.1|libc\+\+abi)\.dylib$/,
  win32: /^(node\.exe|kernel32\.dll|advapi32\.dll|api-ms-win-.*|vcruntime140(_1)?\.dll|msvcp140\.dll|ucrtbase\.dll)$/i,
}

/** @returns {{ rows: object[], problems: string[] }} what is there and what is wrong with it */
function checkPrebuilds(folder, { all = false, glibc } = {}) {
  const rows = []
  const problems = []
  let packed = 0
  const files = fs.readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.node'))
  for (const file of files.toSorted()) {
    const bytes = fs.readFileSync(path.join(folder, file))
    const [platform, arch] = path.dirname(file).split('-')
    const tags = path.basename(file).split('.')
    const complain = (what) => problems.push(`${file}: ${what}`)
    let said
    try {
      said = readBinary(bytes)
    } catch (error) {
      complain(error.message)
      continue
    }
    if (said.platform !== platform || said.arch !== arch) complain(`is for ${said.platform}-${said.arch}`)
    if (platform === 'linux' && !tags.includes(said.libc)) complain(`needs ${said.libc}, which its name does not say`)
    if (bytes.length > limits.binary) complain(`has ${bytes.length} bytes, more than ${limits.binary}`)
    if (glibc !== undefined && said.libc === 'glibc' && isNewer(said.glibc, glibc)) {
      complain(`needs glibc ${said.glibc}, more than ${glibc}`)
    }
    const strange = said.libraries.filter((name) => !everywhere[said.platform].test(name))
    if (strange.length > 0) complain(`needs ${strange.join(', ')}, which not every system has`)
    const system = said.glibc ? `glibc ${said.glibc}` : said.macos ? `macOS ${said.macos}` : (said.libc ?? '')
    packed += gzipSync(bytes, { level: 9 }).length
    rows.push({ file, is: `${said.platform}-${said.arch}`, libc: said.libc, bytes: bytes.length, system })
  }
  const total = rows.reduce((sum, row) => sum + row.bytes, 0)
  if (rows.length === 0) problems.push(`no binary in ${folder}`)
  if (total > limits.installed) problems.push(`all binaries have ${total} bytes, more than ${limits.installed}`)
  if (packed > limits.packed) problems.push(`all binaries have ${packed} bytes compressed, more than ${limits.packed}`)
  if (all) {
    const there = new Set(rows.map(({ is, libc }) => (libc ? `${is} ${libc}` : is)))
    for (const name of released) if (!there.has(name)) problems.push(`none for ${name}`)
  }
  return { rows, problems }
}

function isNewer(version, limit) {
  const [a, b] = [version, limit].map((text) => text.split('.').map(Number))
  return a[0] > b[0] || (a[0] === b[0] && a[1] > b[1])
}

module.exports = { checkPrebuilds }

if (require.main === module) {
  const { parseArgs } = require('node:util')
  const { values, positionals } = parseArgs({
    options: { all: { type: 'boolean' }, glibc: { type: 'string' } },
    allowPositionals: true,
  })
  const { rows, problems } = checkPrebuilds(positionals[0] ?? path.join(__dirname, '..', 'prebuilds'), values)
  for (const { file, is, bytes, system } of rows) console.log(`${file}  ${is}  ${bytes} bytes  ${system}`)
  for (const problem of problems) console.error(problem)
  process.exit(problems.length > 0 ? 1 : 0)
}
