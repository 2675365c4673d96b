import { histogram, ndarray } from 'offloop'
import type { HistogramOptions } from 'offloop'
import { describe, expect, it } from 'vitest'

import { unit } from '../helpers/exact.ts'
import { checkKernel } from '../helpers/lanes.ts'
import type { AnyKernel, Case } from '../helpers/lanes.ts'
import { classOf, dtypes, isBig, isFloat, plain, random, sizes, views } from '../helpers/views.ts'
import type { Sample, TestDType, Value } from '../helpers/views.ts'

/** The counts alone, for checkKernel; edges are compared by themselves. */
const counts = Object.assign((...args: unknown[]) => withCounts((histogram as unknown as AnyKernel)(...args)), {
  sync: (...args: unknown[]) => ((histogram as unknown as AnyKernel).sync(...args) as { counts: unknown }).counts,
})

function withCounts(task: ReturnType<AnyKernel>) {
  const promise = task.then((result) => (result as { counts: unknown }).counts)
  const of = (key: 'backend' | 'status' | 'progress' | 'timing') => ({ get: () => task[key] })
  return Object.defineProperties(promise, {
    backend: of('backend'),
    status: of('status'),
    progress: of('progress'),
    timing: of('timing'),
  })
}

/** By comparing every element with every edge. */
function define(values: ArrayLike<Value>, edges: readonly number[], weights?: ArrayLike<number>): number[] {
  const bins = edges.length - 1
  const result = Array<number>(bins).fill(0)
  for (let i = 0; i < values.length; i++) {
    const x = Number(values[i])
    if (!(x >= edges[0] && x <= edges[bins])) continue
    let bin = 0
    while (bin < bins - 1 && x >= edges[bin + 1]) bin++
    result[bin] += weights === undefined ? 1 : weights[i]
  }
  return result
}

function even(low: number, high: number, bins: number): number[] {
  return Array.from({ length: bins + 1 }, (_, i) => (i === bins ? high : low + i * ((high - low) / bins)))
}

function spread(values: ArrayLike<Value>): [number, number] {
  const numbers = Array.from(values, Number).filter((x) => !Number.isNaN(x))
  if (numbers.length === 0) return [0, 1]
  const low = numbers.reduce((a, b) => Math.min(a, b))
  const high = numbers.reduce((a, b) => Math.max(a, b))
  return low === high ? [low - 0.5, high + 0.5] : [low, high]
}

function counted({ name, input, values }: Sample, options: HistogramOptions): Case {
  const { bins = 10, range = spread(values), edges } = options
  const list = edges === undefined ? even(range[0], range[1], bins) : Array.from(edges as readonly number[])
  return {
    name: `${name} ${JSON.stringify(options)}`,
    args: () => [input],
    options: () => options,
    expected: { values: define(values, list) },
  }
}

