import { ndarray, unique } from 'offloop'
import type { TypedArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { fewSizes, isSame, longSamples, orderOf, patterns, plain } from '../helpers/order.ts'
import { dtypes, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

const arrays: Record<
  string,
  new (length: number) => Record<number, number | bigint> & Iterable<number | bigint> & TypedArray
> = {
  float64: Float64Array,
  float32: Float32Array,
  uint32: Uint32Array,
  bigint64: BigInt64Array,
}

const asks = [{}, { counts: true }, { inverse: true }, { counts: true, inverse: true }]

describe.each(dtypes)('the different values of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      unique,
      fewSizes.map((size, i) => found(plain(dtype, size, i % 4, i % 5 === 0), asks[i % 4])),
    )
  })

  it('are right for every view and pattern', async () => {
    await checkKernel(
      unique,
      views(dtype).map((view, i) => found(view, asks[i % 4])),
    )
    await checkKernel(
      unique,
      patterns(dtype, 5000).flatMap((sample) => asks.map((ask) => found(sample, ask))),
    )
  })
})

describe('the different values', () => {
  it.each(['float64', 'int32'] as const)('of long arrays of %s are right', async (dtype) => {
    const samples = longSamples(dtype)
    await checkKernel(
      unique,
      samples.map((sample, i) => found(sample, asks[3 - (i % 4)])),
    )
  })

  // Long enough to be sorted in buckets, which find them on their way.
  it.each(['float64', 'float32', 'uint32', 'bigint64'] as const)('of many %s are right, however few', async (dtype) => {
    for (const kinds of [1, 2, 40, 5000, 1e9]) {
      const x = new arrays[dtype](140_001 + (kinds % 77))
      for (let i = 0; i < x.length; i++) {
        const random = Math.imul(i ^ 0x5bd1e995, 0x9e3779b1) >>> 0
        const kind = (random ^ (random >>> 15)) % kinds
        const isFloat = dtype.startsWith('float')
        x[i] = isFloat && kind % 4 === 0 ? [0, -0, NaN, -kind][random % 3] : dtype === 'bigint64' ? BigInt(kind) : kind
      }
      const times = new Map<number | bigint, number>()
      for (const value of x) times.set(value, (times.get(value) ?? 0) + 1)
      const order = [...times.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : Number(a !== a) - Number(b !== b)))
      for (const threads of [1, 2]) {
        const { values, counts } = await unique(x, { counts: true, threads, backend: 'native' })
        expect(Array.from(values as ArrayLike<number | bigint>)).toEqual(order)
        expect([...counts]).toEqual(order.map((value) => times.get(value)))
        expect(values.buffer.byteLength).toBe(values.byteLength)
        const alone = await unique(x, { threads, backend: 'native' })
        expect(alone).toEqual({ values })
        expect(Array.from(alone.values as ArrayLike<unknown>).some((value) => Object.is(value, -0))).toBe(false)
      }
    }
  })

  it('are one zero and one NaN, in arrays of exactly their length', async () => {
    const { values, counts, inverse } = await unique(new Float64Array([-0, NaN, 0, 1, NaN, -0]), {
      counts: true,
      inverse: true,
    })
    expect([...values]).toEqual([0, 1, NaN])
    expect([...counts]).toEqual([3, 1, 2])
    expect([...inverse]).toEqual([0, 2, 0, 1, 2, 0])
    expect(values.buffer.byteLength).toBe(24)
    expect(Object.keys(await unique(new Uint8Array(3)))).toEqual(['values'])
    expect([...unique.sync(ndarray(new Int16Array([2, 1, 2, 2]), [2, 2])).values]).toEqual([1, 2])
  })

  it('say what is wrong', async () => {
    await expect(unique(new Int8Array(1), { counts: 1 as never })).rejects.toThrow('Expected `counts` to be a boolean')
    await expect(unique('text' as never)).rejects.toThrow(TypeError)
  })
})

function found(sample: Sample, ask: { counts?: boolean; inverse?: boolean }): Case {
  const { values } = sample
  const different: Value[] = []
  const counts: number[] = []
  const inverse: number[] = []
  for (const index of orderOf(values)) {
    const value = values[index]
    if (different.length === 0 || !isSame(different[different.length - 1], value)) {
      different.push(value === 0 ? 0 : value)
      counts.push(0)
    }
    counts[counts.length - 1]++
    inverse[index] = different.length - 1
  }
  return {
    name: `${sample.name} ${JSON.stringify(ask)}`,
    args: () => [sample.input],
    options: () => ask,
    expected: { values: [...different, ...(ask.counts ? counts : []), ...(ask.inverse ? inverse : [])] },
  }
}
