import { createHash } from 'node:crypto'

import { alloc, hash } from 'offloop'
import type { HashAlgorithm } from 'offloop'
import { describe, expect, it } from 'vitest'

import {
  blake3Of,
  blake3Vectors,
  counting,
  crc32cOf,
  sha256Of,
  xxh3Seed,
  xxh3SeededVectors,
  xxh3Vectors,
} from '../helpers/hashes.ts'
import { lanes } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { classOf, dtypes, fill, plain, random } from '../helpers/views.ts'

const algorithms = ['blake3', 'xxh3', 'xxh3-128', 'crc32c', 'sha256'] as const

/** Around a block, a stripe, a chunk, as many chunks as a vector has lanes, a segment, and several of those. */
const lengths = [
  0, 1, 2, 3, 4, 7, 8, 9, 16, 17, 31, 32, 33, 55, 56, 57, 63, 64, 65, 119, 120, 128, 129, 240, 241, 767, 768, 1023,
  1024, 1025, 2048, 2049, 3073, 4096, 6144, 7168, 8193, 15_361, 16_384, 16_385, 32_769, 65_535, 65_536, 65_537, 131_072,
  131_073, 262_145, 700_001,
]

/** Bytes that nobody repeats, `skip` into memory. */
function noise(length: number, skip = 0): Uint8Array {
  return fill(new Uint8Array(new ArrayBuffer(length + skip), skip), 'uint8', length + 1)
}

/** Runs a call on every lane; each must give just this. */
async function everywhere(data: () => unknown, options: object, expected: unknown): Promise<void> {
  const items = Array.isArray(expected) ? expected.length : 1
  for (const { name, run } of lanes) {
    expect(await run(hash as AnyKernel, [data()], options, items), name).toEqual(expected)
  }
}

describe('digests', () => {
  it('of blake3 are the published ones', async () => {
    for (const [length, expected] of Object.entries(blake3Vectors)) {
      await everywhere(() => counting(Number(length)), {}, expected)
    }
  })

  it('of xxh3 are those of libxxhash, with and without a seed', async () => {
    for (const [length, narrow, wide] of xxh3Vectors) {
      await everywhere(() => counting(length), { algorithm: 'xxh3' }, narrow)
      await everywhere(() => counting(length), { algorithm: 'xxh3-128', seed: 0 }, wide)
    }
    for (const [length, narrow, wide] of xxh3SeededVectors) {
      await everywhere(() => counting(length), { algorithm: 'xxh3', seed: xxh3Seed }, narrow)
      await everywhere(() => counting(length), { algorithm: 'xxh3-128', seed: xxh3Seed }, wide)
    }
    const small = await hash('seed', { algorithm: 'xxh3', seed: 2 ** 40 + 1 })
    expect(await hash('seed', { algorithm: 'xxh3', seed: 2n ** 40n + 1n })).toBe(small)
    expect(await hash('seed', { algorithm: 'xxh3' })).not.toBe(small)
  })

  it('of crc32c are those of RFC 3720', async () => {
    const vectors: readonly [number[], string][] = [
      [Array.from({ length: 32 }, () => 0), '8a9136aa'],
      [Array.from({ length: 32 }, () => 255), '62a8ab43'],
      [Array.from({ length: 32 }, (_, i) => i), '46dd794e'],
      [Array.from({ length: 32 }, (_, i) => 31 - i), '113fdb5c'],
    ]
    for (const [bytes, expected] of vectors) {
      await everywhere(() => Uint8Array.from(bytes), { algorithm: 'crc32c' }, expected)
    }
    await everywhere(() => '123456789', { algorithm: 'crc32c' }, 'e3069283')
  })

  it('of sha256 are those of NIST', async () => {
    const vectors = {
      '': 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      abc: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq:
        '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
      ['a'.repeat(1_000_000)]: 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
    }
    for (const [text, expected] of Object.entries(vectors)) {
      await everywhere(() => text, { algorithm: 'sha256' }, expected)
    }
  })

  it('are right for every length and place', async () => {
    const definitions = { blake3: blake3Of, crc32c: crc32cOf, sha256: sha256Of }
    for (const [algorithm, define] of Object.entries(definitions)) {
      for (const [i, length] of lengths.entries()) {
        const data = noise(length, i % 5)
        await everywhere(() => data, { algorithm }, define(data))
      }
    }
  })

  it('of xxh3 agree between one buffer and a stream of it', async () => {
    // The vectors end below a segment; there is one definition, cut in other ways.
    for (const algorithm of ['xxh3', 'xxh3-128'] as const) {
      const data = noise(5_000_011, 3)
      const whole = hash.sync(data, { algorithm })
      await everywhere(() => data, { algorithm }, whole)
      expect(await hash(cut(data, 333_333), { algorithm })).toBe(whole)
    }
  })

  it('are the same bytes in a Buffer', async () => {
    for (const algorithm of algorithms) {
      const data = noise(100_000)
      const hex = await hash(data, { algorithm })
      const digest = await hash(data, { algorithm, output: 'buffer' })
      expect(Buffer.isBuffer(digest)).toBe(true)
      expect(digest.toString('hex')).toBe(hex)
      await everywhere(() => data, { algorithm, output: 'buffer' }, digest)
    }
  })
})

