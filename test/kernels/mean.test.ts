import { mean, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineMean as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'

describe.each(dtypes)('the mean of %s', (dtype) => {
  it('is right for every size and place', () => checkSizes(mean, define, dtype))
  it('is right for every view and axis', () => checkViews(mean, define, dtype))
})

describe('the mean', () => {
  it('is right for special values, with and without NaN', () => checkSpecials(mean, define))

  it.each(['float64', 'uint8', 'bigint64'] as const)('is right for many blocks of %s', async (dtype) => {
    await checkKernel(mean, [reduce(define, dtype, [plain(dtype, 700_001, 1)])])
  })

  it('of nothing is NaN', async () => {
    expect(await mean(new Float64Array(0))).toBeNaN()
    expect(await mean(new Int8Array(0))).toBeNaN()
    expect(await mean(new Float32Array([NaN]), { skipNaN: true })).toBeNaN()
  })

  it('goes into `out`', async () => {
    const out = new Float64Array(2)
    const result = await mean(ndarray(new Int32Array([1, 2, 3, 4]), [2, 2]), { axis: 1, out })
    expect(result).toBe(out)
    expect([...out]).toEqual([1.5, 3.5])
  })
})
