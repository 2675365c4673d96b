import { checkWord, checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { checkShape, isContiguous, NDArray, rowMajor, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { checkOut, readInput } from '../plan.ts'
import { dtypeOf, newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** What every random function takes. */
export interface RandomOptions extends TaskOptions {
  /**
   * Chooses the numbers: an integer from 0 to 2^53 - 1. The same seed gives the same numbers, on every machine.
   * @default drawn by the system's generator; `task.seed` holds it
   */
  seed?: number | undefined
  /**
   * Numbers of another stream have nothing to do with those of this one: give each worker or each part of a simulation
   * its own. An integer from 0 to 2^53 - 1.
   * @default 0
   */
  stream?: number | undefined
  /**
   * Receives the result: contiguous, of the right length (a typed array) or shape (an n-d view).
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** How many numbers: a length gives a typed array, a shape an NDArray. */
export type Extent = number | readonly number[]

/** The typed array of a dtype. */
export interface ArrayOf {
  int8: Int8Array
  uint8: Uint8Array
  uint8clamped: Uint8ClampedArray
  int16: Int16Array
  uint16: Uint16Array
  int32: Int32Array
  uint32: Uint32Array
  float32: Float32Array
  float64: Float64Array
  bigint64: BigInt64Array
  biguint64: BigUint64Array
}

/** The array that options ask for: by `dtype`, else that of `out`, else of the default. */
export type RandomArray<O, Default extends keyof ArrayOf> = O extends { dtype: infer D extends keyof ArrayOf }
  ? ArrayOf[D]
  : O extends { out: infer A extends TypedArray }
    ? A
    : O extends { out: { data: infer A extends TypedArray } }
      ? A
      : ArrayOf[Default]

/** A typed array for a length, an NDArray for a shape. */
export type RandomResult<N, A extends TypedArray> = N extends number ? A : NDArray<A>

/** Where numbers go. */
export interface Target {
  /** Of one axis, contiguous. */
  readonly view: View
  readonly fresh: boolean
  readonly given: TypedArray | NDArray
}

/** Reads `dtype`; where it is left out, `out` decides, and then the first of those allowed. */
export function readDType(options: { dtype?: unknown; out?: unknown }, allowed: readonly DType[]): DType {
  const { dtype, out } = options
  if (dtype !== undefined) return checkWord('dtype', dtype, allowed)
  return out === undefined ? allowed[0] : readInput('out', out, allowed).view.dtype
}

/** Reads the extent and `out`, and makes the array that is missing. */
export function readTarget(extent: unknown, options: object, dtype: DType): Target {
  const { out } = options as { out?: unknown }
  const isShape = isList(extent)
  const shape = isShape ? checkShape('shape', extent) : [checkLength(extent)]
  const size = isShape ? sizeOf(shape) : shape[0]
  if (out !== undefined) return intoOut(out, dtype, shape, isShape)
  const data = newArray(dtype, size, 'random')
  const view: View = { data, dtype, shape: isShape ? [size] : shape, strides: unitStrides, offset: 0 }
  return { view, fresh: true, given: isShape ? new NDArray(data, shape) : data }
}

const unitStrides = Object.freeze([1])

function checkLength(extent: unknown): number {
  if (typeof extent === 'number') return checkInteger('n', extent, 0, Number.MAX_SAFE_INTEGER)
  throw typeMisuse('n', 'a length or a shape', extent)
}

function intoOut(out: unknown, dtype: DType, shape: readonly number[], isShape: boolean): Target {
  const { view, given } = checkOut('out', out, dtype, shape, [], false)
  if (!isContiguous(view.shape, view.strides)) {
    throw rangeMisuse('out.strides', `${rowMajor(shape)}, as elements follow one another`, view.strides)
  }
  const flat: View = { ...view, shape: [sizeOf(shape)], strides: unitStrides }
  // A bare array for a shape is seen through it, as a new one would be.
  const wrap = isShape && dtypeOf(given) !== undefined
  return { view: flat, fresh: false, given: wrap ? new NDArray(given as TypedArray, shape) : given }
}

/** Reads `seed` and `stream`. */
export function readSeed(options: RandomOptions): { seed: number; stream: number } {
  const { seed, stream } = options
  return {
    seed: seed === undefined ? drawSeed() : checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER),
    stream: stream === undefined ? 0 : checkInteger('stream', stream, 0, Number.MAX_SAFE_INTEGER),
  }
}

const drawn = new Uint32Array(512)
let left = 0

/** A seed that nobody can foresee; the system is asked once for many. */
function drawSeed(): number {
  if (left === 0) {
    crypto.getRandomValues(drawn)
    left = drawn.length
  }
  left -= 2
  return (drawn[left] & 0x1fffff) * 2 ** 32 + drawn[left + 1]
}
