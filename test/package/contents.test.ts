import { execFile } from 'node:child_process'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { promisify } from 'node:util'

import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'
import { pack } from './tarball.ts'
import type { Packed } from './tarball.ts'

const require = createRequire(import.meta.url)
const limits = require('../../scripts/limits.cjs') as { installed: number; packed: number }
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string
  dependencies: Record<string, string>
  scripts: Record<string, string>
}

let packed: Packed

beforeAll(() => {
  packed = pack()
})

afterAll(() => {
  fs.rmSync(path.dirname(packed.file), { recursive: true })
})

/** Folders of benches that need nothing but what npm installs. */
const benches = 'actors channels engine flow harness kernels machine pool spmd sync peers/workers'.split(' ')

/** Everything in the tarball that is neither compiled from src/, nor C++, nor a bench, nor a binary. */
const others = [
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'bench/peers/package.json',
  'binding.gyp',
  'dist/index.d.mts',
  'dist/index.mjs',
  'package.json',
  'scripts/install.cjs',
]

describe('the tarball', () => {
  it('has what it takes to run and to compile, and nothing else', () => {
    const compiled = fs
      .readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => file.replaceAll(path.sep, '/').replace(/\.ts$/, ''))
      .flatMap((stem) => [`dist/${stem}.js`, `dist/${stem}.d.ts`])
    const native = fs
      .readdirSync(path.join(root, 'native'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(cc|h|def|txt|md)$/.test(file))
      .map((file) => `native/${file.replaceAll(path.sep, '/')}`)
    const measured = benches.flatMap((folder) =>
      fs.readdirSync(path.join(root, 'bench', folder)).map((file) => `bench/${folder}/${file}`),
    )
    const binaries = packed.files.filter((file) => file.startsWith('prebuilds/'))
    for (const file of binaries)
      expect(file).toMatch(/^prebuilds\/(linux|darwin|win32)-(x64|arm64)\/offloop[\w.]*\.node$/)
    expect(packed.files).toEqual([...others, ...compiled, ...native, ...measured, ...binaries].toSorted())
  })

  it('is small', () => {
    const binaries = fs.existsSync(path.join(root, 'prebuilds')) ? limits : { installed: 0, packed: 0 }
    expect(packed.unpackedSize).toBeLessThan(4_000_000 + binaries.installed)
    expect(packed.size).toBeLessThan(1_000_000 + binaries.packed)
  })

  it('is what publint would have', async () => {
    const { messages } = await publint({ pack: { tarball: tarballOf(packed.file) }, strict: true })
    expect(messages).toEqual([])
  })

  it('has types that are right for every way to resolve them', async () => {
    const attw = path.join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js')
    const { stdout } = await promisify(execFile)(process.execPath, [attw, packed.file, '--format', 'json'], {
      maxBuffer: 2 ** 26,
    })
    const { analysis, problems } = JSON.parse(stdout) as {
      analysis: { types: { kind: string } }
      problems: Record<string, unknown>
    }
    expect(analysis.types.kind).toBe('included')
    expect(problems).toEqual({})
  })
})

function tarballOf(file: string): ArrayBuffer {
  const bytes = fs.readFileSync(file)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}

describe('the package', () => {
  it('depends on nothing but what may be used freely, in versions that are fixed', () => {
    expect(Object.keys(manifest.dependencies).toSorted()).toEqual(['acorn', 'croner', 'node-gyp-build'])
    for (const [name, version] of Object.entries(manifest.dependencies)) {
      const theirs = JSON.parse(fs.readFileSync(path.join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
        version: string
        license: string
        dependencies?: object
      }
      expect(theirs.version, name).toBe(version)
      expect(theirs.license, name).toBe('MIT')
      expect(theirs.dependencies ?? {}, name).toEqual({})
    }
  })

  it('has its version in the changelog, on top', () => {
    const [, version] = /^## (\S+)/m.exec(fs.readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8')) ?? []
    expect(version).toBe(manifest.version)
  })

  it('installs by a script that downloads nothing', () => {
    expect(manifest.scripts['install']).toBe('node scripts/install.cjs')
    const script = fs.readFileSync(path.join(root, 'scripts', 'install.cjs'), 'utf8')
    expect(script).not.toMatch(/https?:|fetch\(|node:(http|https|net|tls|dns)/)
  })
})
