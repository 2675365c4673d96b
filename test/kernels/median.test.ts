import { median, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import { compare, fewSizes, longSamples, plain } from '../helpers/order.ts'
import { dtypes } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'

describe('the median', () => {
  it.each(dtypes)('of %s is the middle, or the mean of the two in the middle', async (dtype) => {
    await checkKernel(
      median,
      fewSizes.map((size) => middleOf(plain(dtype, size))),
    )
  })

  it('of long arrays is right', async () => {
    await checkKernel(median, [...longSamples('float64'), ...longSamples('uint32')].map(middleOf))
  })

  it('goes along axes, and skips NaN', async () => {
    const table = ndarray(new Float64Array([3, NaN, 1, 2, 5, 4]), [2, 3])
    expect((await median(table, { axis: 1 })).toNested()).toEqual([NaN, 4])
    expect((await median(table, { axis: 1, skipNaN: true, keepdims: true })).toNested()).toEqual([[2], [4]])
    expect(median.sync(table, { skipNaN: true })).toBe(3)
    expect(await median(BigInt64Array.of(4n, 1n))).toBe(2.5)
  })

  it('says what is wrong', async () => {
    await expect(median(new Float64Array(1), { skipNaN: 1 as never })).rejects.toThrow(
      'Expected `skipNaN` to be a boolean, got `1` (number)',
    )
  })
})

function middleOf(sample: Sample) {
  const sorted = Array.from<Value>(sample.values).toSorted(compare).map(Number)
  const half = (sorted.length - 1) / 2
  const [low, high] = [sorted[Math.floor(half)], sorted[Math.ceil(half)]]
  const value = sorted.length === 0 || sorted.some(Number.isNaN) ? NaN : low === high ? low : low / 2 + high / 2
  // Halves are exact but for denormals; the sum and the difference round once each.
  const error = 2 * 2 ** -52 * Math.max(Math.abs(low), Math.abs(high)) + 2 ** -1074
  return { name: sample.name, args: () => [sample.input], expected: { values: [value], errors: [error || 0] } }
}
