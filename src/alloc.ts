import { checkInteger } from './check.ts'
import { codedError, typeMisuse } from './errors.ts'
import type { TypedArray } from './types.ts'

type TypedArrayClass<A extends TypedArray> = {
  new (buffer: SharedArrayBuffer): A
  readonly BYTES_PER_ELEMENT: number
}

/**
 * A typed array of `n` zeros on a SharedArrayBuffer: workers and native threads read and write it without a copy, and
 * it can't be detached.
 *
 * @param Type A typed array class, such as Float64Array.
 * @param n Number of elements.
 * @throws TypeError or RangeError for other arguments; ERR_OFFLOOP_MEMORY.
 * @example const x = alloc(Float64Array, 1e6)
 */
export function alloc<A extends TypedArray>(Type: TypedArrayClass<A>, n: number): A {
  const parent = Object.getPrototypeOf(Uint8Array) as Function
  if (typeof Type !== 'function' || Object.getPrototypeOf(Type) !== parent) {
    throw typeMisuse('Type', 'a typed array class, such as Float64Array', Type)
  }
  const length = checkInteger('n', n, 0, Number.MAX_SAFE_INTEGER)
  try {
    return new Type(new SharedArrayBuffer(length * Type.BYTES_PER_ELEMENT))
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', ['alloc'], { cause })
  }
}
