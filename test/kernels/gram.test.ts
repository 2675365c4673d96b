import { gram, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, fill, gather, rowMajor } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'

type Float = 'float32' | 'float64'

describe.each(['float64', 'float32'] as const)('the Gram matrix of %s', (dtype) => {
  it('is right around every width of registers and tiles', async () => {
    const extents = [1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 64, 65, 95, 96, 97]
    await checkGrams(
      extents.flatMap((n, i) => {
        const k = extents[(i * 7 + 3) % extents.length]
        return [products(dtype, tensor(dtype, [k, n])), products(dtype, tensor(dtype, [n, k]), 'rows')]
      }),
    )
  })

  it('is right around cache blocks, long, wide and in batches', async () => {
    await checkGrams([
      products(dtype, tensor(dtype, [257, 193])),
      products(dtype, tensor(dtype, [5000, 7])),
      products(dtype, tensor(dtype, [3, 700])),
      products(dtype, tensor(dtype, [1100, 130])),
      products(dtype, tensor(dtype, [200, 385]), 'rows'),
      products(dtype, tensor(dtype, [4, 3, 10, 20])),
      products(dtype, tensor(dtype, [3, 120, 100]), 'rows'),
    ])
  })

  it('is right for views of any strides', async () => {
    const data = fill(new (classOf(dtype))(9000), dtype, 5)
    const of = (shape: number[], strides: number[], offset = 0) => ({ data, shape, strides, offset })
    await checkGrams(
      (['columns', 'rows'] as const).flatMap((side) => [
        products(dtype, of([30, 40], [1, 30]), side),
        products(dtype, of([30, 40], [160, 3], 2), side),
        products(dtype, of([30, 40], [-40, -1], 1500), side),
        products(dtype, of([30, 40], [0, 1]), side),
        products(dtype, of([5, 30, 40], [0, 40, 1]), side),
      ]),
    )
  })

  it('is zero where there is nothing to add, and empty where there is nothing to fill', async () => {
    await checkGrams([
      products(dtype, tensor(dtype, [0, 4])),
      products(dtype, tensor(dtype, [4, 0])),
      products(dtype, tensor(dtype, [0, 3, 4])),
    ])
  })

  it('is symmetric bit by bit, NaN and all', async () => {
    for (const [k, n] of [
      [100, 30],
      [300, 250],
      [4000, 40],
    ]) {
      const { data } = tensor(dtype, [k, n])
      data[7] = NaN
      for (const backend of ['native', 'worker'] as const) {
        const c = await gram(ndarray(data as Float64Array, [k, n]), { backend })
        const bits = new Uint8Array(c.data.buffer)
        const turned = new Uint8Array(c.T.toTypedArray().buffer)
        expect(Buffer.compare(bits, turned)).toBe(0)
      }
    }
  })

  it('adds to `out`, of any strides', async () => {
    const a = tensor(dtype, [70, 40])
    const { expected } = products(dtype, a)
    const symmetric = () => {
      const values = new (classOf(dtype))(1600)
      for (let i = 0; i < 40; i++) for (let j = 0; j < 40; j++) values[i * 40 + j] = (i + j) / 4
      return values as Float64Array
    }
    const plus = Array.from(expected.values as number[], (value, at) => value + (Math.floor(at / 40) + (at % 40)) / 4)
    const errors = Array.from(
      expected.errors as number[],
      (error, at) => error + tolerance(dtype, 1, Math.abs(plus[at]) + 20),
    )
    await checkGrams([
      {
        name: 'accumulating',
        args: () => [a],
        options: () => ({ out: ndarray(symmetric(), [40, 40]), accumulate: true }),
        expected: { ...expected, values: plus, errors },
      },
      {
        name: 'accumulating, turned',
        args: () => [a],
        options: () => ({ out: ndarray(symmetric(), [40, 40]).T, accumulate: true }),
        expected: { ...expected, values: plus, errors },
      },
      {
        name: 'replacing, with gaps',
        args: () => [a],
        options: () => ({ out: ndarray(new (classOf(dtype))(4000) as Float64Array, [40, 40], [90, 2], 1) }),
        expected,
      },
    ])
  })
})

describe('the Gram matrix', () => {
  it('takes a typed array for one row, and gives an NDArray of the same type', async () => {
    const c = await gram(new Float32Array([1, 2]))
    expect(c).toBeInstanceOf(NDArray)
    expect(c.dtype).toBe('float32')
    expect(c.toNested()).toEqual([
      [1, 2],
      [2, 4],
    ])
    expect((await gram(new Float64Array([1, 2]), { of: 'rows' })).toNested()).toEqual([[5]])
  })

  it('says what is wrong', () => {
    const a = ndarray(new Float64Array(6), [2, 3])
    const call = gram.sync as (...args: unknown[]) => unknown
    expect(() => call(new Int8Array(3))).toThrow('Expected `a` to be a Float64Array or Float32Array')
    expect(() => call(a, { of: 'both' })).toThrow("Expected `of` to be one of 'columns', 'rows', got `'both'`")
    expect(() => call(a, { accumulate: true })).toThrow('Expected `out` to be the array to add to')
    expect(() => call(a, { out: new Float64Array(4) })).toThrow('Expected `out.length` to be 9')
  })
})

async function checkGrams(cases: Iterable<Case>): Promise<void> {
  await checkKernel(gram, cases, false)
}

/** As src/reference/matmul.ts has it: (k + 2) epsilons of the product of absolute values. */
function tolerance(dtype: Float, k: number, magnitude: number): number {
  const [epsilon, smallest] = dtype === 'float32' ? [2 ** -23, 2 ** -149] : [2 ** -52, 2 ** -1074]
  return (k + 2) * (epsilon * magnitude + smallest)
}

function tensor(dtype: Float, shape: readonly number[]): Strided {
  const length = shape.reduce((product, extent) => product * extent, 1)
  return { data: fill(new (classOf(dtype))(length), dtype, length), shape, strides: rowMajor(shape), offset: 0 }
}

/** By definition: every dot product of two columns, or rows, in float64 with a compensation (Ogita, Rump, Oishi 2005). */
function products(dtype: Float, a: Strided, of?: 'columns' | 'rows'): Case {
  const [rows, columns] = a.shape.slice(-2)
  const [n, k] = of === 'rows' ? [rows, columns] : [columns, rows]
  const all = gather(a) as Float64Array
  const values: number[] = []
  const errors: number[] = []
  const batches = a.shape.slice(0, -2).reduce((product, extent) => product * extent, 1)
  for (let batch = 0; batch < batches; batch++) {
    const at = (i: number, p: number) =>
      all[batch * rows * columns + (of === 'rows' ? i * columns + p : p * columns + i)]
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        let rest = 0
        let magnitude = 0
        for (let p = 0; p < k; p++) {
          const product = at(i, p) * at(j, p)
          const next = sum + product
          const part = next - sum
          rest += sum - (next - part) + (product - part)
          sum = next
          magnitude += Math.abs(product)
        }
        values.push(dtype === 'float32' ? Math.fround(sum + rest) : sum + rest)
        errors.push(tolerance(dtype, k, magnitude))
      }
    }
  }
  return {
    name: `${dtype} [${a.shape}] by [${a.strides}], of ${of}`,
    args: () => [a],
    options: () => (of === undefined ? {} : { of }),
    expected: { values, errors, shape: [...a.shape.slice(0, -2), n, n] },
  }
}
