import { ndarray, variance } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineVariance as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials, sampleOf } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'

describe.each(dtypes)('the variance of %s', (dtype) => {
  it('is right for every size and place', () => checkSizes(variance, define, dtype))
  it('is right for every view and axis', () => checkViews(variance, define, dtype))
})

describe('the variance', () => {
  it('is right for special values, with and without NaN', () => checkSpecials(variance, define))

  it.each(['float64', 'float32', 'uint16'] as const)('is right for half a million of %s', async (dtype) => {
    await checkKernel(variance, [reduce(define, dtype, [plain(dtype, 500_001, 1)])])
  })

  it('divides by n - ddof', async () => {
    const samples = [1, 2, 3, 100, 20_000].map((size) => plain('float64', size))
    for (const ddof of [0, 1, 1.5, 2, 100]) {
      await checkKernel(
        variance,
        samples.map((sample) => reduce(define, 'float64', [sample], { ddof })),
      )
    }
    const matrix = sampleOf(ndarray(plain('float64', 12).input as Float64Array, [3, 4]))
    await checkKernel(variance, [reduce(define, 'float64', [matrix], { axis: 0, ddof: 1 })])
    expect(await variance(new Float64Array([1, 2, 3, 4]), { ddof: 1 })).toBe(5 / 3)
  })

  it('is NaN where nothing is left to divide by', async () => {
    expect(await variance(new Float64Array(0))).toBeNaN()
    expect(await variance(new Float64Array([5]), { ddof: 1 })).toBeNaN()
    expect(await variance(new Float64Array([NaN]), { skipNaN: true })).toBeNaN()
    expect(await variance(new Float64Array([5]))).toBe(0)
  })

  it('keeps its digits where the mean is large', async () => {
    for (const shift of [1e6, 1e9, 1e12, 1e15]) {
      const x = Float64Array.from({ length: 100_001 }, (_, i) => shift + (i % 3))
      await checkKernel(variance, [
        reduce(define, 'float64', [{ name: `near ${shift}`, input: x, shape: [x.length], values: x }]),
      ])
    }
  })
})
