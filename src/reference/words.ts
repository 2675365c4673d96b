import type { View } from '../types.ts'

/**
 * Elements as keys of two unsigned words, `high` and `low`, whose order is the order of the sort: -0 just below +0, or
 * the same where zeros are merged; NaN the greatest, also where a descending order complements all others. Elements of
 * at most 32 bits have a high word only.
 */
export interface Words {
  readonly high: Uint32Array
  readonly low: Uint32Array
}

export interface WordsOrder {
  readonly descending: boolean
  readonly mergesZeros: boolean
}

/** Where row `row` of a view starts, in elements; rows are along the last axis. */
export function rowStart({ shape, strides, offset }: View, row: number): number {
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    offset += (row % shape[axis]) * strides[axis]
    row = Math.floor(row / shape[axis])
  }
  return offset
}

export function rowStride({ strides }: View): number {
  return strides.length === 0 ? 1 : strides[strides.length - 1]
}

export function rowLength({ shape }: View): number {
  return shape.length === 0 ? 1 : shape[shape.length - 1]
}

export function rowCount({ shape }: View): number {
  let rows = 1
  for (let axis = 0; axis < shape.length - 1; axis++) rows *= shape[axis]
  return rows
}

/** The numbers of a view's data; BigInts and the bits of float16 are as good, for what is done with them here. */
export function numbersOf({ data }: View): Float64Array {
  return data as unknown as Float64Array
}

export function isWide({ data }: View): boolean {
  return data.BYTES_PER_ELEMENT === 8
}

/** Reads elements first .. first + high.length - 1 of a row. Each is read once. */
export function readWords(view: View, row: number, first: number, { high, low }: Words, order: WordsOrder): void {
  const { data, dtype } = view
  const stride = rowStride(view)
  const start = rowStart(view, row) + first * stride
  const complement = order.descending ? 0xffffffff : 0
  const zero = order.mergesZeros && dtype.startsWith('float')
  const n = high.length
  if (isWide(view)) {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length * 2)
    const isFloat = dtype === 'float64'
    const flip = dtype === 'biguint64' ? 0 : 0x80000000
    for (let i = 0; i < n; i++) {
      const at = 2 * (start + i * stride)
      let a = words[at + 1]
      let b = words[at]
      if (isFloat) {
        const magnitude = a & 0x7fffffff
        if (magnitude > 0x7ff00000 || (magnitude === 0x7ff00000 && b !== 0)) {
          high[i] = low[i] = 0xffffffff
          continue
        }
        if (zero && magnitude === 0 && b === 0) a = 0
        if (a >= 0x80000000) {
          a = ~a
          b = ~b
        } else {
          a ^= flip
        }
      } else {
        a ^= flip
      }
      high[i] = a ^ complement
      low[i] = b ^ complement
    }
    return
  }
  if (dtype === 'float32' || dtype === 'float16') {
    const half = dtype === 'float16'
    const bits = half ? (data as Uint16Array) : new Uint32Array(data.buffer, data.byteOffset, data.length)
    const infinity = half ? 0x7c000000 : 0x7f800000
    const rest = half ? 0xffff : 0
    const up = half ? 16 : 0
    for (let i = 0; i < n; i++) {
      let a = bits[start + i * stride] << up
      if ((a & 0x7fffffff) > infinity) {
        high[i] = 0xffffffff
        continue
      }
      if (zero && (a & 0x7fffffff) === 0) a = 0
      high[i] = (a < 0 ? ~a & ~rest : a ^ 0x80000000) ^ (complement & ~rest)
    }
    return
  }
  const numbers = numbersOf(view)
  const flip = dtype.startsWith('uint') ? complement : complement ^ 0x80000000
  for (let i = 0; i < n; i++) high[i] = numbers[start + i * stride] ^ flip
}

/**
 * The stable order of keys, into `order`: a radix sort from the last digit, 8 bits at a time, without the digits that
 * all keys share. Keys stay as they are.
 */
export function orderOfWords({ high, low }: Words, wide: boolean, order: Uint32Array): void {
  const n = high.length
  let from: Uint32Array = new Uint32Array(n)
  let to: Uint32Array = new Uint32Array(n)
  for (let i = 0; i < n; i++) from[i] = i
  const starts = new Uint32Array(257)
  for (const words of wide ? [low, high] : [high]) {
    for (let shift = 0; shift < 32; shift += 8) {
      starts.fill(0)
      for (let i = 0; i < n; i++) starts[((words[i] >>> shift) & 255) + 1]++
      if (n > 0 && starts[((words[0] >>> shift) & 255) + 1] === n) continue
      for (let bin = 0; bin < 256; bin++) starts[bin + 1] += starts[bin]
      for (let i = 0; i < n; i++) {
        const index = from[i]
        to[starts[(words[index] >>> shift) & 255]++] = index
      }
      const swap = from
      from = to
      to = swap
    }
  }
  order.set(from)
}
