import { alloc, dot, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineDot as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials } from '../helpers/specials.ts'
import { classOf, dtypes, fill, gather, isFloat, plain, rowMajor } from '../helpers/views.ts'
import type { Sample, TestDType } from '../helpers/views.ts'

describe.each(dtypes)('the inner product of %s', (dtype) => {
  it('is right for every size and place', () => checkSizes(dot, define, dtype, 2))

  it('is right for every pair of views', async () => {
    const withOther = (view: Sample) => [view, other(dtype, view)]
    await checkViews(dot, define, dtype, withOther, false, false)
    await checkViews(dot, define, dtype, (view) => [view, view], false, false)
    await checkViews(dot, define, dtype, (view) => withOther(view).toReversed(), false, false)
  })

  if (!isFloat(dtype)) it('is exact when asked', () => checkSizes(dot, define, dtype, 2, 0, { exact: true }))
})

// Other elements of the same shape, laid out row after row.
function other(dtype: TestDType, { shape, values }: Sample): Sample {
  const data = fill(new (classOf(dtype))(values.length), dtype, 77)
  const input = { data, shape, strides: rowMajor(shape), offset: 0 }
  return { name: 'other elements', input, shape, values: gather(input) }
}

describe('the inner product', () => {
  it('is right for special values, with and without NaN', () => checkSpecials(dot, define, 2))

  it.each(['float64', 'float32', 'int8', 'biguint64'] as const)('is right for many blocks of %s', async (dtype) => {
    await checkKernel(dot, [reduce(define, dtype, [plain(dtype, 700_001, 1), plain(dtype, 700_001, 2, true)])])
  })

  it('of nothing is 0', async () => {
    expect(await dot(new Float64Array(0), new Float64Array(0))).toBe(0)
    expect(await dot(new BigInt64Array(0), new BigInt64Array(0))).toBe(0n)
  })

  it('does not overflow in float32 or in whole numbers', async () => {
    const x = new Float32Array(100).fill(3e38)
    expect(await dot(x, x)).toBe(100 * Math.fround(3e38) ** 2)
    const y = new Uint32Array(1000).fill(2 ** 32 - 1)
    expect(await dot(y, y, { exact: true })).toBe(1000n * (2n ** 32n - 1n) ** 2n)
    const z = new BigUint64Array(1000).fill(2n ** 64n - 1n)
    expect(await dot(z, z)).toBe(1000n * (2n ** 64n - 1n) ** 2n)
    const w = new BigInt64Array(1000).fill(-(2n ** 63n))
    expect(await dot(w, w)).toBe(1000n * 2n ** 126n)
  })

  it('takes one array twice, shared memory and n-d views', async () => {
    const x = alloc(Float64Array, 3)
    x.set([1, 2, 3])
    expect(await dot(x, x)).toBe(14)
    const a = ndarray(new Float64Array([1, 2, 3, 4]), [2, 2])
    expect(await dot(a, a.T)).toBe(1 + 2 * 3 + 3 * 2 + 16)
  })
})
