import type { View } from '../types.ts'

/** The numbers of native/kernels/vectors_plan.h. */
export const metric = { cosine: 0, dot: 1, l2sq: 2, l2: 3, hamming: 4, jaccard: 5 } as const

/** Rows of numbers, or of bits in words of 32, that follow one another. */
export interface Rows {
  readonly values: Float64Array | Float32Array | Int32Array
  /** Of the first row. */
  readonly start: number
  /** From one row to the next. */
  readonly step: number
  /** Values in a row. */
  readonly length: number
}

/** Rows first .. first + count - 1 of a view: where they lie, or copied so that every type is compared alike. */
export function readRows(view: View, first: number, count: number): Rows {
  const { data, dtype, shape, strides } = view
  const length = shape[1]
  const start = view.offset + first * strides[0]
  if (dtype === 'uint8') return readBits(data as Uint8Array, start, strides[0], strides[1], count, length)
  if ((strides[1] === 1 || length <= 1) && (data instanceof Float64Array || data instanceof Float32Array)) {
    return { values: data, start, step: strides[0], length }
  }
  const values = new Float64Array(count * length)
  const from = data as Int8Array
  const isHalf = dtype === 'float16'
  for (let i = 0, to = 0; i < count; i++) {
    for (let j = 0, at = start + i * strides[0]; j < length; j++, at += strides[1]) {
      values[to++] = isHalf ? fromHalf(from[at]) : from[at]
    }
  }
  return { values, start: 0, step: length, length }
}

function readBits(from: Uint8Array, start: number, row: number, step: number, count: number, bytes: number): Rows {
  const length = Math.ceil(bytes / 4)
  const values = new Int32Array(count * length)
  for (let i = 0; i < count; i++) {
    for (let j = 0, at = start + i * row; j < bytes; j++, at += step) {
      values[i * length + (j >> 2)] |= from[at] << ((j & 3) * 8)
    }
  }
  return { values, start: 0, step: length, length }
}

/** An IEEE half as a number. */
function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  const sign = bits < 32768 ? 1 : -1
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25))
}

/** What a metric wants to know of a row alone: one over its length, or how many bits it has. */
export function asideOf(by: number, rows: Rows, index: number): number {
  if (by === metric.cosine) {
    const at = rows.start + index * rows.step
    const square = dotRows(rows, at, rows, at)
    return square > 0 ? 1 / Math.sqrt(square) : 0
  }
  if (by < metric.hamming) return 0
  const at = rows.start + index * rows.step
  return commonBits(rows, at, rows, at)
}

/** The score of two rows, in float64: similarity for cosine and dot, distance otherwise. */
export function scoreOf(
  by: number,
  a: Rows,
  i: number,
  asideOfA: number,
  b: Rows,
  j: number,
  asideOfB: number,
): number {
  const atA = a.start + i * a.step
  const atB = b.start + j * b.step
  switch (by) {
    case metric.cosine:
      return dotRows(a, atA, b, atB) * (asideOfA * asideOfB)
    case metric.dot:
      return dotRows(a, atA, b, atB)
    case metric.l2sq:
      return squaredDistance(a, atA, b, atB)
    case metric.l2:
      return Math.sqrt(squaredDistance(a, atA, b, atB))
  }
  const common = commonBits(a, atA, b, atB)
  const either = asideOfA + asideOfB - common
  if (by === metric.hamming) return either - common
  return either === 0 ? 0 : Math.fround(either - common) / Math.fround(either)
}

function dotRows(a: Rows, i: number, b: Rows, j: number): number {
  const x = a.values
  const y = b.values
  const { length } = a
  const whole = length & ~3
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let p = 0
  for (; p < whole; p += 4) {
    s0 += x[i + p] * y[j + p]
    s1 += x[i + p + 1] * y[j + p + 1]
    s2 += x[i + p + 2] * y[j + p + 2]
    s3 += x[i + p + 3] * y[j + p + 3]
  }
  for (; p < length; p++) s0 += x[i + p] * y[j + p]
  return s0 + s1 + (s2 + s3)
}

export function squaredDistance(a: Rows, i: number, b: Rows, j: number): number {
  const x = a.values
  const y = b.values
  const { length } = a
  const whole = length & ~1
  let s0 = 0
  let s1 = 0
  let p = 0
  for (; p < whole; p += 2) {
    const d0 = x[i + p] - y[j + p]
    const d1 = x[i + p + 1] - y[j + p + 1]
    s0 += d0 * d0
    s1 += d1 * d1
  }
  if (p < length) s0 += (x[i + p] - y[j + p]) ** 2
  return s0 + s1
}

function commonBits(a: Rows, i: number, b: Rows, j: number): number {
  let count = 0
  for (let p = 0; p < a.length; p++) {
    let bits = a.values[i + p] & b.values[j + p]
    bits -= (bits >>> 1) & 0x55555555
    bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
    count += Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}
