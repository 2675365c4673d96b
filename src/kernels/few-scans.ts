// Scans of a few numbers in JavaScript, for the synchronous form: operation by operation as everywhere else.
import { multiplyNumbers } from '../reference/cumprod.ts'
import { scanNumbers } from '../reference/cumsum.ts'
import type { DType } from '../types.ts'
import { fewNumbers } from './few.ts'

/** From here on a call into native code is faster. */
const most = 256

/** Scans go on to the end of a group of eight. */
const numbers = new Float64Array(most + 8)
const state = new Float64Array(2)

export const fewSums = fewNumbers(most, numbers, (dtype, count) => {
  state.fill(-0)
  scanNumbers(numbers, count, state)
  return resultOf(dtype, count)
})

export const fewProductsOfAll = fewNumbers(most, numbers, (dtype, count) => {
  state[0] = 1
  multiplyNumbers(numbers, count, state, 0)
  return resultOf(dtype, count)
})

export const fewDifferences = fewNumbers(most, numbers, (dtype, count) => {
  for (let i = 1; i < count; i++) numbers[i - 1] = numbers[i] - numbers[i - 1]
  return resultOf(dtype, count - 1)
})

function resultOf(dtype: DType, count: number): Float64Array | Float32Array {
  const result = dtype === 'float32' ? new Float32Array(count) : new Float64Array(count)
  if (count > 32) result.set(numbers.subarray(0, count))
  else for (let i = 0; i < count; i++) result[i] = numbers[i]
  return result
}
