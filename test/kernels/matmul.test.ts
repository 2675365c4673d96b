import { matmul, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, fill, gather, rowMajor } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'

type Float = 'float32' | 'float64'

const floats: readonly Float[] = ['float64', 'float32']

describe.each(floats)('the product of %s matrices', (dtype) => {
  it('is right around every width of registers and tiles', async () => {
    const extents = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65]
    const cases = extents.flatMap((extent, i) => {
      const other = extents[(i * 7 + 3) % extents.length]
      const third = extents[(i * 5 + 11) % extents.length]
      return [
        product(dtype, matrix(dtype, extent, other), matrix(dtype, other, third)),
        product(dtype, matrix(dtype, other, third), matrix(dtype, third, extent)),
        product(dtype, matrix(dtype, third, extent), matrix(dtype, extent, other)),
      ]
    })
    await checkProducts(cases)
  })

  it('is right around cache blocks, long, wide and tall', async () => {
    const shapes = [
      [129, 257, 131],
      [1, 5000, 1],
      [1, 300, 2000],
      [2000, 300, 1],
      [700, 2, 700],
      [33, 1025, 65],
      [320, 385, 200],
    ]
    await checkProducts(shapes.map(([m, k, n]) => product(dtype, matrix(dtype, m, k), matrix(dtype, k, n))))
  })

  it('is right for transposed, reversed, repeated and interleaved operands', async () => {
    const data = fill(new (classOf(dtype))(9000), dtype, 5)
    const of = (shape: number[], strides: number[], offset = 0) => ({ data, shape, strides, offset })
    await checkProducts([
      product(dtype, of([20, 30], [1, 20]), of([30, 40], [1, 30], 17)),
      product(dtype, of([20, 30], [60, 2], 1), of([30, 40], [80, 2], 3)),
      product(dtype, of([20, 30], [-30, -1], 599), of([30, 40], [-40, 1], 1160)),
      product(dtype, of([20, 30], [0, 1]), of([30, 40], [1, 0])),
      product(dtype, of([20, 30], [0, 0], 5), of([30, 40], [0, 0], 6)),
      product(dtype, of([20, 30], [3, 7]), of([30, 40], [11, 13])),
      product(dtype, of([20, 30], [30, 1]), of([40, 30], [30, 1]), { transposeB: true }),
      product(dtype, of([30, 20], [20, 1]), of([30, 40], [40, 1]), { transposeA: true }),
      product(dtype, of([30, 20], [20, 1]), of([40, 30], [30, 1]), { transposeA: true, transposeB: true }),
    ])
  })

  it('is right for vectors and batches', async () => {
    const of = (...shape: number[]) => tensor(dtype, shape)
    await checkProducts([
      product(dtype, of(50), of(50)),
      product(dtype, of(50), of(50, 30)),
      product(dtype, of(30, 50), of(50)),
      product(dtype, of(3, 10, 20), of(20, 5)),
      product(dtype, of(10, 20), of(4, 20, 5)),
      product(dtype, of(2, 1, 6, 7), of(3, 7, 8)),
      product(dtype, of(2, 3, 6, 7), of(7)),
      product(dtype, of(7), of(2, 3, 7, 6)),
      product(dtype, of(100, 4, 4), of(100, 4, 4)),
    ])
  })

  it('is zero where there is nothing to add, and empty where there is nothing to fill', async () => {
    const of = (...shape: number[]) => tensor(dtype, shape)
    await checkProducts([
      product(dtype, of(3, 0), of(0, 4)),
      product(dtype, of(0, 3), of(3, 4)),
      product(dtype, of(3, 4), of(4, 0)),
      product(dtype, of(0), of(0)),
      product(dtype, of(0, 3, 4), of(4, 5)),
    ])
  })

  it('adds to `out`, of any strides', async () => {
    const a = matrix(dtype, 40, 70)
    const b = matrix(dtype, 70, 50)
    const { expected } = product(dtype, a, b)
    const outs: (() => NDArray)[] = [
      () => ndarray(fill(new (classOf(dtype))(2000), dtype, 9), [40, 50]) as NDArray,
      () => ndarray(fill(new (classOf(dtype))(2000), dtype, 9), [50, 40]).T as NDArray,
      () => ndarray(fill(new (classOf(dtype))(4000), dtype, 9), [40, 50], [100, 2], 1) as NDArray,
      () => ndarray(fill(new (classOf(dtype))(2000), dtype, 9), [40, 50], [-50, -1], 1999) as NDArray,
    ]
    await checkProducts(
      outs.flatMap((out, i) => {
        const before = gather(out()) as Float64Array
        const plus = Array.from(expected.values as ArrayLike<number>, (value, at) => value + before[at])
        const errors = Array.from(
          expected.errors as ArrayLike<number>,
          (error, at) => error + tolerance(dtype, 1, Math.abs(plus[at]) + Math.abs(before[at])),
        )
        const each = { args: () => [a, b], expected: { ...expected, values: plus, errors } }
        return [
          { ...each, name: `accumulating, out ${i}`, options: () => ({ out: out(), accumulate: true }) },
          { ...each, name: `replacing, out ${i}`, options: () => ({ out: out() }), expected },
        ]
      }),
    )
  })

  it('lets NaN and infinities through', async () => {
    const a = matrix(dtype, 30, 40)
    const b = matrix(dtype, 40, 20)
    a.data[3 * 40 + 1] = NaN
    a.data[5 * 40 + 2] = Infinity
    b.data[2 * 20 + 6] = 0
    await checkProducts([product(dtype, a, b)])
  })
})

