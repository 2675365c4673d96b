import { expect } from 'vitest'

/** What a call throws. */
export function errorFrom(call: () => unknown): Error {
  try {
    call()
  } catch (error) {
    return error as Error
  }
  return expect.fail('nothing was thrown')
}

/** A typed array that claims to be longer than it is. */
export function liar(): Float64Array {
  const array = Float64Array.of(1, 2, 3)
  Object.defineProperties(array, { length: { value: 1e9 }, byteLength: { value: 8e9 }, buffer: { value: null } })
  return array
}
