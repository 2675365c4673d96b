import { alloc, ndarray, sum } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineSum as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { dtypes, isFloat, plain } from '../helpers/views.ts'
import { checkSpecials, sampleOf } from '../helpers/specials.ts'

describe.each(dtypes)('the sum of %s', (dtype) => {
  it('is right for every size and place', () => checkSizes(sum, define, dtype))
  it('is right for every view and axis', () => checkViews(sum, define, dtype))
  if (!isFloat(dtype)) {
    it('is exact when asked', async () => {
      await checkSizes(sum, define, dtype, 1, 0, { exact: true })
      const matrix = sampleOf(ndarray(plain(dtype, 600).input as Int8Array, [20, 30]))
      await checkKernel(sum, [reduce(define, dtype, [matrix], { axis: 0, exact: true })])
    })
  }
})

describe('the sum', () => {
  it('is right for special values, with and without NaN', () => checkSpecials(sum, define))

  it.each(['float64', 'float32', 'int32', 'biguint64'] as const)('is right for many blocks of %s', async (dtype) => {
    await checkKernel(sum, [reduce(define, dtype, [plain(dtype, 700_001, 1)])])
  })

  it('of nothing is 0, of minus zeros -0', async () => {
    expect(await sum(new Float64Array(0))).toBe(0)
    expect(await sum(new Float64Array([-0]))).toBe(-0)
    expect(await sum(new Float64Array(70_000).fill(-0), { onProgress() {} })).toBe(-0)
    expect(await sum(new Float64Array([-0, 0]))).toBe(0)
    expect(await sum(new Float64Array([NaN, NaN]), { skipNaN: true })).toBe(0)
    expect(await sum(new BigInt64Array(0))).toBe(0n)
  })

  it('of whole numbers is rounded once, at the end', async () => {
    const x = new BigInt64Array(3).fill(2n ** 63n - 1n)
    expect(await sum(x)).toBe(3n * (2n ** 63n - 1n))
    // 2^53 and 1 and 1: adding one by one in doubles would lose both.
    const y = new Uint32Array(2 ** 21 + 2).fill(2 ** 32 - 1)
    y[0] = y[1] = 1
    const exact = BigInt(2 ** 21) * (2n ** 32n - 1n) + 2n
    expect(await sum(y, { exact: true })).toBe(exact)
    expect(await sum(y)).toBe(Number(exact))
  })

  it('wraps around where a BigInt array receives it', async () => {
    const x = ndarray(new BigInt64Array([2n ** 63n - 1n, 1n]), [2])
    expect((await sum(x, { axis: 0 })).at()).toBe(-(2n ** 63n))
  })

  it('goes into `out`, of any strides, and leaves what lies between alone', async () => {
    const x = ndarray(
      Float64Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    )
    for (const backend of ['native', 'worker', 'inline'] as const) {
      const data = new Float64Array(9).fill(7)
      const out = ndarray(data, [4], [-2], 7)
      expect(await sum(x, { axis: 0, out, backend })).toBe(out)
      expect([...data]).toEqual([7, 21, 7, 18, 7, 15, 7, 12, 7])
      const plainOut = new Float64Array(4)
      const result = await sum(x, { axis: 0, out: plainOut, backend })
      expect(result).toBe(plainOut)
      expect([...plainOut]).toEqual([12, 15, 18, 21])
    }
  })

  it('takes Buffers, shared memory and the arrays of other packages', async () => {
    expect(await sum(Buffer.from([1, 2, 255]))).toBe(258)
    const shared = alloc(Float64Array, 1000).fill(0.5)
    expect(await sum(shared)).toBe(500)
    const foreign = { data: new Float64Array([1, 2, 3, 4, 5, 6]), shape: [2, 2], stride: [3, 1], offset: 1 }
    expect(await sum(foreign)).toBe(2 + 3 + 5 + 6)
    const ndarrayLike = { data: new Float32Array([1, 2, 3]), shape: [2], strides: [-1], offset: 2, dtype: 'float32' }
    expect(await sum(ndarrayLike)).toBe(5)
  })
})