describe('the product of matrices', () => {
  it('gives an NDArray of the same type, and `out` where one was given', async () => {
    const a = ndarray(new Float32Array([1, 2, 3, 4]), [2, 2])
    const c = await matmul(a, a)
    expect(c).toBeInstanceOf(NDArray)
    expect(c.dtype).toBe('float32')
    expect(c.toNested()).toEqual([
      [7, 10],
      [15, 22],
    ])
    const out = ndarray(new Float32Array(4), [2, 2])
    expect(await matmul(a, a.T, { out })).toBe(out)
    expect(out.toNested()).toEqual([
      [5, 11],
      [11, 25],
    ])
    const bare = new Float32Array(4)
    const result = await matmul(a, a, { out: bare })
    expect(result.data).toBe(bare)
    expect(result.shape).toEqual([2, 2])
  })

  it('of two vectors has no axes', async () => {
    const x = new Float64Array([1, 2, 3])
    const c = await matmul(x, x)
    expect(c.shape).toEqual([])
    expect(c.at()).toBe(14)
  })
})

async function checkProducts(cases: Iterable<Case>): Promise<void> {
  await checkKernel(matmul, cases, false)
}

/** As src/reference/matmul.ts has it: (k + 2) epsilons of the product of absolute values. */
function tolerance(dtype: Float, k: number, magnitude: number): number {
  const [epsilon, smallest] = dtype === 'float32' ? [2 ** -23, 2 ** -149] : [2 ** -52, 2 ** -1074]
  return (k + 2) * (epsilon * magnitude + smallest)
}

function tensor(dtype: Float, shape: readonly number[]): Strided {
  const length = shape.reduce((size, extent) => size * extent, 1)
  const data = fill(new (classOf(dtype))(length), dtype, length + shape.length)
  return { data, shape, strides: rowMajor(shape), offset: 0 }
}

function matrix(dtype: Float, rows: number, columns: number): Strided {
  return tensor(dtype, [rows, columns])
}

interface Options {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}

/** cij = Σ aik·bkj in double-double arithmetic (Dekker 1971), batches broadcast as in NumPy. */
function product(dtype: Float, a: Strided, b: Strided, options: Options = {}): Case {
  const left =
    a.shape.length === 1 ? { ...a, shape: [1, ...a.shape], strides: [0, ...a.strides] } : swapped(a, options.transposeA)
  const right =
    b.shape.length === 1 ? { ...b, shape: [...b.shape, 1], strides: [...b.strides, 0] } : swapped(b, options.transposeB)
  const [m, k] = left.shape.slice(-2)
  const n = right.shape.at(-1) as number
  const rank = Math.max(left.shape.length, right.shape.length) - 2
  const batch = Array.from({ length: rank }, (_, i) => {
    const x = left.shape[i - rank + left.shape.length - 2] ?? 1
    return x === 1 ? (right.shape[i - rank + right.shape.length - 2] ?? 1) : x
  })
  const values: number[] = []
  const errors: number[] = []
  for (const index of indices(batch)) {
    const startOfA = start(left, index)
    const startOfB = start(right, index)
    const [rowStep, aStep] = left.strides.slice(-2)
    const [bStep, columnStep] = right.strides.slice(-2)
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const [value, magnitude] = sumOfProducts(
          left.data as Float64Array,
          startOfA + i * rowStep,
          aStep,
          right.data as Float64Array,
          startOfB + j * columnStep,
          bStep,
          k,
        )
        values.push(dtype === 'float32' ? Math.fround(value) : value)
        errors.push(tolerance(dtype, k, magnitude))
      }
    }
  }
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [m]), ...(b.shape.length === 1 ? [] : [n])]
  return {
    name: `${dtype} [${a.shape}] by [${b.shape}] ${JSON.stringify(options)}, strides [${a.strides}] and [${b.strides}]`,
    args: () => [a, b],
    options: () => options,
    expected: { values, errors, shape },
  }
}

function swapped(view: Strided, swap = false): Strided {
  if (!swap) return view
  const turn = (list: readonly number[]) => [...list.slice(0, -2), list[list.length - 1], list[list.length - 2]]
  return { ...view, shape: turn(view.shape), strides: turn(view.strides) }
}

function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (list, extent) => list.flatMap((index) => Array.from({ length: extent }, (_, i) => [...index, i])),
    [[]],
  )
}

function start({ shape, strides, offset }: Strided, index: readonly number[]): number {
  const own = shape.length - 2
  return strides
    .slice(0, own)
    .reduce((at, stride, axis) => at + (shape[axis] === 1 ? 0 : index[index.length - own + axis] * stride), offset)
}

function sumOfProducts(
  a: Float64Array,
  aStart: number,
  aStep: number,
  b: Float64Array,
  bStart: number,
  bStep: number,
  k: number,
): [value: number, magnitude: number] {
  let high = 0
  let low = 0
  let magnitude = 0
  for (let i = 0; i < k; i++) {
    const x = a[aStart + i * aStep]
    const y = b[bStart + i * bStep]
    const p = x * y
    const xHigh = x * 134217729 - (x * 134217729 - x)
    const yHigh = y * 134217729 - (y * 134217729 - y)
    const xLow = x - xHigh
    const yLow = y - yHigh
    const pLow = xLow * yLow - (p - xHigh * yHigh - xLow * yHigh - xHigh * yLow)
    const sum = high + p
    const part = sum - high
    low += high - (sum - part) + (p - part) + pLow
    high = sum
    magnitude += Math.abs(p)
  }
  // Infinities and NaN leave no error terms worth having.
  return [Number.isFinite(high) ? high + low : high, magnitude]
}
