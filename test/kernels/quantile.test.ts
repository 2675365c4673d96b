import { ndarray, NDArray, quantile } from 'offloop'
import type { QuantileMethod } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { compare, fewSizes, longSamples, plain } from '../helpers/order.ts'
import { dtypes, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

/** The nine definitions of Hyndman and Fan (1996): m of each, and what j + g makes of the weight of x[j + 1]. */
const definitions: Readonly<
  Record<string, readonly [m: (p: number) => number, weight: (j: number, g: number) => number]>
> = {
  inverted_cdf: [() => 0, (_, g) => (g > 0 ? 1 : 0)],
  averaged_inverted_cdf: [() => 0, (_, g) => (g > 0 ? 1 : 0.5)],
  closest_observation: [() => -0.5, (j, g) => (g === 0 && j % 2 === 0 ? 0 : 1)],
  interpolated_inverted_cdf: [() => 0, (_, g) => g],
  hazen: [() => 0.5, (_, g) => g],
  weibull: [(p) => p, (_, g) => g],
  linear: [(p) => 1 - p, (_, g) => g],
  median_unbiased: [(p) => (p + 1) / 3, (_, g) => g],
  normal_unbiased: [(p) => p / 4 + 3 / 8, (_, g) => g],
}
const methods = Object.keys(definitions) as QuantileMethod[]
/** Sums and products of these are exact. */
const fractions = [0, 0.25, 0.5, 0.75, 1]

describe.each(dtypes)('quantiles of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      quantile,
      fewSizes.map((size, i) => asked(plain(dtype, size, i % 4, i % 5 === 0), fractions, methods[i % 9])),
    )
  })

  it('are right for every view', async () => {
    await checkKernel(
      quantile,
      views(dtype).map((view, i) => asked(view, fractions, methods[i % 9])),
    )
  })
})

