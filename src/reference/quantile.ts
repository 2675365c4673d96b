import type { View } from '../types.ts'
import type { Reference, ReferenceArguments } from './reference.ts'
import { numbersOf, rowCount, rowLength, rowStart, rowStride } from './words.ts'
import { selectRanks } from './select.ts'

/**
 * Quantiles of the rows of inputs[0] (along the last axis) for the fractions in inputs[1]; see
 * native/kernels/quantile.cc. `scalars`: method, skipNaN, whether rows are sorted. A row is copied, and the copy
 * selected from in place, once for all fractions.
 */
export const quantileReference: Reference = {
  prepare(args) {
    const rows = rowCount(args.inputs[0])
    const n = rowLength(args.inputs[0])
    return { phases: [{ blocks: Math.ceil(rows / rowsPerBlock(n)) }] }
  },

  runBlock(args, _phase, index) {
    const n = rowLength(args.inputs[0])
    const step = rowsPerBlock(n)
    const last = Math.min(rowCount(args.inputs[0]), (index + 1) * step)
    for (let row = index * step; row < last; row++) quantilesOfRow(args, n, row)
  },
}

function rowsPerBlock(n: number): number {
  return Math.max(1, Math.floor(16384 / (n + 16)))
}

function quantilesOfRow(args: ReferenceArguments, n: number, row: number): void {
  const [input, q] = args.inputs
  const [output] = args.outputs
  const [method, skips, sorted] = args.scalars
  const fractions = q.data as Float64Array
  const keys = copyRow(input, n, row)
  const numbers = numbersFirst(keys, skips === 1)
  const places = Array.from(fractions, (fraction) => placeOf(method, fraction, numbers))
  if (numbers > 0 && sorted !== 1) {
    selectRanks(keys.subarray(0, numbers), [...new Set(places.flatMap(({ low, high }) => [low, high]))])
  }
  const to = output.data as Float64Array
  const start = rowStart(output, row)
  const stride = rowStride(output)
  places.forEach(({ low, high, part }, i) => {
    to[start + i * stride] = numbers === 0 ? NaN : between(Number(keys[low]), Number(keys[high]), part)
  })
}

/** A row as an array of its own: BigInts as they are, typed as numbers; float16 as numbers. */
function copyRow(view: View, n: number, row: number): Float64Array {
  const data = numbersOf(view)
  const start = rowStart(view, row)
  const stride = rowStride(view)
  const isHalf = view.dtype === 'float16'
  const Keys = (isHalf ? Float64Array : view.data.constructor) as Float64ArrayConstructor
  const keys = new Keys(n)
  if (isHalf) for (let i = 0; i < n; i++) keys[i] = halfValue(data[start + i * stride])
  else for (let i = 0; i < n; i++) keys[i] = data[start + i * stride]
  return keys
}

function halfValue(bits: number): number {
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  let value = (fraction + 1024) * 2 ** (exponent - 25)
  if (exponent === 31) value = fraction === 0 ? Infinity : NaN
  else if (exponent === 0) value = fraction * 2 ** -24
  return bits & 0x8000 ? -value : value
}

/** Brings what is not NaN to the front, in order, and counts it; 0 where a NaN decides. */
function numbersFirst(keys: Float64Array, skips: boolean): number {
  let numbers = 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (key === key) keys[numbers++] = key
  }
  return numbers === keys.length || skips ? numbers : 0
}

/** As PlaceOfQuantile in native/kernels/quantile_place.h, operation by operation. */
export function placeOf(method: number, q: number, n: number): { low: number; high: number; part: number } {
  const at = virtualIndex(method, q, n)
  let low = Math.floor(at)
  let part = at - low
  switch (method) {
    case 0:
    case 10:
      low += part === 0 ? 0 : 1
      part = 0
      break
    case 1:
      part = part === 0 ? 0.5 : 1
      break
    case 2:
      low += part === 0 && low % 2 !== 0 ? 0 : 1
      part = 0
      break
    case 9:
      part = 0
      break
    case 11:
      part = part === 0 ? 0 : 0.5
      break
    case 12:
      low += part < 0.5 || (part === 0.5 && low % 2 === 0) ? 0 : 1
      part = 0
      break
  }
  if (low < 0) return { low: 0, high: 0, part: 0 }
  if (low >= n - 1) return { low: n - 1, high: n - 1, part: 0 }
  return { low, high: part === 0 ? low : low + 1, part }
}

/** Between which ranks a quantile lies, from 0 (Hyndman and Fan 1996). */
function virtualIndex(method: number, q: number, n: number): number {
  const curve = (alpha: number) => n * q + (alpha + q * (1 - alpha - alpha)) - 1
  switch (method) {
    case 0:
    case 1:
    case 3:
      return n * q - 1
    case 2:
      return n * q - 1 - 0.5
    case 4:
      return curve(0.5)
    case 5:
      return curve(0)
    case 7:
      return curve(1 / 3)
    case 8:
      return curve(3 / 8)
    default:
      return (n - 1) * q
  }
}

export function between(low: number, high: number, part: number): number {
  if (low === high || part === 0) return low
  if (part === 1) return high
  const difference = high - low
  if (!Number.isFinite(difference)) return low * (1 - part) + high * part
  return part < 0.5 ? low + difference * part : high - difference * (1 - part)
}
