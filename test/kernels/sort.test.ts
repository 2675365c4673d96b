import { alloc, ndarray, NDArray, sort } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkClose, checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import {
  axesOf,
  classOf,
  dtypes,
  fill,
  isBig,
  isFloat,
  isStrided,
  plain,
  random,
  rowMajor,
  sizes,
  views,
} from '../helpers/views.ts'
import type { Sample, TestDType, Value } from '../helpers/views.ts'
import type { TypedArray } from 'offloop'

describe.each(dtypes)('sorting %s', (dtype) => {
  it('is right for every size and place', async () => {
    const cases = sizes.flatMap((size, i) => {
      const sample = plain(dtype, size, i % 4, i % 5 === 0)
      return [sorted(dtype, sample), sorted(dtype, sample, { descending: true })]
    })
    await checkKernel(sort, cases)
  })

  it('is right for every view, along every axis', async () => {
    for (const view of views(dtype)) {
      await checkKernel(
        sort,
        axesOf(view).map((axis, i) =>
          sorted(dtype, view, { ...(axis === undefined ? {} : { axis }), descending: i % 2 === 1 }),
        ),
      )
    }
  })

  it('is right for every pattern', async () => {
    // Types of one size have keys of one type.
    const long = ['float64', 'float32', 'int16', 'uint8', 'bigint64'].includes(dtype) ? 70_001 : 20_001
    for (const length of [100, 5000, long]) {
      await checkKernel(
        sort,
        Object.entries(patterns(dtype, length)).map(([name, input]) =>
          sorted(dtype, { name: `${dtype}[${length}] ${name}`, input, shape: [length], values: input }),
        ),
      )
    }
  })

  it('works in place and into `out`', async () => {
    const { input, values } = plain(dtype, 30_001)
    const expected = { values: inOrder(dtype, values, false) }
    const length = expected.values.length
    await checkKernel(sort, [
      { name: 'in place', args: () => [(input as TypedArray).slice()], options: ([x]) => ({ out: x }), expected },
      {
        name: 'into another',
        args: () => [input],
        options: () => ({ out: new (classOf(dtype))(new SharedArrayBuffer(length * 8 + 8), 8, length) }),
        expected,
      },
      {
        name: 'into every other element, backwards',
        args: () => [input],
        options: () => ({
          out: ndarray(new (classOf(dtype))(2 * length) as Float64Array, [length], [-2], 2 * length - 1),
        }),
        expected,
      },
    ])
  })
})

describe('sorting', () => {
  it.each(['float64', 'float32', 'int32', 'uint8', 'bigint64'] as const)(
    'is right for many blocks of %s',
    async (dtype) => {
      await checkKernel(sort, [sorted(dtype, plain(dtype, 600_001, 1))])
    },
  )

  it.each(['float64', 'uint32'] as const)('is right for long rows of every pattern of %s', async (dtype) => {
    const length = 200_001
    await checkKernel(
      sort,
      Object.entries(patterns(dtype, length)).map(([name, input], i) =>
        sorted(
          dtype,
          { name: `${dtype}[${length}] ${name}`, input, shape: [length], values: input },
          { descending: i % 2 === 1 },
        ),
      ),
    )
  })

  it('is right for what is in order already, or in reverse, in place and apart', async () => {
    for (const dtype of ['float64', 'float32', 'int16', 'biguint64'] as const) {
      for (const length of [300, 70_001, 200_001]) {
        const ascending = plain(dtype, length).values as TypedArray
        ascending.sort()
        const orders = { ascending, descending: inOrder(dtype, ascending, true) }
        await checkKernel(
          sort,
          Object.entries(orders).flatMap(([name, input]): Case[] => [
            sorted(dtype, { name: `${dtype}[${length}] ${name}`, input, shape: [length], values: input }),
            {
              name: `${dtype}[${length}] ${name}, in place`,
              args: () => [input.slice()],
              options: ([x]) => ({ out: x, descending: true }),
              expected: { values: orders.descending },
            },
          ]),
        )
      }
    }
  })

  // What plain JavaScript does, it does with a tenth of it.
  it('is right natively where only huge pages hold it', async () => {
    for (const dtype of ['float64', 'int32'] as const) {
      const x = plain(dtype, 2_200_000, 1).input as TypedArray
      for (const descending of [false, true]) {
        const expected = inOrder(dtype, x, descending)
        checkClose('apart', await sort(x, { descending, backend: 'native' }), { values: expected })
        checkClose('in place', await sort(x, { descending, out: x, backend: 'native' }), { values: expected })
        checkClose('in order already', await sort(x, { descending, backend: 'native' }), { values: expected })
      }
    }
  })

  it('is right for rows in order, in reverse and in none, side by side', async () => {
    for (const length of [1000, 40_001, 150_001]) {
      const rows = plain('float64', 4 * length).values as Float64Array
      rows.subarray(0, length).sort()
      rows.subarray(length, 2 * length).sort()
      rows.subarray(length, 2 * length).reverse()
      rows.fill(7, 3 * length)
      const input = ndarray(rows, [4, length])
      for (const descending of [false, true]) {
        const sample = { name: `four rows of ${length}`, input, shape: [4, length], values: rows }
        const apart = sorted('float64', sample, { descending })
        const inPlace = {
          name: `${sample.name}, in place`,
          args: () => [ndarray(rows.slice(), [4, length])],
          options: ([x]: readonly unknown[]) => ({ out: x, descending }),
          expected: apart.expected,
        }
        await checkKernel(sort, length === 40_001 ? [apart, inPlace] : [apart])
      }
    }
  })

  it('puts -0 before +0 and NaN last, either way round', async () => {
    const special = [0, NaN, -0, Infinity, 1, -Infinity, NaN, 2 ** -149, -0, 0, -(2 ** -149)]
    for (const dtype of dtypes.filter(isFloat)) {
      for (const times of [1, 7, 3000]) {
        const input = new (classOf(dtype))(special.length * times)
        for (let i = 0; i < times; i++) input.set(special as never, i * special.length)
        const sample = { name: `${dtype} special values, ${times} times`, input, shape: [input.length], values: input }
        await checkKernel(sort, [sorted(dtype, sample), sorted(dtype, sample, { descending: true })])
      }
    }
    expect([...(await sort(new Float64Array([0, NaN, -0, 1]), { descending: true }))]).toEqual([1, 0, -0, NaN])
  })

  it('leaves its input alone and gives a new array of the same type', async () => {
    const x = new Int16Array([3, 1, 2])
    const y = await sort(x)
    expect(y).toBeInstanceOf(Int16Array)
    expect([...x]).toEqual([3, 1, 2])
    expect([...y]).toEqual([1, 2, 3])
    expect(await sort(ndarray(x, [1, 3]))).toBeInstanceOf(NDArray)
  })

  it('sorts in place through strides, leaving what lies between alone', async () => {
    for (const backend of ['native', 'worker', 'inline'] as const) {
      const data = new Int32Array([9, 100, 7, 101, 8, 102, 6, 103])
      const view = ndarray(data, [4], [2])
      expect(await sort(view, { out: view, backend })).toBe(view)
      expect([...data]).toEqual([6, 100, 7, 101, 8, 102, 9, 103])
      const matrix = ndarray(Float64Array.from([4, 3, 2, 1, 8, 7, 6, 5]), [2, 4])
      await sort(matrix.T, { axis: 0, out: matrix.T, backend })
      expect(matrix.toNested()).toEqual([
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ])
    }
  })

  it('gives the result in `out`, whichever form that has', async () => {
    const x = new Float32Array([2, 1])
    const out = alloc(Float32Array, 2)
    expect(await sort(x, { out })).toBe(out)
    const shaped = ndarray(new Float32Array(2), [2])
    const result: unknown = await sort(x, { out: shaped })
    expect(result).toBe(shaped)
    expect([...shaped.data]).toEqual([1, 2])
  })
})

