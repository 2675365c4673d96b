import { alloc, cumsum, NDArray, ndarray, sort } from 'offloop'
import { describe, expect, it } from 'vitest'

const count = (length: number) => Float64Array.from({ length }, (_, i) => i)

describe('an NDArray', () => {
  it('sees a typed array through a shape', () => {
    const data = count(6)
    const x = ndarray(data, [2, 3])
    expect(x).toBeInstanceOf(NDArray)
    expect(x.data).toBe(data)
    expect([x.shape, x.strides, x.offset, x.dtype, x.size]).toEqual([[2, 3], [3, 1], 0, 'float64', 6])
    expect(x.at(1, 2)).toBe(5)
    expect(x.at(-1, -3)).toBe(3)
    expect(x.toNested()).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
  })

  it('takes strides and an offset', () => {
    const x = ndarray(count(12), [2, 3], [-6, 2], 7)
    expect(x.toNested()).toEqual([
      [7, 9, 11],
      [1, 3, 5],
    ])
  })

  it('copies the shape, and freezes what it shows', () => {
    const shape = [2, 3]
    const strides = [3, 1]
    const x = ndarray(count(6), shape, strides)
    shape[0] = 99
    strides[0] = 99
    expect([x.shape, x.strides]).toEqual([
      [2, 3],
      [3, 1],
    ])
    expect(Object.isFrozen(x.shape) && Object.isFrozen(x.strides)).toBe(true)
  })

  it('may have no axes, no elements, and more data than it shows', () => {
    expect(ndarray(count(3), [], [], 2).at()).toBe(2)
    expect(ndarray(count(3), []).toNested()).toBe(0)
    expect(ndarray(count(0), [0, 5]).toNested()).toEqual([])
    expect(ndarray(count(0), [2, 0]).toNested()).toEqual([[], []])
    expect(ndarray(count(9), [2]).toNested()).toEqual([0, 1])
    expect(ndarray(count(1), Array(16).fill(1)).at(...Array<number>(16).fill(0))).toBe(0)
  })

  it('works on BigInts and shared memory', () => {
    const x = ndarray(BigInt64Array.of(1n, 2n), [2])
    expect(x.at(1)).toBe(2n)
    expect(x.dtype).toBe('bigint64')
    expect(ndarray(alloc(Uint8Array, 4), [2, 2]).dtype).toBe('uint8')
    expect(ndarray(Buffer.from([1, 2]), [2]).dtype).toBe('uint8')
  })
})

describe('T', () => {
  it('turns the axes around without a copy', () => {
    const x = ndarray(count(6), [2, 3])
    expect(x.T.shape).toEqual([3, 2])
    expect(x.T.data).toBe(x.data)
    expect(x.T.toNested()).toEqual([
      [0, 3],
      [1, 4],
      [2, 5],
    ])
    expect(x.T.T.toNested()).toEqual(x.toNested())
  })
})

describe('slice', () => {
  const x = ndarray(count(24), [4, 6])

  it('keeps a part without a copy', () => {
    const part = x.slice([1, 3], [0, 6, 2])
    expect(part.data).toBe(x.data)
    expect(part.toNested()).toEqual([
      [6, 8, 10],
      [12, 14, 16],
    ])
  })

  it('drops an axis where an index stands', () => {
    expect(x.slice(2).toNested()).toEqual([12, 13, 14, 15, 16, 17])
    expect(x.slice(null, -1).toNested()).toEqual([5, 11, 17, 23])
    expect(x.slice(1, 1).toNested()).toBe(7)
  })

  it('follows the slices of other languages: clamped, counted from the end, backwards', () => {
    const line = ndarray(count(5), [5])
    const take = (...range: [(number | null)?, (number | null)?, number?]) => line.slice(range).toNested()
    expect(take()).toEqual([0, 1, 2, 3, 4])
    expect(take(-2)).toEqual([3, 4])
    expect(take(null, -2)).toEqual([0, 1, 2])
    expect(take(1, 99)).toEqual([1, 2, 3, 4])
    expect(take(-99, 2)).toEqual([0, 1])
    expect(take(3, 1)).toEqual([])
    expect(take(null, null, 2)).toEqual([0, 2, 4])
    expect(take(null, null, -1)).toEqual([4, 3, 2, 1, 0])
    expect(take(null, null, -2)).toEqual([4, 2, 0])
    expect(take(3, 0, -1)).toEqual([3, 2, 1])
    expect(take(99, -99, -3)).toEqual([4, 1])
    expect(take(-1, -4, -1)).toEqual([4, 3, 2])
    expect(take(0, 3, -1)).toEqual([])
  })

  it('of a slice of a transpose is what it should be', () => {
    expect(x.T.slice([4, 1, -1], [1, null, 2]).toNested()).toEqual([
      [10, 22],
      [9, 21],
      [8, 20],
    ])
  })
})

