// Reads the header of a native binary, ELF, Mach-O or PE: which platform it is for and what it needs there. A parser of
// its own, so that binaries of every platform can be checked on any.
'use strict'

// ELF: System V ABI, "Object Files"; e_machine from its registry.
const elfMachines = { 62: 'x64', 183: 'arm64' }

function readElf(bytes) {
  if (bytes[4] !== 2 || bytes[5] !== 1) throw new Error('an ELF file that is not 64 bits, little-endian')
  const arch = elfMachines[bytes.readUInt16LE(18)]
  const table = Number(bytes.readBigUInt64LE(40))
  const size = bytes.readUInt16LE(58)
  const sections = Array.from({ length: bytes.readUInt16LE(60) }, (_, i) => {
    const at = table + i * size
    return {
      type: bytes.readUInt32LE(at + 4),
      offset: Number(bytes.readBigUInt64LE(at + 24)),
      bytes: Number(bytes.readBigUInt64LE(at + 32)),
      link: bytes.readUInt32LE(at + 40),
      info: bytes.readUInt32LE(at + 44),
    }
  })
  const text = (section, offset) => {
    const from = sections[section.link].offset + offset
    return bytes.toString('latin1', from, bytes.indexOf(0, from))
  }

  const libraries = []
  const dynamic = sections.find(({ type }) => type === 6)
  if (dynamic === undefined) throw new Error('an ELF file that is no shared library')
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.bytes; at += 16) {
    if (bytes.readBigUInt64LE(at) === 1n) libraries.push(text(dynamic, Number(bytes.readBigUInt64LE(at + 8))))
  }

  // SHT_GNU_verneed: a list of libraries, each with a list of the versions of symbols that are taken from it.
  const versions = []
  const needed = sections.find(({ type }) => type === 0x6ffffffe)
  for (let i = 0, at = needed?.offset; i < (needed?.info ?? 0); i++, at += bytes.readUInt32LE(at + 12)) {
    let aux = at + bytes.readUInt32LE(at + 8)
    for (let j = 0; j < bytes.readUInt16LE(at + 2); j++, aux += bytes.readUInt32LE(aux + 12)) {
      versions.push(text(needed, bytes.readUInt32LE(aux + 8)))
    }
  }
  const libc = libraries.some((name) => /^libc\.musl-|^libc\.so$/.test(name)) ? 'musl' : 'glibc'
  return { platform: 'linux', arch, libc, libraries, versions, glibc: highest(versions, 'GLIBC') }
}

/** The highest x.y of the names `prefix_x.y`. */
function highest(versions, prefix) {
  const found = versions
    .filter((name) => name.startsWith(`${prefix}_`))
    .map((name) =>
      name
        .slice(prefix.length + 1)
        .split('.')
        .map(Number),
    )
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1] || (a[2] ?? 0) - (b[2] ?? 0))
  return found.at(-1)?.join('.')
}

// Mach-O: <mach-o/loader.h>. A universal file, which has several, is not what a folder of one platform should hold.
const machCpus = { 0x01000007: 'x64', 0x0100000c: 'arm64' }

function readMachO(bytes) {
  const libraries = []
  let system
  for (let i = 0, at = 32; i < bytes.readUInt32LE(16); i++, at += bytes.readUInt32LE(at + 4)) {
    const command = bytes.readUInt32LE(at)
    if (command === 0xc || command === 0x80000018) {
      const from = at + bytes.readUInt32LE(at + 8)
      libraries.push(bytes.toString('latin1', from, bytes.indexOf(0, from)))
    }
    // LC_BUILD_VERSION and, before it, LC_VERSION_MIN_MACOSX: xxxx.yy.zz in nibbles.
    const version = command === 0x32 ? bytes.readUInt32LE(at + 12) : command === 0x24 ? bytes.readUInt32LE(at + 8) : 0
    if (version !== 0) system = `${version >>> 16}.${(version >>> 8) & 255}`
  }
  return { platform: 'darwin', arch: machCpus[bytes.readUInt32LE(4)], libraries, macos: system }
}

// PE: Microsoft's "PE Format".
const peMachines = { 0x8664: 'x64', 0xaa64: 'arm64' }

function readPe(bytes) {
  const at = bytes.readUInt32LE(0x3c)
  if (bytes.readUInt32LE(at) !== 0x4550) throw new Error('an MZ file without a PE header')
  if ((bytes.readUInt16LE(at + 22) & 0x2000) === 0) throw new Error('a PE file that is no DLL')
  const optional = at + 24
  const sections = optional + bytes.readUInt16LE(at + 20)
  const offsetOf = (address) => {
    for (let i = 0; i < bytes.readUInt16LE(at + 6); i++) {
      const section = sections + i * 40
      const start = bytes.readUInt32LE(section + 12)
      if (address >= start && address < start + bytes.readUInt32LE(section + 16)) {
        return address - start + bytes.readUInt32LE(section + 20)
      }
    }
    throw new Error('a PE file whose imports are in no section')
  }
  const libraries = []
  const imports = bytes.readUInt32LE(optional + 120)
  for (let entry = imports && offsetOf(imports); entry && bytes.readUInt32LE(entry + 12) !== 0; entry += 20) {
    const from = offsetOf(bytes.readUInt32LE(entry + 12))
    libraries.push(bytes.toString('latin1', from, bytes.indexOf(0, from)))
  }
  return { platform: 'win32', arch: peMachines[bytes.readUInt16LE(at + 4)], libraries }
}

/** What the header says: { platform, arch, libraries } and, by platform, { libc, glibc, versions } or { macos }. */
function readBinary(bytes) {
  const magic = bytes.length < 64 ? 0 : bytes.readUInt32BE(0)
  if (magic === 0x7f454c46) return readElf(bytes)
  if (magic === 0xcffaedfe) return readMachO(bytes)
  if (magic >>> 16 === 0x4d5a) return readPe(bytes)
  throw new Error('neither ELF nor Mach-O of one architecture nor PE')
}

module.exports = { readBinary }
