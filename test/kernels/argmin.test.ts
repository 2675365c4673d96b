import { argmin, min, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineArgmin as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials } from '../helpers/specials.ts'
import { classOf, dtypes, isBig, isFloat, plain } from '../helpers/views.ts'

describe.each(dtypes)('the position of the least of %s', (dtype) => {
  it('is right for every size and place', () => checkSizes(argmin, define, dtype, 1, 1))
  it('is right for every view and axis', () => checkViews(argmin, define, dtype, (view) => [view], true))

  it('is the first, wherever it is', async () => {
    for (const length of [1, 33, 40_001]) {
      for (const at of new Set([0, 1, 31, 32, length >> 1, length - 2, length - 1])) {
        if (at < 0 || at >= length) continue
        const input = new (classOf(dtype))(length).fill((isBig(dtype) ? 5n : 5) as never)
        for (const each of [at, length - 1]) input[each] = isBig(dtype) ? 4n : 4
        const sample = { name: `${dtype}[${length}] at ${at}`, input, shape: [length], values: input }
        await checkKernel(argmin, [reduce(define, dtype, [sample])])
      }
    }
  })

  it('is 0 where all are equal, whatever they are', async () => {
    const floats = isFloat(dtype) ? [0, -0, Infinity, -Infinity, 7] : [0, 7, 127]
    for (const value of floats) {
      const input = new (classOf(dtype))(20_000).fill((isBig(dtype) ? BigInt(value) : value) as never)
      const sample = { name: `${dtype} of ${value}`, input, shape: [20_000], values: input }
      await checkKernel(argmin, [reduce(define, dtype, [sample])])
    }
  })
})

describe('argmin', () => {
  it('is right for special values, with and without NaN', () => checkSpecials(argmin, define))

  it.each(['float64', 'uint8'] as const)('is right for many blocks of %s', async (dtype) => {
    await checkKernel(argmin, [reduce(define, dtype, [plain(dtype, 700_001, 1)])])
  })

  it('finds the -0 among zeros, and the first NaN', async () => {
    const zeros = new Float64Array(40_000).fill(0)
    zeros[30_001] = -0
    expect(await argmin(zeros)).toBe(30_001)
    expect(await argmin(new Float64Array([1, NaN, -9, NaN]))).toBe(1)
    expect(await argmin(new Float64Array([NaN, 2, -9]), { skipNaN: true })).toBe(2)
    expect(await argmin(new Float64Array([NaN, NaN]), { skipNaN: true })).toBe(0)
  })

  it('points at what min gives', async () => {
    for (const dtype of dtypes) {
      const x = plain(dtype, 40_001).input as Float64Array
      expect(x[await argmin(x)]).toBe(await min(x))
    }
  })

  it('gives Uint32Array along axes, or Float64Array where positions are greater', async () => {
    const x = ndarray(new Float64Array([3, 1, 2, 1, 5, 1]), [2, 3])
    const rows = await argmin(x, { axis: 1 })
    expect(rows.data).toBeInstanceOf(Uint32Array)
    expect(rows.toNested()).toEqual([1, 0])
    const out = new Uint32Array(3)
    expect(await argmin(x, { axis: 0, out })).toBe(out)
    const huge = { data: new Uint8Array(1), shape: [2 ** 32 + 1], strides: [0] }
    await expect(argmin(huge, { axis: 0, out: new Uint32Array(1) })).rejects.toThrow(
      'Expected `out` to be a Float64Array',
    )
  })

  it('counts in row-major order over several axes', async () => {
    const x = ndarray(new Float64Array([0, 0, 0, 0, 0, -1, 0, 0]), [2, 2, 2])
    expect(await argmin(x)).toBe(5)
    expect((await argmin(x, { axis: [0, 2] })).toNested()).toEqual([3, 0])
    expect(await argmin(x.T)).toBe(5)
  })

  it('of nothing is refused', async () => {
    await expect(argmin(new Float64Array(0))).rejects.toThrow('Expected `x.length` to be at least 1, got `0` (number)')
  })
})
