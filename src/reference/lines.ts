import type { DType, TypedArray, View } from '../types.ts'
import { encodeFloat16, isBig } from './reduce.ts'

// Kernels that work along lines: the last axis of inputs[0] and outputs[0], whose other axes number the lines.

export interface Lines {
  readonly count: number
  /** Elements of a line of the input. */
  readonly length: number
}

export function linesOf({ shape }: View): Lines {
  let count = 1
  for (let axis = 0; axis < shape.length - 1; axis++) count *= shape[axis]
  return { count, length: shape[shape.length - 1] }
}

/** Index in the view's data of element `first` of a line. */
export function lineStart({ shape, strides, offset }: View, line: number, first: number): number {
  let at = offset + first * strides[strides.length - 1]
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    at += (line % shape[axis]) * strides[axis]
    line = Math.floor(line / shape[axis])
  }
  return at
}

/** Elements that are brought into an array of accumulators at once. */
export const piece = 1024

/** What a kernel's loop works on: numbers, or the words of BigInts. */
export type Accumulators = Float64Array | BigInt64Array

const numbers = new Float64Array(2 * piece)
const bigs = new BigInt64Array(2 * piece)

/** Private memory for `2 * piece` accumulators of a view's elements. */
export function accumulatorsFor({ dtype }: View): Accumulators {
  return isBig(dtype) ? bigs : numbers
}

/** Copies `count` elements of a line, of which the first is at `from`, to the start of `to`. */
export function readLine(view: View, from: number, count: number, to: Accumulators): void {
  const { data, dtype, strides } = view
  const stride = strides[strides.length - 1]
  if (isBig(dtype)) {
    const words = asSigned(data)
    for (let i = 0; i < count; i++) to[i] = words[from + i * stride]
    return
  }
  const source = data as Float64Array
  if (stride === 1) (to as Float64Array).set(source.subarray(from, from + count))
  else for (let i = 0; i < count; i++) to[i] = source[from + i * stride]
  if (dtype === 'float16') for (let i = 0; i < count; i++) to[i] = decodeFloat16(to[i] as number)
}

/** Writes `count` results, from the start of `from`, to a line, the first to `to`; rounds to the dtype. */
export function writeLine(view: View, to: number, count: number, from: Accumulators): void {
  const { data, dtype, strides } = view
  const stride = strides[strides.length - 1]
  if (isBig(dtype)) {
    const words = asSigned(data)
    for (let i = 0; i < count; i++) words[to + i * stride] = from[i] as bigint
    return
  }
  const target = data as Float64Array
  const results = from as Float64Array
  if (dtype === 'float16') for (let i = 0; i < count; i++) target[to + i * stride] = roundToFloat16(results[i])
  else if (stride === 1) target.set(results.subarray(0, count), to)
  else for (let i = 0; i < count; i++) target[to + i * stride] = results[i]
}

/** Rounds results to the dtype that they will be written as. */
export function roundTo(dtype: DType, results: Float64Array, count: number): void {
  if (dtype === 'float32') for (let i = 0; i < count; i++) results[i] = Math.fround(results[i])
  else if (dtype === 'float16') for (let i = 0; i < count; i++) results[i] = decodeFloat16(roundToFloat16(results[i]))
}

/** 64-bit integers as signed ones, which wrap alike. */
function asSigned(data: TypedArray): BigInt64Array {
  return new BigInt64Array(data.buffer, data.byteOffset, data.length)
}

function decodeFloat16(bits: number): number {
  const exponent = (bits >>> 10) & 31
  const fraction = bits & 1023
  const size =
    exponent === 31
      ? fraction === 0
        ? Infinity
        : NaN
      : (exponent === 0 ? fraction : 1024 + fraction) * 2 ** (Math.max(1, exponent) - 25)
  return bits >= 0x8000 ? -size : size
}

const float64 = new Float64Array(1)
const float64Words = new Uint32Array(float64.buffer)

/** The bits of the float16 nearest to a number, ties to even. */
function roundToFloat16(value: number): number {
  const size = Math.abs(value)
  if (!(size < 65520)) return encodeFloat16(size > 0 ? (value < 0 ? -Infinity : Infinity) : value)
  float64[0] = size
  const exponent = Math.max((float64Words[1] >>> 20) - 1023, -14)
  const quantum = 2 ** (exponent - 10)
  // Adding 2^52 rounds to a whole number, ties to even.
  const rounded = (size / quantum + 2 ** 52 - 2 ** 52) * quantum
  return encodeFloat16(value < 0 || Object.is(value, -0) ? -rounded : rounded)
}
