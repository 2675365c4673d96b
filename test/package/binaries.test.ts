import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as os from 'node:os'
import * as path from 'node:path'

import { info } from 'offloop'
import { describe, expect, it } from 'vitest'

const require = createRequire(import.meta.url)

interface Binary {
  readonly platform: string
  readonly arch: string | undefined
  readonly libraries: readonly string[]
  readonly libc?: string
  readonly glibc?: string
}

const { readBinary } = require('../../scripts/binary.cjs') as { readBinary(bytes: Buffer): Binary }
const { checkPrebuilds } = require('../../scripts/check-prebuilds.cjs') as {
  checkPrebuilds(folder: string, options?: object): { rows: { file: string; is: string }[]; problems: string[] }
}

/** The least Mach-O that names a CPU, a library and the system that it wants. */
function machO(cpu: number): Buffer {
  const bytes = Buffer.alloc(32 + 56 + 24)
  bytes.writeUInt32LE(0xfeedfacf, 0)
  bytes.writeUInt32LE(cpu, 4)
  bytes.writeUInt32LE(2, 16)
  bytes.writeUInt32LE(0xc, 32)
  bytes.writeUInt32LE(56, 36)
  bytes.writeUInt32LE(24, 40)
  bytes.write('/usr/lib/libSystem.B.dylib', 32 + 24)
  bytes.writeUInt32LE(0x32, 88)
  bytes.writeUInt32LE(24, 92)
  bytes.writeUInt32LE(11 << 16, 100)
  return bytes
}

/** The least DLL without imports. */
function pe(machine: number): Buffer {
  const bytes = Buffer.alloc(512)
  bytes.write('MZ')
  bytes.writeUInt32LE(128, 0x3c)
  bytes.write('PE\0\0', 128)
  bytes.writeUInt16LE(machine, 132)
  bytes.writeUInt16LE(240, 128 + 20)
  bytes.writeUInt16LE(0x2000, 128 + 22)
  return bytes
}

/** A folder with these files; the paths are those of prebuilds/. */
function folderOf(files: Record<string, Buffer>): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-binaries-'))
  for (const [file, bytes] of Object.entries(files)) {
    fs.mkdirSync(path.join(folder, path.dirname(file)), { recursive: true })
    fs.writeFileSync(path.join(folder, file), bytes)
  }
  return folder
}

describe('headers', () => {
  it('of the binary that is loaded say what this process runs on', () => {
    const { binary } = info()
    expect(binary).toBeDefined()
    const said = readBinary(fs.readFileSync(binary as string))
    expect([said.platform, said.arch]).toEqual([process.platform, process.arch])
  })

  it('of Node itself, or of the library it is, too', () => {
    const said = readBinary(fs.readFileSync(process.execPath))
    expect([said.platform, said.arch]).toEqual([process.platform, process.arch])
  })

  it('of macOS', () => {
    for (const [cpu, arch] of [
      [0x01000007, 'x64'],
      [0x0100000c, 'arm64'],
    ] as const) {
      const expected = { platform: 'darwin', arch, libraries: ['/usr/lib/libSystem.B.dylib'], macos: '11.0' }
      expect(readBinary(machO(cpu))).toEqual(expected)
    }
  })

  it('of Windows', () => {
    expect(readBinary(pe(0x8664))).toEqual({ platform: 'win32', arch: 'x64', libraries: [] })
    expect(readBinary(pe(0xaa64))).toEqual({ platform: 'win32', arch: 'arm64', libraries: [] })
  })

  it('of something else', () => {
    expect(() => readBinary(Buffer.from('#!/bin/sh'))).toThrow(/neither ELF nor Mach-O/)
    expect(() => readBinary(Buffer.alloc(1000))).toThrow(/neither ELF nor Mach-O/)
  })
})

describe('a folder of binaries', () => {
  it('is found to be right, and wrong', () => {
    const folder = folderOf({
      'darwin-arm64/offloop.node': machO(0x0100000c),
      'darwin-x64/offloop.node': machO(0x0100000c),
      'win32-x64/offloop.node': Buffer.concat([pe(0x8664), Buffer.alloc(2 ** 24)]),
      'linux-x64/offloop.glibc.node': Buffer.from('an error page'),
    })
    try {
      const { rows, problems } = checkPrebuilds(folder, { all: true })
      expect(rows.map(({ is }) => is)).toEqual(['darwin-arm64', 'darwin-arm64', 'win32-x64'])
      const all = problems.join('\n')
      expect(all).toContain(`${path.join('darwin-x64', 'offloop.node')}: is for darwin-arm64`)
      expect(all).toContain('neither ELF nor Mach-O')
      expect(all).toContain('has 16777728 bytes')
      expect(all).toContain('none for linux-arm64 musl')
      expect(all).not.toContain(path.join('darwin-arm64', 'offloop.node'))
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })
})
