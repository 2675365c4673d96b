import { createReadStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import * as path from 'node:path'
import { Readable } from 'node:stream'

import { hash } from 'offloop'
import type { HashStream } from 'offloop'
import { describe, expect, it } from 'vitest'

import { sha256Of } from '../helpers/hashes.ts'
import { fill } from '../helpers/views.ts'

const algorithms = ['blake3', 'xxh3', 'xxh3-128', 'crc32c', 'sha256'] as const
const backends = ['native', 'worker', 'inline'] as const
const piece = 1 << 20
const data = fill(new Uint8Array(5 * piece), 'uint8')

async function* chunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe('a stream', () => {
  it.each(backends)('has the digest of its bytes, on the %s backend', async (backend) => {
    // Around a piece, where the last stripe or block reaches back into the one before, and several of them.
    const lengths = [0, 1, 240, 65_536, piece - 1, piece, piece + 1, piece + 63, 2 * piece, 3 * piece + 7, 5 * piece]
    for (const algorithm of algorithms) {
      for (const length of lengths) {
        const bytes = data.subarray(0, length)
        const expected = hash.sync(bytes, { algorithm })
        for (const size of [65_536, 1_500_001]) {
          const where = `${algorithm}, ${length} bytes in chunks of ${size}`
          expect(await hash(chunks(bytes, size), { algorithm, backend }), where).toBe(expected)
        }
      }
    }
  })

  it('may be a file, a web stream, text, or chunks of all kinds', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'offloop-'))
    try {
      const file = path.join(folder, 'data')
      await writeFile(file, data)
      const expected = sha256Of(data)
      expect(await hash(createReadStream(file), { algorithm: 'sha256' })).toBe(expected)
      const web = Readable.toWeb(createReadStream(file)) as unknown as HashStream
      expect(await hash(web, { algorithm: 'sha256', output: 'buffer' })).toEqual(Buffer.from(expected, 'hex'))
    } finally {
      await rm(folder, { recursive: true })
    }
    const bytes = Buffer.from('grüße, 世界')
    const mixed = [
      bytes.subarray(0, 3),
      'abc',
      Uint16Array.of(1, 2),
      new DataView(new ArrayBuffer(3)),
      new ArrayBuffer(0),
    ]
    const plain = Buffer.concat([bytes.subarray(0, 3), Buffer.from('abc'), Buffer.from([1, 0, 2, 0, 0, 0, 0])])
    expect(await hash(Readable.from(mixed), { algorithm: 'sha256' })).toBe(sha256Of(plain))
    const text = Readable.from(['grüße', ', 世界'])
    expect(await hash(text, { algorithm: 'sha256' })).toBe(sha256Of(bytes))
  })

  it('is read no faster than it is hashed', async () => {
    let taken = 0
    let most = 0
    const reused = new Uint8Array(piece / 2)
    async function* source() {
      for (let i = 0; i < 20; i++) {
        most = Math.max(most, ++taken)
        // The chunk before has been used when the next one is asked for: its memory may be written again.
        yield reused.fill(i)
        taken--
      }
    }
    const whole = Buffer.concat(Array.from({ length: 20 }, (_, i) => Buffer.alloc(piece / 2, i)))
    expect(await hash(source(), { algorithm: 'sha256' })).toBe(sha256Of(whole))
    expect(most).toBe(1)
  })

  it('is destroyed when the task is cancelled, even while it gives nothing', async () => {
    const silent = new Readable({ read() {} })
    const task = hash(silent)
    setTimeout(() => task.cancel(new Error('enough')), 5)
    await expect(task).rejects.toThrow('enough')
    expect(silent.destroyed).toBe(true)

    let cancelled: unknown
    const web = new ReadableStream({ cancel: (reason) => void (cancelled = [reason]) })
    const controller = new AbortController()
    const other = hash(web as unknown as HashStream, { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('no more')), 5)
    await expect(other).rejects.toThrow('no more')
    expect(cancelled).toBeDefined()
  })

  it('is left when a chunk is not bytes', async () => {
    let left = false
    async function* source() {
      try {
        yield 'text'
        yield 5 as unknown as string
      } finally {
        left = true
      }
    }
    await expect(hash(source())).rejects.toThrow(
      'Expected `chunk 1 of data` to be bytes (a string, typed array, DataView, ArrayBuffer or SharedArrayBuffer), got `5` (number)',
    )
    expect(left).toBe(true)
  })

  it('fails with what it fails with', async () => {
    const failure = new Error('disk on fire')
    async function* source() {
      yield 'text'
      throw failure
    }
    await expect(hash(source())).rejects.toBe(failure)
    const broken = new Readable({
      read() {
        this.destroy(failure)
      },
    })
    await expect(hash(broken)).rejects.toBe(failure)
  })

  it('is refused by the synchronous form', () => {
    expect(() => hash.sync(Readable.from(['a']) as never)).toThrow(TypeError)
    expect(() => hash.sync(Readable.from(['a']) as never)).toThrow(
      'Expected `data` to be bytes or an array of them, as hash.sync can not wait for a stream',
    )
  })
})

describe('wrong arguments of hash', () => {
  const bytes = 'bytes (a string, typed array, DataView, ArrayBuffer or SharedArrayBuffer)'
  const wrong: readonly [what: string, call: () => Promise<unknown>, message: string][] = [
    ['nothing', () => hash(undefined as never), `\`data\` to be ${bytes}, an array or a stream of them`],
    ['a number', () => hash(5 as never), 'got `5` (number)'],
    ['a plain object', () => hash({} as never), 'got `{}` (object)'],
    ['a set of bytes', () => hash(new Set() as never), 'got `Set(0) {}` (object)'],
    ['a wrong item', () => hash(['a', null] as never), `Expected \`data[1]\` to be ${bytes}, got \`null\` (null)`],
    [
      'a wrong algorithm',
      () => hash('a', { algorithm: 'md5' as never }),
      "`algorithm` to be one of 'blake3', 'xxh3', 'xxh3-128', 'crc32c', 'sha256', got `'md5'` (string)",
    ],
    ['a wrong output', () => hash('a', { output: 'base64' as never }), "`output` to be one of 'hex', 'buffer'"],
    [
      'a seed that is not used',
      () => hash('a', { seed: 1 }),
      'Expected `seed` to be left out, as blake3 takes none, got `1` (number)',
    ],
    ['a negative seed', () => hash('a', { algorithm: 'xxh3', seed: -1n }), '`seed` to be an integer of 64 bits'],
    ['a seed of halves', () => hash('a', { algorithm: 'xxh3', seed: 0.5 }), '`seed` to be an integer from 0 and up'],
  ]
  it.each(wrong)('are refused: %s', async (_, call, message) => {
    await expect(call()).rejects.toThrow(message)
  })

  it('include memory that is gone', async () => {
    for (const make of [
      (buffer: ArrayBuffer) => new Float64Array(buffer),
      (buffer: ArrayBuffer) => new DataView(buffer),
      (buffer: ArrayBuffer) => buffer,
    ]) {
      const buffer = new ArrayBuffer(64)
      const value = make(buffer)
      structuredClone(buffer, { transfer: [buffer] })
      await expect(hash(value)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
      await expect(hash(['a', value])).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
    }
  })
})
