import { minmax, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineMinmax as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials } from '../helpers/specials.ts'
import { classOf, dtypes, isBig, plain } from '../helpers/views.ts'

describe.each(dtypes)('the extremes of %s', (dtype) => {
  it('are right for every size and place', () => checkSizes(minmax, define, dtype, 1, 1))
  it('are right for every view and axis', () => checkViews(minmax, define, dtype, (view) => [view], true))

  it('are found wherever they are', async () => {
    for (const length of [1, 33, 16385, 40_001]) {
      for (const at of new Set([0, 1, 31, 32, length >> 1, length - 2, length - 1])) {
        if (at < 0 || at >= length) continue
        const low = new (classOf(dtype))(length).fill((isBig(dtype) ? 5n : 5) as never)
        const high = low.slice()
        low[at] = isBig(dtype) ? 4n : 4
        high[at] = isBig(dtype) ? 6n : 6
        const name = `${dtype}[${length}] with the extreme at ${at}`
        await checkKernel(
          minmax,
          [low, high].map((input) => reduce(define, dtype, [{ name, input, shape: [length], values: input }])),
        )
      }
    }
  })
})

describe('the extremes', () => {
  it('are right for special values, with and without NaN', () => checkSpecials(minmax, define))

  it.each(['float64', 'float32', 'uint8', 'bigint64'] as const)('are right for many blocks of %s', async (dtype) => {
    await checkKernel(minmax, [reduce(define, dtype, [plain(dtype, 700_001, 1)])])
  })

  it('put -0 below +0, and NaN over all', async () => {
    expect(await minmax(new Float64Array([0, -0]))).toEqual({ min: -0, max: 0 })
    expect(await minmax(new Float64Array([1, NaN, 2]))).toEqual({ min: NaN, max: NaN })
    expect(await minmax(new Float64Array([1, NaN, 2]), { skipNaN: true })).toEqual({ min: 1, max: 2 })
    expect(await minmax(new Float64Array([NaN]), { skipNaN: true })).toEqual({ min: NaN, max: NaN })
  })

  it('are BigInts of BigInt arrays', async () => {
    const x = new BigUint64Array([1n, 2n ** 64n - 1n, 0n])
    expect(await minmax(x)).toEqual({ min: 0n, max: 2n ** 64n - 1n })
    expect(await minmax(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]))).toEqual({
      min: -(2n ** 63n),
      max: 2n ** 63n - 1n,
    })
  })

  it('go into two arrays of `out`', async () => {
    const x = ndarray(new Int16Array([4, 1, 3, 2, 6, 5]), [2, 3])
    const out = [new Int16Array(3), new Int16Array(3)] as const
    const { min, max } = await minmax(x, { axis: 0, out })
    expect(min).toBe(out[0])
    expect(max).toBe(out[1])
    expect([...out[0], ...out[1]]).toEqual([2, 1, 3, 4, 6, 5])
  })
})
