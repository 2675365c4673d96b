import { ndarray, norm } from 'offloop'
import { describe, expect, it } from 'vitest'

import { defineNorm as define } from '../helpers/definitions.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { checkSizes, checkViews, reduce } from '../helpers/reductions.ts'
import { checkSpecials, sampleOf } from '../helpers/specials.ts'
import { dtypes, plain } from '../helpers/views.ts'
import type { Sample } from '../helpers/views.ts'

const orders = [1, 2, Infinity] as const

describe.each(dtypes)('the norm of %s', (dtype) => {
  it.each(orders)('is right for every size and place, order %d', (ord) =>
    checkSizes(norm, define, dtype, 1, 0, { ord }),
  )
})

describe('the norm', () => {
  it.each(['float32', 'int32', 'biguint64'] as const)('is right for every view and axis of %s', (dtype) =>
    checkViews(norm, define, dtype),
  )

  it('is right for special values, with and without NaN', async () => {
    await checkSpecials(norm, define)
    for (const ord of [1, Infinity]) {
      await checkSpecials(norm, define, 1, { ord })
    }
  })

  it.each(orders)('is right along axes, order %d', async (ord) => {
    const matrix = sampleOf(ndarray(plain('float64', 40_000).input as Float64Array, [2, 20_000]))
    await checkKernel(
      norm,
      [0, 1].map((axis) => reduce(define, 'float64', [matrix], { axis, ord })),
    )
  })

  it('neither overflows nor loses small numbers', async () => {
    const sampleNear = (name: string, at: (i: number) => number, n: number): Sample => {
      const input = Float64Array.from({ length: n }, (_, i) => at(i))
      return { name, input, shape: [n], values: input }
    }
    for (const n of [1, 2, 1000, 50_001]) {
      await checkKernel(
        norm,
        [
          sampleNear(`huge ${n}`, (i) => 1e200 * (1 + (i % 7)), n),
          sampleNear(`tiny ${n}`, (i) => 1e-200 * (1 + (i % 7)), n),
          sampleNear(`denormal ${n}`, (i) => 5e-324 * (1 + (i % 7)), n),
          sampleNear(`everything ${n}`, (i) => 2 ** ((i % 2000) - 1060), n),
          sampleNear(`huge after tiny ${n}`, (i) => (i < n / 2 ? 1e-300 : 1e300), n),
          sampleNear(`tiny after huge ${n}`, (i) => (i < n / 2 ? 1e300 : 1e-300), n),
          sampleNear(`near both ends of the range that is not scaled ${n}`, (i) => (i % 3) * 2 ** 444 + 2 ** -449, n),
          sampleNear(`the greatest ${n}`, (i) => (i === n - 1 ? Number.MAX_VALUE : 0), n),
        ].map((sample) => reduce(define, 'float64', [sample])),
      )
    }
    expect(await norm(new Float64Array([3e200, 4e200]))).toBeCloseTo(5e200, -187)
    expect(await norm(new Float64Array([5e-324]))).toBe(5e-324)
    expect(await norm(new Float64Array([Infinity, NaN]))).toBe(NaN)
    expect(await norm(new Float64Array([Infinity, 1e300]))).toBe(Infinity)
  })

  it('is a number, of BigInts as well, and 0 of nothing', async () => {
    expect(await norm(new BigInt64Array([3n, -4n]))).toBe(5)
    expect(await norm(new BigInt64Array([-(2n ** 63n)]), { ord: 1 })).toBe(2 ** 63)
    expect(await norm(new Int8Array([-128]), { ord: Infinity })).toBe(128)
    for (const ord of orders) expect(await norm(new Float64Array(0), { ord })).toBe(0)
  })

  it('refuses an order that it does not have', async () => {
    const x = new Float64Array(2)
    await expect(norm(x, { ord: 3 })).rejects.toThrow('Expected `ord` to be 1, 2 or Infinity, got `3` (number)')
    await expect(norm(x, { ord: 'fro' as never })).rejects.toThrow(TypeError)
  })
})
