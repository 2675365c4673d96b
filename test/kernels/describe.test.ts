import { describe as describeArray, max, min, ndarray, std, variance } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineDescribe as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials, sampleOf } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'

describe('the description', () => {
  it.each(dtypes)('is right for every size and place of %s', (dtype) => checkSizes(describeArray, define, dtype, 1, 1))
  it.each(['int16', 'bigint64'] as const)('is right for every view and axis of %s', (dtype) =>
    checkViews(describeArray, define, dtype, (view) => [view], true),
  )

  it('is right for special values, with and without NaN', () => checkSpecials(describeArray, define))

  it.each(['float64'] as const)('is right for half a million of %s', async (dtype) => {
    await checkKernel(describeArray, [reduce(define, dtype, [plain(dtype, 500_001, 1)])])
  })

  it('takes `ddof`, and goes along axes', async () => {
    const matrix = sampleOf(ndarray(plain('float64', 60).input as Float64Array, [5, 12]))
    await checkKernel(
      describeArray,
      [0, 1].map((axis) => reduce(define, 'float64', [matrix], { axis, ddof: 1, keepdims: axis === 1 })),
    )
  })

  it('keeps its digits where the mean is large', async () => {
    for (const shift of [1e6, 1e9, 1e12]) {
      const x = Float64Array.from({ length: 100_001 }, (_, i) => shift + (i % 5) ** 2)
      await checkKernel(describeArray, [
        reduce(define, 'float64', [{ name: `near ${shift}`, input: x, shape: [x.length], values: x }]),
      ])
    }
  })

  it('agrees with the functions of the same names, to the bit', async () => {
    const x = plain('float64', 50_001, 1).input
    const all = await describeArray(x, { ddof: 1 })
    expect(all.variance).toBe(await variance(x, { ddof: 1 }))
    expect(all.std).toBe(await std(x, { ddof: 1 }))
    expect(all.min).toBe(await min(x))
    expect(all.max).toBe(await max(x))
    const big = new BigInt64Array([1n, 2n ** 62n])
    expect(await describeArray(big)).toMatchObject({ count: 2, min: 1n, max: 2n ** 62n })
  })

  it('has what textbooks have', async () => {
    expect(await describeArray(new Float64Array([1, 2, 3, 4]))).toEqual({
      count: 4,
      mean: 2.5,
      variance: 1.25,
      std: Math.sqrt(1.25),
      min: 1,
      max: 4,
      skewness: 0,
      kurtosis: -1.36,
    })
    expect(await describeArray(new Float64Array([5, NaN]), { skipNaN: true })).toEqual({
      count: 1,
      mean: 5,
      variance: 0,
      std: 0,
      min: 5,
      max: 5,
      skewness: NaN,
      kurtosis: NaN,
    })
  })

  it('of nothing is refused, and `out` is', async () => {
    await expect(describeArray(new Float64Array(0))).rejects.toThrow('Expected `x.length` to be at least 1')
    const out = new Float64Array(1)
    const options = { axis: 0, out }
    await expect(describeArray(new Float64Array(3), options)).rejects.toThrow('Expected `out` to be left out')
  })
})
