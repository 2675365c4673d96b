import { Buffer } from 'node:buffer'
import { types } from 'node:util'

import { codedError } from './errors.ts'
import type { DType, TypedArray } from './types.ts'

// Getters of the prototypes, called by hand: an own property that a caller hung on the array can't lie to us, and a
// proxy is not taken for an array.
const prototype = Object.getPrototypeOf(Uint8Array.prototype) as object
const getTag = getterOf<unknown, string | undefined>(prototype, Symbol.toStringTag)
const getLength = getterOf<TypedArray, number>(prototype, 'length')
const getBuffer = getterOf<TypedArray, ArrayBufferLike>(prototype, 'buffer')
const getByteOffset = getterOf<TypedArray, number>(prototype, 'byteOffset')
const getResizable = getterOf<ArrayBuffer, boolean>(ArrayBuffer.prototype, 'resizable')
const getDetached = getterOf<ArrayBuffer, boolean>(ArrayBuffer.prototype, 'detached')
const { values } = prototype as { values: () => unknown }

export { getLength as lengthOf, getBuffer as bufferOf, getByteOffset as byteOffsetOf }

const dtypeByTag: Readonly<Record<string, DType>> = {
  Int8Array: 'int8',
  Uint8Array: 'uint8',
  Uint8ClampedArray: 'uint8clamped',
  Int16Array: 'int16',
  Uint16Array: 'uint16',
  Int32Array: 'int32',
  Uint32Array: 'uint32',
  Float32Array: 'float32',
  Float64Array: 'float64',
  BigInt64Array: 'bigint64',
  BigUint64Array: 'biguint64',
  Float16Array: 'float16',
}

type Constructor = new (buffer: ArrayBufferLike | number, byteOffset?: number, length?: number) => TypedArray

/** The array class of a dtype. For float16 that is Uint16Array where the runtime has no Float16Array. */
export function arrayClass(dtype: DType): Constructor {
  if (dtype === 'float16') {
    return ((globalThis as { Float16Array?: unknown }).Float16Array ?? Uint16Array) as Constructor
  }
  return constructors[dtype]
}

const constructors = {
  int8: Int8Array,
  uint8: Uint8Array,
  uint8clamped: Uint8ClampedArray,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
} as Record<DType, unknown> as Record<DType, Constructor>

/** A new typed array of zeros; where there is no memory for it, a RangeError with a code. */
export function newArray(dtype: DType, length: number, forWhom: string): TypedArray {
  try {
    return new (arrayClass(dtype))(length)
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', [forWhom], { cause })
  }
}

/**
 * A new typed array for a result of which every element gets written whatever the inputs hold: it begins as what was in
 * its memory before. Clearing that first would hold this thread for longer than many a kernel takes.
 */
export function newResult(dtype: DType, length: number, forWhom: string): TypedArray {
  const type = arrayClass(dtype)
  const bytes = length * bytesPerElement(dtype)
  if (bytes < leastUncleared || bytes > mostUncleared) return newArray(dtype, length, forWhom)
  let memory: Buffer
  try {
    memory = Buffer.allocUnsafeSlow(bytes)
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', [forWhom], { cause })
  }
  // A buffer that is part of another, as some runtimes might give, could not be transferred by itself.
  if (memory.buffer.byteLength !== bytes) return newArray(dtype, length, forWhom)
  return new type(memory.buffer)
}

/** Less is cleared as fast as it is got, and more comes cleared from the system: the C library keeps none of it. */
const leastUncleared = 1 << 10
const mostUncleared = 1 << 25

/** The dtype of a typed array (a Buffer is uint8), undefined for anything else. */
export function dtypeOf(value: unknown): DType | undefined {
  const tag = getTag(value)
  return tag === undefined ? undefined : dtypeByTag[tag]
}

export function isBigInt(dtype: DType): boolean {
  return dtype === 'bigint64' || dtype === 'biguint64'
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float64' || dtype === 'float32' || dtype === 'float16'
}

export function bytesPerElement(dtype: DType): number {
  return arrayClass(dtype).prototype.BYTES_PER_ELEMENT
}

/** The array as the native side and the references take it: float16 as its bits. */
export function bitsOf(array: TypedArray, dtype: DType): TypedArray {
  if (dtype !== 'float16' || dtypeOf(array) !== 'float16') return array
  return new Uint16Array(getBuffer(array), getByteOffset(array), getLength(array))
}

/** Whether the array's memory is gone, by a detach or because its buffer has shrunk past it. */
export function isGone(array: TypedArray): boolean {
  if (getLength(array) > 0) return false
  try {
    values.call(array) // validates the array, and nothing else
    return false
  } catch {
    return true
  }
}

export function isShared(buffer: ArrayBufferLike): buffer is SharedArrayBuffer {
  return types.isSharedArrayBuffer(buffer)
}

export function isResizable(buffer: ArrayBufferLike): boolean {
  return !isShared(buffer) && getResizable(buffer) === true
}

/** Whether an ArrayBuffer is detached; before Node 22 only a view over it can tell. */
export function isDetached(buffer: ArrayBuffer): boolean {
  const detached = getDetached(buffer)
  if (detached !== undefined) return detached
  try {
    return buffer.byteLength === 0 && new Uint8Array(buffer).length !== 0
  } catch {
    return true
  }
}

function getterOf<O, R>(object: object, key: PropertyKey): (self: O | unknown) => R {
  const get = Object.getOwnPropertyDescriptor(object, key)?.get
  if (get === undefined) return () => undefined as R
  return Function.prototype.call.bind(get) as (self: O | unknown) => R
}