/** JavaScript's own sort of typed arrays: -0 before +0, NaN last. Descending, only the NaNs stay where they are. */
function inOrder(dtype: TestDType, values: ArrayLike<Value>, descending: boolean): TypedArray {
  const array = new (classOf(dtype))(values.length)
  array.set(values as never)
  array.sort()
  if (!descending) return array
  let numbers = array.length
  while (numbers > 0 && Number.isNaN(array[numbers - 1])) numbers--
  array.subarray(0, numbers).reverse()
  return array
}

interface Options {
  readonly axis?: number
  readonly descending?: boolean
}

function sorted(dtype: TestDType, sample: Sample, options: Options = {}): Case {
  const { name, input, shape } = sample
  return {
    name: `${name} ${JSON.stringify(options)}`,
    args: () => [input],
    options: () => options,
    expected: { values: alongAxis(dtype, sample, options), shape: isStrided(input) ? shape : undefined },
  }
}

function alongAxis(dtype: TestDType, sample: Sample, { axis = -1, descending = false }: Options): ArrayLike<Value> {
  const { shape, values } = sample
  if (shape.length <= 1) return inOrder(dtype, values, descending)
  const along = axis < 0 ? axis + shape.length : axis
  const step = rowMajor(shape)[along]
  const result = new (classOf(dtype))(values.length)
  const line = new (classOf(dtype))(shape[along])
  for (let start = 0; start < values.length; start++) {
    if (Math.floor(start / step) % shape[along] !== 0) continue
    for (let i = 0; i < line.length; i++) line[i] = values[start + i * step] as never
    inOrder(dtype, line, descending).forEach((value, i) => (result[start + i * step] = value as never))
  }
  return result
}

/** What sorts tend to be slow or wrong at. */
function patterns(dtype: TestDType, length: number): Record<string, TypedArray> {
  const next = random(length)
  const of = (value: (i: number) => number) => {
    const array = new (classOf(dtype))(length)
    for (let i = 0; i < length; i++) array[i] = (isBig(dtype) ? BigInt(Math.trunc(value(i))) : value(i)) as never
    return array
  }
  const noise = fill(new (classOf(dtype))(length), dtype, length)
  const nearly = noise.toSorted()
  for (let i = 50; i < length; i += 1000) nearly[i] = nearly[length - i]
  return {
    'in order': noise.toSorted(),
    'in reverse': noise.toSorted().toReversed(),
    'nearly in order': nearly,
    'all equal': of(() => 7),
    'two values': of(() => next() % 2),
    'few values': of(() => next() % 5),
    'sixteen values': of(() => next() % 16),
    'many of few values, few of many': of((i) => (i % 37 === 5 ? next() / 2 ** 16 : (next() % 9) * 25)),
    'organ pipes': of((i) => Math.min(i, length - i) % 250),
    'saw teeth': of((i) => i % 17),
    'long saw teeth': of((i) => i % 1009),
    'in order but for the end': of((i) => (i === length - 1 ? 0 : (i * 200) / length)),
    'one value in a sea': of((i) => (i === length >> 1 ? 1 : 0)),
    'the extremes of the type': of((i) => (i % 3 === 0 ? -(2 ** 62) : i % 3 === 1 ? 2 ** 62 : 0)),
    fractions: of(() => next() / 2 ** 32),
    noise: noise,
    ...(isFloat(dtype)
      ? {
          'in order, with NaN last': noise.toSorted().fill(NaN as never, -50),
          'in reverse, with NaN first': noise
            .toSorted()
            .toReversed()
            .fill(NaN as never, 0, 50),
        }
      : {}),
  }
}
