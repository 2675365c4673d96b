import { alloc, cumsum, ndarray, NDArray } from 'offloop'
import type { TypedArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkClose, checkKernel } from '../helpers/lanes.ts'
import { PairSum, prefixError, resultClass, scan, storeError } from '../helpers/scans.ts'
import type { DefineScan } from '../helpers/scans.ts'
import { axesOf, classOf, dtypes, isBig, isFloat, plain, sizes, views } from '../helpers/views.ts'

/** yᵢ = x₀ + … + xᵢ, with numbers to twice their precision, BigInts modulo 2^64. */
const defineCumsum: DefineScan = (line, dtype) => {
  const values = new (resultClass(dtype))(line.length)
  const errors = new Float64Array(line.length)
  if (isBig(dtype)) {
    // The array takes what is left modulo 2^64.
    for (let i = 0, total = 0n; i < line.length; i++) values[i] = total = BigInt.asIntN(64, total + (line[i] as bigint))
    return { values, errors }
  }
  const sum = new PairSum()
  let magnitude = 0
  for (let i = 0; i < line.length; i++) {
    sum.add(line[i] as number)
    magnitude += Math.abs(line[i] as number)
    values[i] = sum.value
    if (isFloat(dtype)) errors[i] = prefixError(i, magnitude) + 2 * storeError(dtype, sum.value)
  }
  return { values, errors }
}

describe.each(dtypes)('running sums of %s', (dtype) => {
  it('are right for every size and place', async () => {
    await checkKernel(
      cumsum,
      sizes.map((size, i) => scan(defineCumsum, dtype, plain(dtype, size, i % 4, i % 5 === 0))),
    )
  })

  it('are right for every view, along every axis', async () => {
    for (const view of views(dtype)) {
      await checkKernel(
        cumsum,
        axesOf(view).map((axis) => scan(defineCumsum, dtype, view, axis === undefined ? {} : { axis })),
      )
    }
  })

  it('go in place and into `out`', async () => {
    const sample = plain(dtype, 40_003)
    const { expected } = scan(defineCumsum, dtype, sample)
    const Class = resultClass(dtype)
    const length = expected.values.length
    await checkKernel(cumsum, [
      ...(isFloat(dtype) || isBig(dtype)
        ? [
            {
              name: 'in place',
              args: () => [(sample.input as TypedArray).slice()],
              options: ([x]: readonly unknown[]) => ({ out: x }),
              expected,
            },
          ]
        : []),
      {
        name: 'into another',
        args: () => [sample.input],
        options: () => ({ out: new Class(new SharedArrayBuffer(length * 8 + 8), 8, length) }),
        expected,
      },
      {
        name: 'into every other element, backwards',
        args: () => [sample.input],
        options: () => ({ out: ndarray(new Class(2 * length) as Float64Array, [length], [-2], 2 * length - 1) }),
        expected,
      },
    ])
  })
})