describe('reshape', () => {
  it('shares the data where elements follow one another', () => {
    const x = ndarray(count(12), [3, 4])
    const y = x.reshape(2, 6)
    expect(y.data).toBe(x.data)
    expect(y.toNested()).toEqual([
      [0, 1, 2, 3, 4, 5],
      [6, 7, 8, 9, 10, 11],
    ])
    expect(x.reshape(-1).shape).toEqual([12])
    expect(x.reshape(2, -1, 3).shape).toEqual([2, 2, 3])
    const rows = x.slice([1, 3]).reshape(8)
    expect(rows.data).toBe(x.data)
    expect(rows.toNested()).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
  })

  it('copies where they do not', () => {
    const x = ndarray(count(6), [2, 3])
    const y = x.T.reshape(6)
    expect(y.data).not.toBe(x.data)
    expect(y.toNested()).toEqual([0, 3, 1, 4, 2, 5])
  })

  it('of one element gives no axes, of none any empty shape', () => {
    expect(ndarray(count(1), [1, 1]).reshape().toNested()).toBe(0)
    expect(ndarray(count(0), [0, 3]).reshape(5, 0).shape).toEqual([5, 0])
  })
})

describe('toTypedArray', () => {
  it('is a copy, in order', () => {
    const x = ndarray(count(6), [2, 3])
    const plain = x.toTypedArray()
    expect(plain).toBeInstanceOf(Float64Array)
    expect(plain).toEqual(count(6))
    plain[0] = 99
    expect(x.at(0, 0)).toBe(0)
    expect([...x.T.toTypedArray()]).toEqual([0, 3, 1, 4, 2, 5])
    expect([...ndarray(BigUint64Array.of(1n, 2n), [2], [-1], 1).toTypedArray()]).toEqual([2n, 1n])
    expect(ndarray(count(9), [0]).toTypedArray()).toHaveLength(0)
  })
})

describe('alloc', () => {
  it('gives zeros in shared memory', async () => {
    const x = alloc(Float32Array, 5)
    expect(x).toBeInstanceOf(Float32Array)
    expect(x.buffer).toBeInstanceOf(SharedArrayBuffer)
    expect([...x]).toEqual([0, 0, 0, 0, 0])
    expect(alloc(BigInt64Array, 0)).toHaveLength(0)
    x[0] = 3
    expect([...(await sort(x))]).toEqual([0, 0, 0, 0, 3])
  })
})

describe('results', () => {
  it('are ordinary memory of the caller', async () => {
    const y = await sort(alloc(Float64Array, 1000), { onProgress() {} })
    expect(y.buffer).toBeInstanceOf(ArrayBuffer)
    const moved = structuredClone(y, { transfer: [y.buffer as ArrayBuffer] })
    expect(moved).toHaveLength(1000)
    expect(y).toHaveLength(0)
  })

  it.each([0, 1, 127, 128, 5000, 2 ** 22, 2 ** 22 + 1])(
    'of %i elements have a buffer to themselves',
    async (length) => {
      const y = await cumsum(new Float64Array(length))
      expect(y.byteOffset).toBe(0)
      expect(y.buffer.byteLength).toBe(y.byteLength)
      const moved = structuredClone(y, { transfer: [y.buffer as ArrayBuffer] })
      expect(moved).toHaveLength(length)
      expect(moved.every((value) => value === 0)).toBe(true)
    },
  )
})
