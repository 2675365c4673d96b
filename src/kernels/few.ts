// Reductions of a few floats in JavaScript, for the synchronous form: under `fewElements` a call into native code costs
// more than the work. The same operations in the same order as everywhere else, so the same bits.
import { addProducts, addValues, clearLanes, foldLanes } from '../reference/lanes.ts'
import { descriptionOf } from '../reference/describe.ts'
import { addHighMoments, addMoments, findPivot, moment } from '../reference/moments.ts'
import { dtypeOf, isBigInt, lengthOf } from '../typed-array.ts'
import type { DType, NumberArray, TypedArray } from '../types.ts'

const fewElements = 256

/** The value of `count` numbers; undefined leaves it to the native side. */
export type FewValues<T> = (x: Float64Array, count: number) => T | undefined
/** The same of the pairs of two sequences. */
export type FewPairs<T> = (x: Float64Array, y: Float64Array, count: number) => T | undefined

/** What a call without options with a few floats gives, by `of`; of anything else undefined. */
export function fewValues<T>(of: FewValues<T>): (args: readonly unknown[]) => T | undefined {
  return ([x]) => {
    const count = countOf(x)
    return count === 0 ? undefined : of(doubles(x, count, first), count)
  }
}

export function fewPairs<T>(of: FewPairs<T>): (args: readonly unknown[]) => T | undefined {
  return ([x, y]) => {
    const count = countOf(x)
    if (count === 0 || dtypeOf(y) !== dtypeOf(x) || lengthOf(y as TypedArray) !== count) return undefined
    return of(doubles(x, count, first), doubles(y, count, second), count)
  }
}

const first = new Float64Array(fewElements)
const second = new Float64Array(fewElements)

// The length of a short array of floats, else 0.
function countOf(x: unknown): number {
  const dtype = dtypeOf(x)
  if (dtype !== 'float64' && dtype !== 'float32') return 0
  const length = lengthOf(x as TypedArray)
  return length <= fewElements ? length : 0
}

function doubles(x: unknown, count: number, room: Float64Array): Float64Array {
  if (x instanceof Float64Array) return x
  const singles = x as Float32Array
  if (count > 32) room.set(singles)
  else for (let i = 0; i < count; i++) room[i] = singles[i]
  return room
}

/**
 * What `of` gives for the elements of a typed array, which it finds in `room`, and the argument after it; undefined for
 * other arguments, more than `most` elements and those that float64 does not hold.
 */
export function fewNumbers<T>(
  most: number,
  room: Float64Array,
  of: (dtype: DType, count: number, next: unknown) => T | undefined,
): (args: readonly unknown[]) => T | undefined {
  return ([x, next]) => {
    const dtype = dtypeOf(x)
    if (dtype === undefined || dtype === 'float16' || isBigInt(dtype)) return undefined
    const count = lengthOf(x as TypedArray)
    if (count === 0 || count > most) return undefined
    room.set(x as NumberArray)
    return of(dtype, count, next)
  }
}

export function fewSum(x: Float64Array, count: number): number {
  clearLanes()
  addValues(x, 0, count)
  return foldLanes()
}

export function fewProducts(x: Float64Array, y: Float64Array, count: number): number {
  clearLanes()
  addProducts(x, 0, y, 0, count)
  return foldLanes()
}

/** Their Euclidean norm, where their squares need no scaling. */
export function fewNorm(x: Float64Array, count: number): number | undefined {
  const squares = fewProducts(x, x, count)
  return squares > 2 ** -900 && squares < 2 ** 900 ? Math.sqrt(squares) : undefined
}

export function fewVariance(x: Float64Array, count: number): number {
  moments[moment.count] = 0
  addMoments(moments, x, 0, count, findPivot(x, 0, count, false))
  return moments[moment.m2] / count
}

/** The fields of a description, and behind them the extremes. */
export function fewFields(x: Float64Array, count: number): number[] {
  moments[moment.count] = 0
  addHighMoments(moments, x, 0, count, findPivot(x, 0, count, false))
  moments[6] = fewLeast(x, count)
  moments[7] = fewGreatest(x, count)
  const fields = descriptionOf(moments, 0)
  fields.push(moments[6], moments[7])
  return fields
}

const moments = new Float64Array(8)

// Math.min and Math.max know NaN, and -0 from +0.

export function fewLeast(x: Float64Array, count: number): number {
  let least = Infinity
  for (let i = 0; i < count; i++) least = Math.min(least, x[i])
  return least
}

export function fewGreatest(x: Float64Array, count: number): number {
  let greatest = -Infinity
  for (let i = 0; i < count; i++) greatest = Math.max(greatest, x[i])
  return greatest
}

/** Where the first of the least is, or the first NaN. */
export function fewLeastAt(x: Float64Array, count: number): number {
  let least = x[0]
  let at = 0
  if (least !== least) return 0
  for (let i = 1; i < count; i++) {
    const value = x[i]
    if (value > least) continue
    if (value !== value) return i
    if (value < least || (value === 0 && 1 / value < 1 / least)) {
      least = value
      at = i
    }
  }
  return at
}

/** Where the first of the greatest is, or the first NaN. */
export function fewGreatestAt(x: Float64Array, count: number): number {
  let greatest = x[0]
  let at = 0
  if (greatest !== greatest) return 0
  for (let i = 1; i < count; i++) {
    const value = x[i]
    if (value < greatest) continue
    if (value !== value) return i
    if (value > greatest || (value === 0 && 1 / value > 1 / greatest)) {
      greatest = value
      at = i
    }
  }
  return at
}
