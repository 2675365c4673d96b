import { cumprod, ndarray } from 'offloop'
import type { TypedArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { unit } from '../helpers/exact.ts'
import { checkKernel } from '../helpers/lanes.ts'
import { resultClass, scan, storeError } from '../helpers/scans.ts'
import type { DefineScan } from '../helpers/scans.ts'
import { axesOf, classOf, dtypes, isBig, isFloat, plain, sizes, views } from '../helpers/views.ts'
import type { Sample, TestDType } from '../helpers/views.ts'

/**
 * yᵢ = x₀ · … · xᵢ one factor after another, which is within i roundings of exact, as a tree is: together 2 i, until
 * products vanish into denormal numbers, from where on only their size is known.
 */
const defineCumprod: DefineScan = (line, dtype) => {
  const values = new (resultClass(dtype))(line.length)
  const errors = new Float64Array(line.length)
  if (isBig(dtype)) {
    // The array takes what is left modulo 2^64.
    for (let i = 0, all = 1n; i < line.length; i++) values[i] = all = BigInt.asIntN(64, all * (line[i] as bigint))
    return { values, errors }
  }
  let product = 1
  let slack = 0
  for (let i = 0; i < line.length; i++) {
    const x = line[i] as number
    product *= x
    // Once it is denormal, an absolute error that later factors multiply.
    slack = slack * Math.abs(x) + (Math.abs(product) < 2 ** -1021 ? 2 ** -1070 : 0)
    values[i] = product
    const error = 2 * (i + 1) * unit * Math.abs(product) + slack + 2 * storeError(dtype, product)
    errors[i] = Number.isFinite(error) ? error : 0
  }
  return { values, errors }
}

/** Factors about 1, so that products live long; integers small, with few of them. */
function near(dtype: TestDType, length: number, skip = 0): Sample {
  const sample = plain(dtype, length, skip)
  if (isBig(dtype)) return sample
  const input = sample.input as Float64Array
  for (let i = 0; i < length; i++) {
    if (isFloat(dtype)) input[i] = (i % 3 === 0 ? -1 : 1) * 2 ** ((((i * 7919) % 1001) - 500) / 700)
    else input[i] = i % 40 === 7 ? 2 : i % 7 === 1 && !dtype.startsWith('u') ? -1 : 1
  }
  return sample
}

describe.each(dtypes)('running products of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      cumprod,
      sizes.map((size, i) => scan(defineCumprod, dtype, near(dtype, size, i % 4))),
    )
  })

  it('are right for every view, along every axis', async () => {
    for (const view of views(dtype)) {
      if (isFloat(dtype) && view.values.length > 1500) continue
      await checkKernel(
        cumprod,
        axesOf(view).map((axis) => scan(defineCumprod, dtype, view, axis === undefined ? {} : { axis })),
      )
    }
  })

  it('go in place', async () => {
    if (!isFloat(dtype) && !isBig(dtype)) return
    const sample = near(dtype, 40_003)
    const { expected } = scan(defineCumprod, dtype, sample)
    await checkKernel(cumprod, [
      {
        name: 'in place',
        args: () => [(sample.input as TypedArray).slice()],
        options: ([x]: readonly unknown[]) => ({ out: x }),
        expected,
      },
    ])
  })
})

describe('running products', () => {
  it('go on over the parts of long lines', async () => {
    await checkKernel(cumprod, [
      scan(defineCumprod, 'float64', near('float64', 300_001)),
      scan(defineCumprod, 'float64', near('float64', 600_001, 1)),
      scan(defineCumprod, 'bigint64', near('bigint64', 300_000)),
    ])
    const { input, values } = near('float64', 3 * 270_000)
    const view = { data: input as Float64Array, shape: [3, 270_000], strides: [270_000, 1], offset: 0 }
    await checkKernel(cumprod, [
      scan(defineCumprod, 'float64', { name: 'lines', input: view, shape: view.shape, values }),
    ])
  })

  it('overflow and vanish where they would one by one', async () => {
    const lists = [
      [1e200, 1e200, 0, 5],
      [1e-200, 1e-200, 1e300, 1e300],
      [1e200, 1e-100, 1e-100, 1e-150, 1e-160, 1e200, 1e200, 1e200, 3],
      [2, 3, 1e150, 1e-300, 1e-170, 1e200, 1, 1, 7],
      [1, NaN, 2],
      [Infinity, 2, 0, 1],
      [0, -1, 5, Infinity],
      [-0, 1, -1, 4, 4, 4, 4, 4, -1],
      [...Array<number>(2000).fill(2), ...Array<number>(100).fill(0.5)],
      [...Array<number>(2000).fill(0.5), ...Array<number>(100).fill(2)],
      [5e-324, 0.5, 2],
    ]
    for (const dtype of dtypes.filter(isFloat)) {
      await checkKernel(
        cumprod,
        lists.map((list, i) => {
          const input = new (classOf(dtype))(list.length)
          input.set(list as never)
          return scan(defineCumprod, dtype, { name: `list ${i}`, input, shape: [list.length], values: input })
        }),
      )
    }
  })

  it('give the type that holds them', async () => {
    expect(await cumprod(new Uint8Array([200, 100]))).toEqual(new Float64Array([200, 20000]))
    expect(await cumprod(new Float32Array([2, 3]))).toEqual(new Float32Array([2, 6]))
    expect(await cumprod(new BigInt64Array([2n ** 62n, 4n]))).toEqual(new BigInt64Array([2n ** 62n, 0n]))
    expect((await cumprod(ndarray(new Int8Array([1, 2, 3, 4]), [2, 2]), { axis: 0 })).toNested()).toEqual([
      [1, 2],
      [3, 8],
    ])
    expect(cumprod.sync(new Float64Array([2, 2, 2]))).toEqual(new Float64Array([2, 4, 8]))
  })

  it('refuse what they can not do, in words', async () => {
    await expect(cumprod('x' as never)).rejects.toThrow('Expected `x` to be a typed array or an n-d view')
    await expect(cumprod(new Int8Array(2), { axis: -2 })).rejects.toThrow(
      'Expected `axis` to be an integer from -1 to 0, got `-2` (number)',
    )
    const x = new Int8Array(2)
    await expect(cumprod(x, { out: x as never })).rejects.toThrow('Expected `out` to be a Float64Array, got')
  })
})
