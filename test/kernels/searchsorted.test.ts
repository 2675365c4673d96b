import { ndarray, searchsorted } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { fewSizes, isSame, plain, sampleOf, shapeOf } from '../helpers/order.ts'
import { dtypes, isFloat, random, views } from '../helpers/views.ts'
import type { Sample, Value } from '../helpers/views.ts'
import type { TypedArray } from 'offloop'

describe.each(dtypes)('places in sorted %s', (dtype) => {
  it('are right for every size of both', async () => {
    const cases = fewSizes.flatMap((size, i) => {
      const values = plain(dtype, fewSizes[fewSizes.length - 1 - i] >> 2, i % 4, i % 5 === 0)
      return (['left', 'right'] as const).map((side) => placed(sortedOf(plain(dtype, size)), values, side))
    })
    await checkKernel(searchsorted, cases)
  })

  it('are right for values that are there, often, and for every view', async () => {
    const next = random(5)
    const few = sampleOf(dtype, 'few', 999, () => next() % 20)
    const sorted = sortedOf(few)
    for (const side of ['left', 'right'] as const) {
      await checkKernel(searchsorted, [placed(sorted, few, side), ...views(dtype).map((v) => placed(sorted, v, side))])
    }
  })
})

describe('searching', () => {
  it('takes -0 for +0, and NaN for the greatest', async () => {
    for (const dtype of dtypes.filter(isFloat)) {
      const sorted = sampleOf(dtype, 'special', 6, (i) => [-1, -0, 0, 2, NaN, NaN][i]).input as TypedArray
      const values = sampleOf(dtype, 'special', 5, (i) => [0, -0, NaN, Infinity, -Infinity][i]).input as TypedArray
      expect([...(await searchsorted(sorted, values))]).toEqual([1, 1, 4, 4, 0])
      expect([...(await searchsorted(sorted, values, { side: 'right' }))]).toEqual([3, 3, 6, 4, 0])
    }
  })

  it('stays within what is not sorted', async () => {
    const noise = plain('float64', 1001).input as Float64Array
    for (const backend of ['native', 'inline'] as const) {
      const places = await searchsorted(noise, noise, { backend })
      expect(places.every((place) => place <= 1001)).toBe(true)
    }
  })

  it('goes through strides, and into `out`', async () => {
    const sorted = ndarray(new Int32Array([9, 0, 5, 0, 1, 0]), [3], [-2], 4)
    const out = new Uint32Array(2)
    expect(await searchsorted(sorted, new Int32Array([5, 6]), { out })).toBe(out)
    expect([...out]).toEqual([1, 2])
  })

  it('says what is wrong', async () => {
    const x = new Float64Array(4)
    await expect(searchsorted(x, new Float32Array(1))).rejects.toThrow(
      'Expected `values` to be of the same type as `sorted`, which is float64',
    )
    await expect(searchsorted(ndarray(x, [2, 2]), x)).rejects.toThrow('Expected `sorted.shape` to be a single length')
    await expect(searchsorted(x, x, { side: 'middle' as never })).rejects.toThrow(
      "Expected `side` to be one of 'left', 'right', got `'middle'` (string)",
    )
  })
})

function sortedOf(sample: Sample): Sample {
  const input = (sample.input as TypedArray).toSorted()
  return { ...sample, input, values: input }
}

/** By counting what is below, or not above. */
function placed(sorted: Sample, values: Sample, side: 'left' | 'right'): Case {
  const list = Array.from(sorted.values)
  const known = new Map<Value, number>()
  const place = (value: Value): number => {
    const isBelow = (other: Value) =>
      (side === 'right' && isSame(other, value)) || other < value || (Number.isNaN(value) && !Number.isNaN(other))
    // The list is sorted: a plain search for the first that is not below.
    let least = 0
    let most = list.length
    while (least < most) {
      const middle = (least + most) >> 1
      if (isBelow(list[middle])) least = middle + 1
      else most = middle
    }
    return least
  }
  const expected = Array.from(values.values, (value) => {
    if (!known.has(value)) known.set(value, place(value))
    return known.get(value) as number
  })
  return {
    name: `${values.name} in ${sorted.name}, ${side}`,
    args: () => [sorted.input, values.input],
    options: () => ({ side }),
    expected: { values: expected, shape: shapeOf(values) },
  }
}