describe('quantiles', () => {
  it.each(methods)('by %s are those of the definition', async (method) => {
    const samples = [4, 8, 12, 33, 1000].map((size) => plain('float64', size))
    await checkKernel(
      quantile,
      samples.flatMap((sample) => [asked(sample, fractions, method), asked(sample, [0.5], method)]),
    )
  })

  it('of long lines are right, few of them and many', async () => {
    const many = Array.from({ length: 17 }, (_, i) => i / 16)
    for (const sample of longSamples('float64')) {
      await checkKernel(quantile, [asked(sample, fractions, 'linear'), asked(sample, many, 'hazen')])
    }
    await checkKernel(quantile, [asked(plain('int16', 200_000), fractions, 'linear')])
    await checkKernel(quantile, [asked(plain('biguint64', 200_000), [0.25, 0.75], 'linear')])
  })

  it('between two elements are lower, higher, midpoint or nearest', async () => {
    const x = new Float64Array([1, 2, 3, 4])
    const of = async (method: QuantileMethod, q: number) => quantile(x, q, { method })
    expect(await Promise.all([0.2, 0.5, 0.6].map((q) => of('lower', q)))).toEqual([1, 2, 2])
    expect(await Promise.all([0.2, 0.5, 0.6].map((q) => of('higher', q)))).toEqual([2, 3, 3])
    expect(await Promise.all([0.2, 0.5, 1].map((q) => of('midpoint', q)))).toEqual([1.5, 2.5, 4])
    expect(await Promise.all([0.2, 0.5, 0.6].map((q) => of('nearest', q)))).toEqual([2, 3, 3])
  })

  it('are NaN where there is a NaN, unless they are skipped, and of nothing', async () => {
    for (const length of [50, 200_001]) {
      const x = Float64Array.from({ length }, (_, i) => (i % 5 === 2 ? NaN : i))
      const sorted = x.filter((value) => !Number.isNaN(value)).toSorted()
      const middle = (sorted.length - 1) / 2
      const expected = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2
      for (const backend of ['native', 'inline'] as const) {
        expect(await quantile(x, 0.5, { backend })).toBeNaN()
        expect(await quantile(x, 0.5, { backend, skipNaN: true })).toBe(expected)
        expect(await quantile(x.fill(NaN, 0, 0), [0, 1], { backend, skipNaN: true })).toEqual(
          Float64Array.of(sorted[0], sorted[sorted.length - 1]),
        )
      }
    }
    expect(await quantile(new Float64Array(0), 0.5)).toBeNaN()
    expect(await quantile(new Float64Array([NaN]), 0.5, { skipNaN: true })).toBeNaN()
  })

  it('do not overflow, nor lose infinity', async () => {
    const most = Number.MAX_VALUE
    expect(await quantile(new Float64Array([-most, most]), 0.5)).toBe(0)
    expect(await quantile(new Float64Array([Infinity, Infinity, 1]), 0.5)).toBe(Infinity)
    expect(await quantile(new Float64Array([-Infinity, 0, 1]), 0.5)).toBe(0)
  })

  it('go along axes, with the axis of the fractions first', async () => {
    const table = ndarray(
      Float64Array.from({ length: 24 }, (_, i) => (i * 7) % 24),
      [2, 3, 4],
    )
    const result = await quantile(table, [0, 0.5], { axis: [0, 2] })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.toNested()).toEqual([
      [0, 1, 3],
      [10.5, 12, 12.5],
    ])
    expect((await quantile(table, [0, 0.5], { axis: 1, keepdims: true })).shape).toEqual([2, 2, 1, 4])
    expect((await quantile(table, 0.5, { axis: -1 })).shape).toEqual([2, 3])
    expect((await quantile(table.T, 0.5, { axis: [2, 0], backend: 'inline' })).toNested()).toEqual([10.5, 12, 12.5])
  })

  it('say what is wrong', async () => {
    const x = new Float64Array(4)
    await expect(quantile(x, 1.5)).rejects.toThrow('Expected `q` to be a number from 0 to 1, got `1.5` (number)')
    await expect(quantile(x, [0, NaN])).rejects.toThrow(
      'Expected `q[1]` to be a number from 0 to 1, got `NaN` (number)',
    )
    await expect(quantile(x, '0' as never)).rejects.toThrow(
      'Expected `q` to be a number from 0 to 1, or an array of them',
    )
    await expect(quantile(x, 0, { method: 'best' as never })).rejects.toThrow('Expected `method` to be one of')
    await expect(quantile(x, 0, { axis: [0, 0] })).rejects.toThrow('Expected `axis` to be different axes')
    await expect(quantile(x, 0, { out: x } as never)).rejects.toThrow('Expected `out` to be left out')
  })
})

/** Of all elements, as numbers. A result may be off by what interpolation rounds: 4 ulp of the greater neighbour. */
function asked(sample: Sample, q: readonly number[], method: QuantileMethod): Case {
  const sorted = Array.from<Value>(sample.values).toSorted(compare).map(Number)
  const n = sorted.length
  const [m, weight] = definitions[method]
  const at = (j: number) => sorted[Math.min(Math.max(j, 1), n) - 1]
  const hasNaN = n === 0 || sorted.some(Number.isNaN)
  const pairs = q.map((p) => {
    const place = n * p + m(p)
    const j = Math.floor(place)
    const share = weight(j, place - j)
    const [low, high] = [at(j), at(j + 1)]
    const value = low === high || share === 0 ? low : share === 1 ? high : low * (1 - share) + high * share
    return { value: hasNaN ? NaN : value, error: 4 * 2 ** -52 * n * Math.max(Math.abs(low), Math.abs(high)) }
  })
  return {
    name: `${sample.name} ${method}`,
    args: () => [sample.input, q],
    options: () => ({ method }),
    expected: { values: pairs.map(({ value }) => value), errors: pairs.map(({ error }) => error) },
  }
}
