import { bincount, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { unit } from '../helpers/exact.ts'
import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, dtypes, gather, isBig, isFloat, random, sizes, views } from '../helpers/views.ts'
import type { Strided, TestDType, Value } from '../helpers/views.ts'

function define(values: ArrayLike<Value>, minLength = 0): number[] {
  const numbers = Array.from(values, Number)
  const counts = Array<number>(
    Math.max(
      minLength,
      numbers.reduce((most, x) => Math.max(most, x + 1), 0),
    ),
  ).fill(0)
  for (const x of numbers) counts[x]++
  return counts
}

/** Whole numbers below `most`. */
function upTo(dtype: TestDType, length: number, most: number, skip = 0) {
  const Class = classOf(dtype)
  const bytes = new Class(0).BYTES_PER_ELEMENT
  const array = new Class(new ArrayBuffer((length + skip) * bytes), skip * bytes, length)
  const next = random(length + most)
  for (let i = 0; i < length; i++) array[i] = (isBig(dtype) ? BigInt(next() % most) : next() % most) as never
  return array
}

function counted(name: string, input: unknown, values: ArrayLike<Value>, minLength?: number): Case {
  return {
    name,
    args: () => [input],
    options: () => (minLength === undefined ? {} : { minLength }),
    expected: { values: define(values, minLength) },
  }
}

describe.each(dtypes.filter((dtype) => !isFloat(dtype)))('counts of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      bincount,
      sizes.slice(1).flatMap((size, i) => {
        const x = upTo(dtype, size, 100, i % 4)
        return [
          counted(`${size}`, x, x),
          counted(`${size}, at least 300`, x, x, 300),
          counted(`${size}, at least 3`, x, x, 3),
        ]
      }),
    )
  })

  it('are right for every view', async () => {
    await checkKernel(
      bincount,
      views(dtype).map(({ name, input }) => {
        const view = input as Strided
        const small = { ...view, data: upTo(dtype, view.data.length, 90) }
        return counted(name, small, gather(small))
      }),
    )
  })
})

describe('counts', () => {
  it('are right over many blocks, for few numbers and for many', async () => {
    for (const [dtype, most] of [
      ['uint8', 256],
      ['uint16', 65536],
      ['int32', 3],
      ['int32', 5000],
      ['uint32', 200_000],
      ['bigint64', 1000],
    ] as const) {
      const x = upTo(dtype, 3 * 131072 + 5, most, 1)
      await checkKernel(bincount, [counted(`${dtype} below ${most}`, x, x)])
    }
  })

  it('add up weights', async () => {
    for (const [length, most] of [
      [50, 7],
      [300_001, 90],
      [200_000, 100_000],
    ]) {
      const x = upTo('int32', length, most) as Int32Array
      const next = random(5)
      const weights = Float64Array.from({ length }, () => next() / 2 ** 31 - 1)
      const values = new Float64Array(x.reduce((a, b) => Math.max(a, b)) + 1)
      const sizesOf = new Float64Array(values.length)
      x.forEach((bin, i) => {
        values[bin] += weights[i]
        sizesOf[bin] += Math.abs(weights[i])
      })
      const errors = sizesOf.map((size) => 2 * length * unit * size)
      await checkKernel(bincount, [
        { name: `weights ${length}`, args: () => [x], options: () => ({ weights }), expected: { values, errors } },
      ])
    }
    expect(await bincount(new Uint8Array([1, 1]), { weights: new Float32Array([0.5, 2]) })).toEqual(
      new Float64Array([0, 2.5]),
    )
  })

  it('of nothing are none', async () => {
    expect(await bincount(new Int8Array(0))).toEqual(new Uint32Array(0))
    expect(await bincount(new Uint8Array(0), { minLength: 3 })).toEqual(new Uint32Array(3))
    expect(bincount.sync(new Int8Array(0), { minLength: 2, weights: new Float64Array(0) })).toEqual(new Float64Array(2))
    expect(bincount.sync(ndarray(new Uint8Array([2, 0, 2, 5]), [2, 2]))).toEqual(new Uint32Array([1, 0, 2, 0, 0, 1]))
  })

  it('refuse what they can not count, in words', async () => {
    await expect(bincount(new Int8Array([1, -1]))).rejects.toThrow(
      'Expected `x` to be of integers from 0 and up, got `-1` (number)',
    )
    await expect(bincount(new Uint32Array([2 ** 31]))).rejects.toThrow(
      'Expected `x` to be of integers from 0 to 1073741823, got `2147483648` (number)',
    )
    await expect(bincount(new BigUint64Array([2n ** 64n - 1n]))).rejects.toThrow('of integers from 0 to 1073741823')
    await expect(bincount(new Float64Array(1) as never)).rejects.toThrow('Expected `x` to be a Int8Array')
    await expect(bincount(new Int8Array(1), { minLength: -1 })).rejects.toThrow(
      'Expected `minLength` to be an integer from 0 to 1073741824, got `-1` (number)',
    )
    await expect(bincount(new Int8Array(2), { weights: new Float64Array(1) })).rejects.toThrow(
      'Expected `weights.shape`',
    )
  })
})
