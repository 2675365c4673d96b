import { min, minmax, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineMin as define } from '../helpers/definitions.ts'
import { checkSizes, checkViews } from '../helpers/reductions.ts'
import { checkSpecials } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'

describe('the least element', () => {
  it.each(dtypes)('is right for every size and place of %s', (dtype) => checkSizes(min, define, dtype, 1, 1))
  it.each(['float64', 'int16', 'biguint64'] as const)('is right for every view and axis of %s', (dtype) =>
    checkViews(min, define, dtype, (view) => [view], true),
  )
  it('is right for special values, with and without NaN', () => checkSpecials(min, define))

  it('is that of minmax', async () => {
    for (const dtype of dtypes) {
      const x = plain(dtype, 40_001).input
      expect(await min(x)).toBe((await minmax(x)).min)
      expect(min.sync(x)).toBe((await minmax(x)).min)
    }
  })

  it('tells zeros apart, and gives NaN for NaN', async () => {
    expect(await min(new Float64Array([0, -0, 0, -0]))).toBe(-0)
    expect(await min(new Float32Array([1, NaN, 2]))).toBe(NaN)
    expect(await min(new Float64Array([1, NaN, 2]), { skipNaN: true })).toBe(1)
    expect(await min(new Float64Array([NaN]), { skipNaN: true })).toBe(NaN)
  })

  it('goes along axes, and into `out`', async () => {
    const x = ndarray(new Int16Array([4, 1, 3, 2, 6, 5]), [2, 3])
    const out = new Int16Array(3)
    expect(await min(x, { axis: 0, out })).toBe(out)
    expect([...out]).toEqual([2, 1, 3])
    const kept = await min(x, { axis: 1, keepdims: true })
    expect(kept.shape).toEqual([2, 1])
    expect(kept.toNested()).toEqual([[1], [2]])
  })

  it('of nothing is refused', async () => {
    await expect(min(new Float64Array(0))).rejects.toThrow('Expected `x.length` to be at least 1, got `0` (number)')
    await expect(min(ndarray(new Float64Array(0), [2, 0]), { axis: 1 })).rejects.toThrow(
      'Expected `x.shape` to be at least 1 in every reduced axis',
    )
  })
})
