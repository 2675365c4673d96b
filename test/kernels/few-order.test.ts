import {
  argsort,
  bincount,
  cumprod,
  cumsum,
  diff,
  histogram,
  levenshtein,
  median,
  ndarray,
  partition,
  quantile,
  rank,
  searchsorted,
  sort,
  topk,
  transpose,
  unique,
} from 'offloop'
import { describe, expect, it } from 'vitest'

// Short calls without options stay in JavaScript; any options send the same call to the backend, or to the reference.
const elsewhere = [{}, { backend: 'inline' }] as const
type Sync = (...args: unknown[]) => unknown

/** Beyond the longest arrays that stay, with a few between. */
const lengths = [...Array.from({ length: 34 }, (_, i) => i + 1), 100, 127, 128, 129, 256, 257]
const types = [Float64Array, Float32Array, Int32Array, Uint16Array, Uint8ClampedArray, Int8Array]
const specials = [NaN, Infinity, -Infinity, 0, -0, 5e-324, -1e-45, 1e308, -1e308, 1, -1]

function* numbers(count: number): Generator<number[]> {
  let state = count * 2654435761 + 1
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
  const plain = Array.from({ length: count }, () => (next() - 0.5) * 10 ** Math.floor(next() * 7 - 3))
  yield plain
  yield plain.map((x) => Math.round(x))
  yield plain.map(() => Math.floor(next() * 100))
  yield plain.map((_, i) => (i % 2 === count % 2 ? 0 : -0))
  yield plain.map(() => specials[Math.floor(next() * specials.length)])
  yield plain.with(count >> 1, NaN)
  yield plain.with(count >> 1, -0).with(count - 1, 0)
}

function compare(kernel: { sync: unknown }, ...args: unknown[]): void {
  const sync = kernel.sync as Sync
  const outcome = (options: readonly unknown[]) => {
    try {
      return sync(...args, ...options)
    } catch (error) {
      return String(error)
    }
  }
  const here = outcome([])
  for (const options of elsewhere) {
    const there = outcome([options])
    if (!isSame(here, there)) expect(here, `${String(args)} ${JSON.stringify(options)}`).toStrictEqual(there)
  }
}

// Expecting is slow: only what differs is worth its message.
function isSame(a: unknown, b: unknown): boolean {
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) {
    const [x, y] = [a, b] as unknown as [Float64Array, Float64Array]
    return x.constructor === y.constructor && x.length === y.length && x.every((value, i) => Object.is(value, y[i]))
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return Object.is(a, b)
  const keys = Object.keys(a)
  const [x, y] = [a, b] as Record<string, unknown>[]
  return keys.join() === Object.keys(b).join() && keys.every((key) => isSame(x[key], y[key]))
}

describe.each(types)('few elements of a %o', (Type) => {
  function forEach(of: (x: InstanceType<typeof Type>, count: number) => void): void {
    for (const count of lengths) for (const list of numbers(count)) of(Type.from(list), count)
  }

  it.each([sort, argsort, unique, rank, median].map((kernel) => [kernel.name, kernel] as const))(
    '%s gives the same bits as elsewhere',
    (_, kernel) => forEach((x) => compare(kernel, x)),
  )

  it.each([cumsum, cumprod, diff, histogram].map((kernel) => [kernel.name, kernel] as const))(
    '%s gives the same bits as elsewhere',
    (_, kernel) => forEach((x) => compare(kernel, x)),
  )

  it('topk and partition give the same bits as elsewhere', () =>
    forEach((x, count) => {
      for (const k of [0, 1, 3, count >> 1, count - 1, count, count + 1, 0.5]) {
        compare(topk, x, k)
        compare(partition, x, k)
      }
    }))

  it('quantile gives the same bits as elsewhere', () =>
    forEach((x) => {
      for (const q of [0, 0.1, 1 / 3, 0.5, 0.95, 1, 1.5, NaN]) compare(quantile, x, q)
    }))

  it('searchsorted gives the same bits as elsewhere', () =>
    forEach((x) => {
      const sorted = x.toSorted()
      compare(searchsorted, sorted, x)
      compare(searchsorted, sorted, x.subarray(0, 5))
      compare(searchsorted, sorted.subarray(0, 5), x)
    }))
})

describe('few integers', () => {
  it.each([Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array])(
    'of a %o are counted as elsewhere',
    (Type) => {
      for (const count of lengths) {
        for (const list of numbers(count)) {
          compare(bincount, Type.from(list))
          compare(bincount, Type.from(list.map(Math.abs)))
        }
      }
    },
  )
})

describe('few elements', () => {
  it('of other types, and none, go elsewhere', () => {
    for (const x of [new BigInt64Array([3n, -1n, 2n]), new BigUint64Array(0), new Float64Array(0), [1, 2], 'ab']) {
      for (const kernel of [sort, argsort, unique, rank, median, cumsum, cumprod, diff, histogram, bincount]) {
        compare(kernel, x)
      }
      for (const kernel of [topk, partition, quantile]) compare(kernel, x, 0)
      compare(searchsorted, (x as Float64Array).slice(0, 1), x)
      compare(searchsorted, new Float64Array([1, 2]), x)
    }
  })

  it('of a matrix are transposed as elsewhere', () => {
    for (const [rows, columns] of [
      [1, 1],
      [1, 9],
      [4, 4],
      [3, 7],
      [11, 11],
      [12, 11],
      [0, 3],
    ]) {
      const data = Float32Array.from({ length: 1 + 2 * rows * columns }, (_, i) => i / 3)
      compare(transpose, ndarray(data, [rows, columns], undefined, 1))
      compare(transpose, ndarray(data, [rows, columns], undefined, 1).T)
      compare(transpose, ndarray(data, [rows, columns], [2 * columns, 2]))
      compare(transpose, ndarray(data, [rows, columns], [columns, -1], Math.max(columns - 1, 0)))
      compare(transpose, ndarray(new BigInt64Array(200).fill(-5n), [rows, columns]))
    }
    const gone = ndarray(new Float64Array(12), [3, 4])
    structuredClone(gone.data, { transfer: [gone.data.buffer] })
    expect(() => transpose.sync(gone)).toThrow(TypeError)
  })

  it('of text are compared as elsewhere', () => {
    const alphabets = ['ab', 'abcdefghijklmnopqrstuvwxyz', 'aé😀\0\x7f\x80']
    for (const [seed, alphabet] of alphabets.entries()) {
      let state = seed + 1
      const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
      const text = (length: number) =>
        Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
      for (const length of [0, 1, 2, 7, 31, 32, 33]) {
        const list = [0, 1, 5, 30, 32, 33, 64].map(text)
        for (let i = 0; i < 8; i++) compare(levenshtein, text(length), list)
        compare(levenshtein, text(length), [text(65)])
        compare(
          levenshtein,
          text(length),
          Array.from({ length: 17 }, (_, i) => text(i)),
        )
      }
    }
    for (const list of [[], ['a', 1], ['a', undefined, 'b'], 'ab', [null]]) compare(levenshtein, 'ab', list)
  })

  it('of a detached array are missed', () => {
    const x = new Float64Array(8)
    structuredClone(x, { transfer: [x.buffer] })
    for (const kernel of [sort, argsort, unique, rank, median, cumsum, cumprod, diff, histogram]) {
      expect(() => (kernel.sync as Sync)(x), kernel.name).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_DETACHED' }),
      )
    }
    expect(() => searchsorted.sync(new Float64Array(2), x)).toThrow(TypeError)
  })
})