describe('running sums', () => {
  it.each(['float64', 'float32', 'uint8', 'int32', 'bigint64'] as const)(
    'are right over many blocks, whole ones and others: %s',
    async (dtype) => {
      const lengths = [8 * 16384, 8 * 16384 + 1, 150_001, ...(dtype === 'float64' ? [20 * 16384] : [])]
      await checkKernel(
        cumsum,
        lengths.map((length, i) => scan(defineCumsum, dtype, plain(dtype, length, i))),
      )
    },
  )

  it('are right natively for what only huge pages hold', async () => {
    const sample = plain('float64', 2_500_003, 1)
    const got = await cumsum(sample.input as Float64Array, { backend: 'native' })
    checkClose('2.5 million', got, scan(defineCumsum, 'float64', sample).expected)
  })

  it('are right for several long lines, in order or not', async () => {
    const data = plain('float64', 3 * 140_003).input as Float64Array
    for (const strides of [
      [140_003, 1],
      [1, 3],
    ]) {
      const input = { data, shape: [3, 140_003], strides, offset: 0 }
      const values = Array.from({ length: 3 * 140_003 }, (_, i) => {
        const line = Math.floor(i / 140_003)
        return data[line * strides[0] + (i % 140_003) * strides[1]]
      })
      await checkKernel(cumsum, [
        scan(defineCumsum, 'float64', { name: `lines ${strides}`, input, shape: input.shape, values }),
      ])
    }
  })

  it('are in the order that is documented, to the bit', async () => {
    const x = plain('float64', 3 * 16384 + 100).input as Float64Array
    const got = await cumsum(x)
    const wanted = new Float64Array(x.length)
    let offset = -0
    for (let block = 0; block < x.length; block += 16384) {
      let base = -0
      for (let group = block; group < Math.min(x.length, block + 16384); group += 8) {
        const e = Array.from({ length: 8 }, (_, k) => x[group + k] ?? -0)
        const quad = e[0] + e[1] + (e[2] + e[3])
        const pair = e[4] + e[5]
        const y = [
          e[0],
          e[0] + e[1],
          e[0] + e[1] + e[2],
          quad,
          quad + e[4],
          quad + pair,
          quad + (pair + e[6]),
          quad + (pair + (e[6] + e[7])),
        ]
        y.forEach((prefix, k) => {
          if (group + k < x.length) wanted[group + k] = offset + (base + prefix)
        })
        base += y[7]
      }
      offset += base
    }
    expect(got).toEqual(wanted)
  })

  it('of what is not negative never decrease', async () => {
    const x = (plain('float64', 300_000).input as Float64Array).map(Math.abs)
    const sums = await cumsum(x)
    expect(sums.findIndex((value, i) => value < sums[i - 1])).toBe(-1)
  })

  it('carry NaN and infinities on, and keep -0', async () => {
    const lists = [
      [-0],
      [-0, -0, 0, -0],
      [1, NaN, 2],
      [Infinity, 1, -Infinity, 1],
      [1, -Infinity, ...Array<number>(30).fill(5)],
      [...Array<number>(70_000).fill(-0), 1],
      [...Array<number>(40_000).fill(0.5), NaN, ...Array<number>(200_000).fill(1)],
      [5e-324, 5e-324, -5e-324, 2 ** -1022],
    ]
    for (const dtype of dtypes.filter(isFloat)) {
      await checkKernel(
        cumsum,
        lists.map((list, i) => {
          const input = new (classOf(dtype))(list.length)
          input.set(list as never)
          return scan(defineCumsum, dtype, { name: `list ${i}`, input, shape: [list.length], values: input })
        }),
      )
    }
  })

  it('give the type that holds them', async () => {
    expect(await cumsum(new Uint8Array([200, 100]))).toEqual(new Float64Array([200, 300]))
    expect(await cumsum(new Float32Array([1, 2]))).toEqual(new Float32Array([1, 3]))
    expect(await cumsum(new BigUint64Array([2n ** 64n - 1n, 2n]))).toEqual(new BigUint64Array([2n ** 64n - 1n, 1n]))
    const table = await cumsum(ndarray(new Int8Array([1, 2, 3, 4]), [2, 2]), { axis: 0 })
    expect(table).toBeInstanceOf(NDArray)
    expect(table.toNested()).toEqual([
      [1, 2],
      [4, 6],
    ])
    const out = alloc(Float64Array, 2)
    expect(await cumsum(new Float64Array([1, 2]), { out })).toBe(out)
    expect(cumsum.sync(new Float64Array([1, 2, 3]))).toEqual(new Float64Array([1, 3, 6]))
  })

  it('refuse what they can not do, in words', async () => {
    const x = new Float64Array(4)
    await expect(cumsum([1, 2] as never)).rejects.toThrow('Expected `x` to be a typed array or an n-d view')
    await expect(cumsum(x, { axis: 1 })).rejects.toThrow(
      'Expected `axis` to be an integer from -1 to 0, got `1` (number)',
    )
    await expect(cumsum(x, { out: new Float32Array(4) })).rejects.toThrow('Expected `out` to be a Float64Array, got')
    await expect(cumsum(x, { out: new Float64Array(3) })).rejects.toThrow(
      'Expected `out.length` to be 4, as the result has, got `3` (number)',
    )
    const long = new Float64Array(5)
    await expect(cumsum(long.subarray(0, 4), { out: long.subarray(1) })).rejects.toThrow(
      'Expected `out` to be the input itself, or memory apart from it',
    )
  })
})
