import type { NDArray } from 'offloop'
import { alloc, convolve, cumsum, matmul, median, ndarray, normalize, sort, sum, topk, transpose } from 'offloop'
import { describe, expect, it } from 'vitest'

import { dtypes } from '../../src/types.ts'
import { arrayClass } from '../../src/typed-array.ts'
import { call } from '../../src/wire.ts'

// Small arrays of synchronous calls are copied into the call block and out of it; the portable JavaScript copies none.
const inline = { backend: 'inline' } as const
const here = {} as const

interface Kernel {
  readonly name: string
  sync(x: Float64Array, options: object): unknown
}

interface Matrices {
  readonly name: string
  sync(x: NDArray, options: object): NDArray
}

const numeric = dtypes.filter((dtype) => dtype !== 'float16')

function filled(dtype: (typeof dtypes)[number], length: number, shared = false) {
  const type = arrayClass(dtype)
  const array = shared ? alloc(type as never, length) : new type(length)
  for (let i = 0; i < length; i++) {
    const value = (i * 7919) % 101
    array[i] = (dtype.startsWith('big') ? BigInt(value) : value) as never
  }
  return array as Float64Array
}

describe('arrays of every type and about as long as the block carries', () => {
  it.each(numeric)('%s', (dtype) => {
    const most = (call.carriedWords * 8) / arrayClass(dtype).prototype.BYTES_PER_ELEMENT
    for (const length of [1, 8, 9, 33, most - 1, most, most + 1]) {
      for (const x of [filled(dtype, length), filled(dtype, length, true), filled(dtype, length + 3).subarray(2, -1)]) {
        for (const kernel of [sort, cumsum, sum] as Kernel[]) {
          expect(kernel.sync(x, here), `${kernel.name} ${length}`).toStrictEqual(kernel.sync(x, inline))
        }
        expect(topk.sync(x, 1, here)).toStrictEqual(topk.sync(x, 1, inline))
      }
    }
  })

  it('as views with strides and offsets', () => {
    for (const [rows, columns] of [
      [2, 3],
      [16, 16],
      [17, 16],
      [1, 256],
      [0, 4],
    ]) {
      const data = filled('float64', 2 * rows * columns + 5)
      const views = [
        ndarray(data, [rows, columns], undefined, 5),
        ndarray(data, [rows, columns], [2 * columns, 2], 1),
        ndarray(data, [columns, rows], [1, columns]).T,
        ndarray(data, [rows, columns], [columns, -1], Math.max(columns - 1, 0)),
        ndarray(data, [rows, columns], [0, 1]),
      ]
      for (const view of views) {
        for (const kernel of [sort, cumsum, transpose, normalize] as unknown as Matrices[]) {
          expect(kernel.sync(view, here).toNested(), kernel.name).toEqual(kernel.sync(view, inline).toNested())
        }
        expect(sum.sync(view, { axis: 0 }).toNested()).toEqual(sum.sync(view, { ...inline, axis: 0 }).toNested())
        expect(matmul.sync(view, view.T, here).toNested()).toEqual(matmul.sync(view, view.T, inline).toNested())
      }
    }
  })
})

describe('carried arrays', () => {
  it('are not changed, unless they are `out`', () => {
    const x = filled('float64', 20)
    const before = x.slice()
    sort.sync(x, here)
    cumsum.sync(x, here)
    expect(x).toEqual(before)
    const wide = new Float64Array(60).fill(-1)
    sort.sync(ndarray(x, [20]), { out: ndarray(wide, [20], [3]) })
    expect(Array.from(wide).filter((_, i) => i % 3 === 0)).toEqual(Array.from(before.toSorted()))
    expect(wide.filter((_, i) => i % 3 !== 0).every((value) => value === -1)).toBe(true)
    sort.sync(x, { out: x })
    expect(x).toEqual(before.toSorted())
  })

  it('give results that are arrays of their own', () => {
    const x = filled('float64', 20)
    const first = cumsum.sync(x, here)
    const kept = first.slice()
    for (let i = 0; i < 10; i++) cumsum.sync(filled('float64', 20 + i).fill(i), here)
    expect(first).toEqual(kept)
    expect(first.buffer.byteLength).toBe(160)
    expect(structuredClone(first, { transfer: [first.buffer as ArrayBuffer] })).toEqual(kept)
  })

  it('may be many, and of mixed lengths', () => {
    const long = filled('float64', 1000)
    const short = filled('float64', 5)
    expect(convolve.sync(long, short, here)).toEqual(convolve.sync(short, long, here))
    expect(convolve.sync(long, short, here)).toEqual(convolve.sync(long, short, inline))
  })

  it('of which a getter of the options takes the memory are missed', () => {
    const x = filled('float64', 50)
    const options = {
      get skipNaN() {
        structuredClone(x, { transfer: [x.buffer as ArrayBuffer] })
        return false
      },
    }
    expect(() => median.sync(x, options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_DETACHED' }))
  })
})