async function* cut(data: Uint8Array, size: number) {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
}

describe('bytes', () => {
  it('are what memory holds, whatever the elements', async () => {
    for (const dtype of dtypes) {
      const { input } = plain(dtype, 1001, 3)
      const array = input as Uint8Array
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      await everywhere(() => array, { algorithm: 'sha256' }, sha256Of(bytes))
    }
    expect(classOf('uint8')).toBe(Uint8Array)
  })

  it('come as Buffer, DataView, ArrayBuffer, SharedArrayBuffer and text', async () => {
    const bytes = Buffer.from('grüße, 世界 👋', 'utf8')
    const expected = sha256Of(bytes)
    const shared = alloc(Uint8Array, bytes.length)
    shared.set(bytes)
    const buffer = Uint8Array.from(bytes).buffer
    const forms = [bytes, new DataView(buffer), buffer, shared, shared.buffer, 'grüße, 世界 👋']
    for (const form of forms) await everywhere(() => form, { algorithm: 'sha256' }, expected)
    await everywhere(
      () => forms,
      { algorithm: 'sha256' },
      Array.from({ length: forms.length }, () => expected),
    )
    const part = new DataView(buffer, 3, 5)
    expect(await hash(part, { algorithm: 'sha256' })).toBe(sha256Of(bytes.subarray(3, 8)))
    const lone = '\ud800'
    expect(await hash(lone, { algorithm: 'sha256' })).toBe(createHash('sha256').update(lone, 'utf8').digest('hex'))
  })
})

describe('lists', () => {
  it('give a digest of each item, in order', async () => {
    for (const algorithm of algorithms) {
      const items = [...lengths, ...lengths.toReversed()].map((length, i) => noise(length, i % 3))
      const expected = items.map((item) => hash.sync(item, { algorithm }))
      await everywhere(() => items, { algorithm }, expected)
    }
    await everywhere(() => [], {}, [])
    await everywhere(() => ['a'], { algorithm: 'crc32c' }, [crc32cOf(Buffer.from('a'))])
  })

  it('of large items use them where they are', async () => {
    const next = random(5)
    const items = Array.from({ length: 40 }, (_, i) => noise(50_000 + (next() % 100_000) + (i === 7 ? 600_000 : 0)))
    await everywhere(() => items, { algorithm: 'sha256' }, items.map(sha256Of))
    await everywhere(
      () => items,
      { algorithm: 'blake3' },
      items.map((item) => hash.sync(item)),
    )
    const buffers = await hash(items, { algorithm: 'sha256', output: 'buffer' })
    expect(buffers.map((digest) => digest.toString('hex'))).toEqual(items.map(sha256Of))
  })

  it('may be longer than one call of the pool takes', async () => {
    const items = Array.from({ length: 2500 }, (_, i) => noise(4097 + (i % 50)))
    expect(await hash(items, { algorithm: 'sha256' })).toEqual(items.map(sha256Of))
  })

  it('of very many small items are packed without holding the event loop', async () => {
    const items = Array.from({ length: 50_000 }, (_, i) => (i % 3 === 0 ? `item ${i}` : noise(i % 100)))
    let turns = 0
    const timer = setInterval(() => turns++, 0)
    const task = hash(items, { algorithm: 'sha256' })
    const digests = await task
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
    for (const i of [0, 1, 49_999]) expect(digests[i]).toBe(sha256Of(Buffer.from(items[i] as string)))
    expect(hash.sync(items, { algorithm: 'sha256' })).toEqual(digests)
    expect(task.progress).toBe(1)
  })

  it('are read when the call is made', async () => {
    const items: unknown[] = Array.from({ length: 20_000 }, (_, i) => `item ${i}`)
    const task = hash(items as string[], { algorithm: 'crc32c' })
    items.fill(5)
    expect((await task)[19_999]).toBe(crc32cOf(Buffer.from('item 19999')))
  })

  it('stop when they are cancelled', async () => {
    const items = Array.from({ length: 200_000 }, (_, i) => `item ${i}`)
    const task = hash(items)
    setImmediate(() => task.cancel(new Error('enough')))
    await expect(task).rejects.toThrow('enough')
  })
})

describe('large buffers', () => {
  it.each(algorithms)('of %s can be cancelled, and show how far they are', async (algorithm: HashAlgorithm) => {
    const data = new Uint8Array(300_000_000)
    const shown: number[] = []
    const done = hash(data, { algorithm, threads: 1, onProgress: (fraction) => shown.push(fraction) })
    await done
    expect(shown.at(-1)).toBe(1)
    expect(shown).toEqual(shown.toSorted((a, b) => a - b))
    const task = hash(data, { algorithm })
    setImmediate(() => task.cancel())
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
  })
})
