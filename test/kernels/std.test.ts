import { ndarray, std, variance } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineStd as define } from '../helpers/definitions.ts'
import { checkKernel, lanes } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials, sampleOf } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'

describe('the standard deviation', () => {
  it.each(dtypes)('is right for every size and place of %s', (dtype) => checkSizes(std, define, dtype))
  it('is right for every view and axis', () => checkViews(std, define, 'float32'))
  it('is right for special values, with and without NaN', () => checkSpecials(std, define))

  it('is the square root of the variance, to the bit, on every lane', async () => {
    const x = plain('float64', 50_001, 1).input
    for (const ddof of [0, 1]) {
      const root = Math.sqrt(await variance(x, { ddof }))
      for (const { name, run } of lanes) {
        expect(await run(std as unknown as AnyKernel, [x], { ddof }, 1), name).toBe(root)
      }
    }
  })

  it('goes along axes, and into `out`', async () => {
    const matrix = sampleOf(ndarray(plain('float64', 12).input as Float64Array, [3, 4]))
    await checkKernel(std, [reduce(define, 'float64', [matrix], { axis: 0, ddof: 1 })])
    const out = new Float64Array(2)
    expect(await std(ndarray(new Float64Array([1, 3, 5, 5]), [2, 2]), { axis: 1, out })).toBe(out)
    expect([...out]).toEqual([1, 0])
  })

  it('is NaN where nothing is left to divide by', async () => {
    expect(await std(new Float64Array(0))).toBeNaN()
    expect(await std(new Float64Array([5]), { ddof: 1 })).toBeNaN()
    expect(await std(new Float64Array([5]))).toBe(0)
  })

  it('refuses a `ddof` that is not one', async () => {
    await expect(std(new Float64Array(2), { ddof: -1 })).rejects.toThrow(
      'Expected `ddof` to be a number from 0 and up, got `-1` (number)',
    )
  })
})
