// What rows of vectors are to one another, by definition: one term after another in float64, or bit by bit.

import { gather, random } from './views.ts'
import type { Strided, TestDType } from './views.ts'

export type Metric = 'cosine' | 'dot' | 'l2sq' | 'l2' | 'hamming' | 'jaccard'

/** Types of vectors: `half` is float16 as its bits, in a Uint16Array. */
export type VectorType = 'float32' | 'float64' | 'half' | 'int8' | 'uint8'

export const numberMetrics: readonly Metric[] = ['cosine', 'dot', 'l2sq', 'l2']
export const bitMetrics: readonly Metric[] = ['hamming', 'jaccard']

export const similar = (metric: Metric): boolean => metric === 'cosine' || metric === 'dot'

/** A score, and how far off a kernel may be. */
export interface Score {
  readonly score: number
  readonly error: number
}

/**
 * The score of two rows. Any order of summation over d elements, fused or not, stays within d + 1 roundings of the sum
 * of absolute values (Higham, section 3.1); twice that and eight more are for the squares under a cosine, for a root,
 * and for rounding to float32. Integers are exact up to the last roundings.
 */
export function score(metric: Metric, type: VectorType, a: readonly number[], b: readonly number[]): Score {
  if (metric === 'hamming' || metric === 'jaccard') return bitScore(metric, a, b)
  let sum = 0
  let magnitude = 0
  let squareOfA = 0
  let squareOfB = 0
  for (let i = 0; i < a.length; i++) {
    const term = metric === 'dot' || metric === 'cosine' ? a[i] * b[i] : (a[i] - b[i]) ** 2
    sum += term
    magnitude += Math.abs(term)
    squareOfA += a[i] ** 2
    squareOfB += b[i] ** 2
  }
  if (metric === 'cosine') {
    const lengths = Math.sqrt(squareOfA) * Math.sqrt(squareOfB)
    if (lengths === 0) return { score: 0, error: 0 }
    sum /= lengths
    magnitude /= lengths
  }
  if (metric === 'l2') {
    sum = Math.sqrt(sum)
    magnitude = sum
  }
  const roundings = type === 'int8' ? 8 : 2 * a.length + 8
  const epsilon = type === 'float64' ? 2 ** -52 : 2 ** -23
  return { score: sum, error: roundings * (epsilon * magnitude + 2 ** -149) }
}

function bitScore(metric: Metric, a: readonly number[], b: readonly number[]): Score {
  let both = 0
  let either = 0
  for (let i = 0; i < a.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      both += (a[i] >> bit) & (b[i] >> bit) & 1
      either += ((a[i] >> bit) | (b[i] >> bit)) & 1
    }
  }
  if (metric === 'hamming') return { score: either - both, error: 0 }
  return { score: either === 0 ? 0 : Math.fround((either - both) / either), error: 0 }
}

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  half: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
} as const satisfies Record<VectorType, unknown>

/** Random rows, `skip` elements into their buffer, so that they are aligned to no more than an element. */
export function rowsOf(type: VectorType, n: number, d: number, seed = 1, skip = 0, shared = false): Strided {
  const Type = arrays[type]
  const bytes = (n * d + skip) * Type.BYTES_PER_ELEMENT
  const data = new Type(
    (shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)) as ArrayBuffer,
    skip * Type.BYTES_PER_ELEMENT,
  )
  const next = random(seed)
  for (let i = 0; i < data.length; i++) data[i] = type === 'half' ? halfBits(next()) : element(type, next())
  return { data, shape: [n, d], strides: [d, 1], offset: 0 }
}

function element(type: VectorType, bits: number): number {
  return type === 'float32' || type === 'float64' ? bits / 2 ** 31 - 1 : bits
}

// Of either sign, from denormal numbers up to 8.
function halfBits(bits: number): number {
  return (bits & 0x8000) | ((bits >>> 16) % 0x4800)
}

/** The value of a half: sign, exponent and fraction, put together as IEEE 754 says. */
export function halfValue(bits: number): number {
  const sign = bits >> 15 === 0 ? 1 : -1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15))
}

/** The rows of a view, as numbers. */
export function rowsIn(type: VectorType, view: Strided): number[][] {
  const values = Array.from(gather(view), Number)
  const [n, d] = view.shape
  const numbers = type === 'half' ? values.map(halfValue) : values
  return Array.from({ length: n }, (_, i) => numbers.slice(i * d, (i + 1) * d))
}

/** Views of rows that lie otherwise than one after another. */
export function oddViews(type: TestDType & VectorType, n: number, d: number): Strided[] {
  const { data } = rowsOf(type, 2 * n + 1, 2 * d + 3, 7)
  const row = 2 * d + 3
  return [
    { data, shape: [n, d], strides: [row, 1], offset: 3 },
    { data, shape: [n, d], strides: [row, 2], offset: 1 },
    { data, shape: [n, d], strides: [1, n], offset: 0 },
    { data, shape: [n, d], strides: [-row, 1], offset: n * row },
    { data, shape: [n, d], strides: [row, -1], offset: d + 1 },
    { data, shape: [n, d], strides: [0, 1], offset: 5 },
  ]
}
