import { ndarray, NDArray, transpose } from 'offloop'
import type { TypedArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, dtypes, fill, gather, rowMajor, views } from '../helpers/views.ts'
import type { Strided, TestDType } from '../helpers/views.ts'

describe.each(dtypes)('the transpose of %s', (dtype) => {
  it('is right around every width of squares and bands', async () => {
    const extents = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 129, 255, 257]
    await checkKernel(
      transpose,
      extents.map((rows, i) => transposed(matrix(dtype, rows, extents[(i * 8 + 5) % extents.length]))),
    )
  })

  it('is right for every view', async () => {
    await checkKernel(
      transpose,
      views(dtype).map(({ input }) => transposed(input as Strided)),
    )
  })

  it('is right for every order of axes', async () => {
    const shapes = [
      [5, 7, 11],
      [2, 70, 3],
      [1, 33, 17],
      [66, 1, 4],
    ]
    await checkKernel(
      transpose,
      shapes.flatMap((shape) => orders(3).map((axes) => transposed(tensor(dtype, shape), axes))),
    )
    const four = tensor(dtype, [3, 4, 5, 6])
    await checkKernel(
      transpose,
      orders(4).map((axes) => transposed(four, axes)),
    )
  })

  it('goes to `out`, of any strides', async () => {
    const x = matrix(dtype, 37, 53)
    const Class = classOf(dtype)
    const outs: (() => unknown)[] = [
      () => new Class(37 * 53),
      () => ndarray(new Class(37 * 53), [37, 53]).T,
      () => ndarray(new Class(37 * 53 * 2), [53, 37], [74, 2], 1),
      () => ndarray(new Class(37 * 53), [53, 37], [-37, -1], 37 * 53 - 1),
    ]
    await checkKernel(
      transpose,
      outs.map((out, i) => {
        const { args, expected } = transposed(x)
        return { name: `${dtype}, out ${i}`, args, options: () => ({ out: out() }), expected }
      }),
    )
  })
})

describe('the transpose', () => {
  it.each(['uint8', 'int16', 'float32', 'float64'] as const)('is right for large matrices of %s', async (dtype) => {
    const shapes = [
      [1024, 1024],
      [701, 1301],
      [3, 100_000],
      [100_000, 3],
    ]
    for (const [rows, columns] of shapes) {
      const { data } = matrix(dtype, rows, columns)
      for (const backend of ['native', 'worker'] as const) {
        const y = await transpose(ndarray(data, [rows, columns]), { backend })
        expect(y.shape).toEqual([columns, rows])
        expect(countWrong(data, y.data, rows, columns)).toBe(0)
      }
    }
  })

  it.each([
    ['float32', 3008, 2800],
    ['float64', 2048, 2056],
    ['uint8', 5824, 5888],
    ['float32', 2999, 2801],
  ] as const)('is right where the result goes past the caches: %s [%i, %i]', async (dtype, rows, columns) => {
    const { data } = matrix(dtype, rows, columns)
    const Class = classOf(dtype)
    // Results that begin anywhere within a cache line.
    const buffer = new ArrayBuffer(data.byteLength + 64)
    for (const skip of [0, 1, 3]) {
      const out = new Class(buffer, skip * data.BYTES_PER_ELEMENT, data.length)
      const y = await transpose(ndarray(data, [rows, columns]), { out })
      expect(countWrong(data, y.data, rows, columns)).toBe(0)
    }
  })

  it('keeps NaN and -0 as they are', async () => {
    const bits = new Uint32Array([0x7fc12345, 0xffc00001, 0x80000000, 0x7f800001, 0, 1])
    for (const backend of ['native', 'worker', 'inline'] as const) {
      const y = await transpose(ndarray(new Float32Array(bits.buffer), [2, 3]), { backend })
      expect(Object.is(y.at(2, 0), -0)).toBe(true)
      if (backend === 'native')
        expect([...new Uint32Array(y.data.buffer)]).toEqual([0, 3, 1, 4, 2, 5].map((i) => bits[i]))
    }
  })

  it('gives a contiguous NDArray of the same type, and `out` where one was given', async () => {
    const x = ndarray(new Int16Array([1, 2, 3, 4, 5, 6]), [2, 3])
    const y = await transpose(x)
    expect(y).toBeInstanceOf(NDArray)
    expect(y.dtype).toBe('int16')
    expect([...y.data]).toEqual([1, 4, 2, 5, 3, 6])
    expect((await transpose(x, { axes: [0, 1] })).toNested()).toEqual(x.toNested())
    expect((await transpose(x, { axes: [-1, -2] })).toNested()).toEqual(y.toNested())
    const out = ndarray(new Int16Array(6), [3, 2])
    expect(await transpose(x, { out })).toBe(out)
    expect(out.toNested()).toEqual(y.toNested())
  })

  it('says what is wrong', () => {
    const x = ndarray(new Float64Array(6), [2, 3])
    const call = transpose.sync as (...args: unknown[]) => unknown
    expect(() => call(x, { axes: 1 })).toThrow(
      'Expected `axes` to be an array of the 2 axes, each once, got `1` (number)',
    )
    expect(() => call(x, { axes: [0] })).toThrow('Expected `axes` to be an array of the 2 axes, each once')
    expect(() => call(x, { axes: [1, 1] })).toThrow('Expected `axes` to be an array of the 2 axes, each once')
    expect(() => call(x, { axes: [0, 2] })).toThrow(
      'Expected `axes[1]` to be an integer from -2 to 1, got `2` (number)',
    )
    expect(() => call(x, { out: new Float64Array(5) })).toThrow('Expected `out.length` to be 6')
    expect(() => call(x, { out: x.data })).toThrow('Expected `out` to be memory apart from the inputs')
  })
})

function tensor(dtype: TestDType, shape: readonly number[]): Strided {
  const length = shape.reduce((product, extent) => product * extent, 1)
  return { data: fill(new (classOf(dtype))(length), dtype, length), shape, strides: rowMajor(shape), offset: 0 }
}

function matrix(dtype: TestDType, rows: number, columns: number): Strided {
  return tensor(dtype, [rows, columns])
}

/** By definition: the view whose axes are turned, read in row-major order. */
function transposed(x: Strided | TypedArray, axes?: readonly number[]): Case {
  const view = 'shape' in x ? x : { data: x, shape: [x.length], strides: [1], offset: 0 }
  const order = axes ?? view.shape.map((_, axis) => view.shape.length - 1 - axis)
  const shape = order.map((axis) => view.shape[axis])
  const values = gather({ ...view, shape, strides: order.map((axis) => view.strides[axis]) })
  return {
    name: `${view.data.constructor.name} [${view.shape}] by [${view.strides}], axes ${axes}`,
    args: () => [x],
    options: () => (axes === undefined ? {} : { axes }),
    expected: { values, shape },
  }
}

function orders(rank: number): number[][] {
  if (rank === 0) return [[]]
  return orders(rank - 1).flatMap((order) => Array.from({ length: rank }, (_, at) => order.toSpliced(at, 0, rank - 1)))
}

function countWrong(x: TypedArray, y: TypedArray, rows: number, columns: number): number {
  let wrong = 0
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) if (!Object.is(x[r * columns + c], y[c * rows + r])) wrong++
  }
  return wrong
}