/** A range that most values of the dtype are in. */
function rangeOf(dtype: TestDType): [number, number] {
  if (isFloat(dtype)) return [-3, 5]
  if (isBig(dtype)) return dtype === 'bigint64' ? [-(2 ** 63), 2 ** 63] : [0, 2 ** 64]
  const bits = Number(/\d+/.exec(dtype)?.[0])
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

describe.each(dtypes)('a histogram of %s', (dtype) => {
  it('is right for every size and place', async () => {
    await checkKernel(
      counts,
      sizes.slice(1).flatMap((size, i) => {
        const sample = plain(dtype, size, i % 4, i % 5 === 0)
        const [low, high] = rangeOf(dtype)
        return [
          counted(sample, {}),
          counted(sample, { bins: 7, range: [low, high] }),
          counted(sample, { edges: [low, low / 3, 0, 1, high / 2].toSorted((a, b) => a - b) }),
        ]
      }),
    )
  })

  it('is right for every view', async () => {
    await checkKernel(
      counts,
      views(dtype)
        .filter(({ values }) => values.length > 0)
        .map((view) => counted(view, { bins: 13 })),
    )
  })
})

describe('a histogram', () => {
  it('puts what is on an edge where the edge says', async () => {
    for (const [low, high, bins] of [
      [0, 1, 10],
      [0.1, 0.7, 3],
      [-1 / 3, 1 / 7, 49],
      [0, 255, 255],
      [1e9, 1e9 + 1, 64],
      [1e15, 1e15 + 8, 10],
      [1, 1 + 2 ** -50, 9],
      [-1e-310, 1e-310, 5],
      [-1e308, 7e307, 100],
    ]) {
      const edges = even(low, high, bins)
      const near = edges.flatMap((edge) => [edge, below(edge), above(edge)])
      const input = Float64Array.from([...near, ...near])
      await checkKernel(counts, [
        counted(
          { name: `edges ${low} ${high}`, input, shape: [input.length], values: input },
          { bins, range: [low, high] },
        ),
        counted({ name: `edges ${low} ${high}`, input, shape: [input.length], values: input }, { edges }),
      ])
      expect([...(await histogram(input, { bins, range: [low, high] })).edges]).toEqual(edges)
    }
  })

  it('finds uneven bins of every kind', async () => {
    const input = plain('float64', 20_000).input as Float64Array
    const sample = { name: 'noise', input, shape: [input.length], values: input }
    const next = random(3)
    await checkKernel(counts, [
      counted(sample, { edges: [-Infinity, 0, Infinity] }),
      counted(sample, { edges: [-Infinity, -1, -1, 2] }),
      counted(sample, { edges: [0, Infinity] }),
      counted(sample, { edges: [-Infinity, Infinity] }),
      counted(sample, { edges: [1, 1] }),
      counted(sample, { edges: [-1e308, 0, 1e308] }),
      counted(sample, { edges: Array.from({ length: 600 }, (_, i) => 2 ** (i / 2 - 297)) }),
      counted(sample, { edges: Array.from({ length: 257 }, () => next() / 2 ** 30 - 2).toSorted((a, b) => a - b) }),
    ])
  })

  it('leaves out NaN, and what lies outside', async () => {
    const x = new Float64Array([NaN, -1, 0, 0.5, 1, 2, Infinity, -Infinity, -0])
    const { counts: found } = await histogram(x, { bins: 2, range: [0, 1] })
    expect([...found]).toEqual([2, 2])
    expect(await histogram(new Float64Array([NaN]), { bins: 1 })).toEqual({
      counts: new Float64Array([0]),
      edges: new Float64Array([0, 1]),
    })
    const special = new Float64Array(1000).map((_, i) => (i % 3 === 0 ? NaN : i))
    await checkKernel(counts, [counted({ name: 'NaN', input: special, shape: [1000], values: special }, { bins: 9 })])
  })

  it('is right over many blocks, with few bins and with many', async () => {
    for (const dtype of ['float64', 'uint8', 'int8', 'int32'] as const) {
      const sample = plain(dtype, 3 * 131072 + 17, 1)
      const numbers = Float64Array.from(sample.values as ArrayLike<number>)
      for (const bins of [1, 256, 5000, ...(dtype === 'float64' ? [70_000] : [])]) {
        const [low, high] = rangeOf(dtype)
        // The same by looking up, which the tests above have compared with definition.
        const edges = Float64Array.from(even(low, high, bins))
        const values = Array<number>(bins).fill(0)
        for (const x of numbers) {
          if (!(x >= low && x <= high)) continue
          let bin = Math.min(bins - 1, Math.floor(((x - low) / (high - low)) * bins))
          while (x < edges[bin]) bin--
          while (bin < bins - 1 && x >= edges[bin + 1]) bin++
          values[bin]++
        }
        await checkKernel(counts, [
          {
            name: `${dtype} ${bins}`,
            args: () => [sample.input],
            options: () => ({ bins, range: [low, high] }),
            expected: { values },
          },
        ])
      }
    }
  })

  it('adds up weights in one order', async () => {
    for (const [length, bins] of [
      [100, 5],
      [300_001, 40],
      [150_000, 70_000],
    ]) {
      const x = (plain('float32', length).input as Float32Array).map((value) => Math.abs(value) % 1)
      const weights = plain('float64', length, 0, false, 9).input as Float64Array
      const magnitudes = Array<number>(bins).fill(0)
      const values = Array<number>(bins).fill(0)
      x.forEach((value, i) => {
        const bin = Math.min(bins - 1, Math.floor(value * bins))
        values[bin] += weights[i]
        magnitudes[bin] += Math.abs(weights[i])
      })
      // Both are sums of the same terms in some order.
      const errors = magnitudes.map((size) => 2 * length * unit * size)
      await checkKernel(counts, [
        {
          name: `weights ${length}`,
          args: () => [x],
          options: () => ({ bins, range: [0, 1], weights }),
          expected: { values, errors },
        },
      ])
    }
    const table = ndarray(new Int16Array([0, 1, 2, 3]), [2, 2])
    const { counts: sums } = await histogram(table.T, {
      bins: 2,
      weights: ndarray(new Uint8Array([1, 2, 3, 4]), [2, 2]),
    })
    expect([...sums]).toEqual([1 + 3, 2 + 4])
  })

  it('of nothing, or of one value, has a range all the same', async () => {
    expect(await histogram(new Float64Array(0), { bins: 2 })).toEqual({
      counts: new Float64Array(2),
      edges: new Float64Array([0, 0.5, 1]),
    })
    expect(histogram.sync(new Uint8Array([7, 7]), { bins: 2 })).toEqual({
      counts: new Float64Array([0, 2]),
      edges: new Float64Array([6.5, 7, 7.5]),
    })
  })

  it('refuses what it can not do, in words', async () => {
    const x = new Float64Array([1, Infinity])
    await expect(histogram(x)).rejects.toThrow('Expected `range` to be given, where the elements have no finite one')
    await expect(histogram(x, { bins: 0 })).rejects.toThrow(
      'Expected `bins` to be an integer from 1 to 16777216, got `0`',
    )
    await expect(histogram(x, { range: [2, 1] })).rejects.toThrow(
      'Expected `range[1]` to be at least range[0], which is 2',
    )
    await expect(histogram(x, { range: [1] as never })).rejects.toThrow(
      'Expected `range` to be two numbers, [low, high]',
    )
    await expect(histogram(x, { range: [-1e308, 1e308] })).rejects.toThrow('Expected `range` to be of a finite width')
    await expect(histogram(x, { edges: [1] })).rejects.toThrow(
      'Expected `edges` to be an array of at least two numbers',
    )
    await expect(histogram(x, { edges: [2, 1] })).rejects.toThrow(
      'Expected `edges[1]` to be at least 2, the one before',
    )
    await expect(histogram(x, { edges: [0, NaN] })).rejects.toThrow('Expected `edges[1]` to be a number')
    await expect(histogram(x, { edges: [0, 1], bins: 1 })).rejects.toThrow('Expected `bins` to be left out')
    await expect(histogram(x, { weights: new Float64Array(3) })).rejects.toThrow('Expected `weights.shape` to be [2]')
    expect(() => histogram.sync([1] as never)).toThrow('Expected `x` to be a typed array')
    expect(classOf('float64')).toBe(Float64Array)
  })
})

const word = new Float64Array(1)
const bits = new BigInt64Array(word.buffer)
function step(x: number, by: bigint): number {
  word[0] = x
  if (x === 0) return by > 0n ? 5e-324 : -5e-324
  bits[0] += x > 0 ? by : -by
  return word[0]
}
const above = (x: number) => step(x, 1n)
const below = (x: number) => step(x, -1n)
