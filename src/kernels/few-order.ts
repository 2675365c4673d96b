// Few numbers put in order in JavaScript, for the synchronous form: by insertion, as a call into native code costs more.
import { between, placeOf } from '../reference/quantile.ts'
import { arrayClass, bytesPerElement, dtypeOf, lengthOf } from '../typed-array.ts'
import type { DType, NumberArray, TypedArray } from '../types.ts'
import { fewNumbers } from './few.ts'

/** From here on insertion takes longer. */
const most = 32

/** Searching takes but a step more in twice as many. */
const mostSearched = 128

const keys = new Float64Array(mostSearched)
const searched = new Float64Array(mostSearched)
const order = new Int32Array(most)

/** Whether `a` comes before `b`: -0 is below +0, NaN above all. */
function isBefore(a: number, b: number): boolean {
  return a < b || (b !== b && a === a) || (a === 0 && b === 0 && 1 / a < 1 / b)
}

function sortKeys(count: number): void {
  for (let i = 1; i < count; i++) {
    const key = keys[i]
    let at = i
    for (; at > 0 && isBefore(key, keys[at - 1]); at--) keys[at] = keys[at - 1]
    keys[at] = key
  }
}

/** Writes the first `wanted` of the order in which the keys sort, equal ones as they are. */
function orderKeys(count: number, wanted: number): void {
  for (let i = 0; i < count; i++) {
    const key = keys[i]
    let at = Math.min(i, wanted)
    if (at === wanted && (at === 0 || !isBefore(key, keys[order[at - 1]]))) continue
    if (at === wanted) at--
    for (; at > 0 && isBefore(key, keys[order[at - 1]]); at--) order[at] = order[at - 1]
    order[at] = i
  }
}

/** The least number becomes the greatest, and -0 +0; NaN stays what it is. */
function negateKeys(count: number): void {
  for (let i = 0; i < count; i++) keys[i] = -keys[i]
}

/** -0 becomes +0. */
function mergeZeros(count: number): void {
  for (let i = 0; i < count; i++) keys[i] += 0
}

function arrayOfKeys(dtype: DType, count: number): TypedArray {
  const array = new (arrayClass(dtype))(count)
  for (let i = 0; i < count; i++) array[i] = keys[i]
  return array
}

function indicesInOrder(count: number): Uint32Array {
  const indices = new Uint32Array(count)
  for (let i = 0; i < count; i++) indices[i] = order[i]
  return indices
}

const fewInserted = fewNumbers(most, keys, (dtype, count) => {
  sortKeys(count)
  return arrayOfKeys(dtype, count)
})

// That of the prototype: a Buffer's subclass may have one of its own.
const { toSorted } = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array

/** As many bytes are sorted by the engine faster than they can be counted. */
const mostBytes = 128

export function fewSorted(args: readonly unknown[]): TypedArray | undefined {
  const dtype = dtypeOf(args[0])
  if (dtype === undefined || bytesPerElement(dtype) > 1) return fewInserted(args)
  const bytes = args[0] as Uint8Array
  const count = lengthOf(bytes)
  if (count === 0 || count > mostBytes) return undefined
  return toSorted.call(bytes)
}

export const fewArgsorted = fewNumbers(most, keys, (_, count) => {
  orderKeys(count, count)
  return indicesInOrder(count)
})

export const fewTopk = fewNumbers(most, keys, (dtype, count, k) => {
  if (!isRank(k, count)) return undefined
  negateKeys(count)
  orderKeys(count, k)
  const values = new (arrayClass(dtype))(k)
  for (let i = 0; i < k; i++) values[i] = -keys[order[i]]
  return { values, indices: indicesInOrder(k) }
})

const parted = new Float64Array(mostSearched)

export const fewParted = fewNumbers(most, keys, (dtype, count, k) => {
  if (!isRank(k, count - 1)) return undefined
  parted.set(keys)
  sortKeys(count)
  const pivot = keys[k]
  const array = new (arrayClass(dtype))(count)
  let at = 0
  for (let i = 0; i < count; i++) if (isBefore(parted[i], pivot)) array[at++] = parted[i]
  let end = count
  for (let i = count - 1; i >= 0; i--) if (isBefore(pivot, parted[i])) array[--end] = parted[i]
  while (at < end) array[at++] = pivot
  return array
})

export const fewUnique = fewNumbers(most, keys, (dtype, count) => {
  mergeZeros(count)
  sortKeys(count)
  let found = 0
  for (let i = 0; i < count; i++) if (found === 0 || isBefore(keys[found - 1], keys[i])) keys[found++] = keys[i]
  return { values: arrayOfKeys(dtype, found) }
})

export const fewRanks = fewNumbers(most, keys, (_, count) => {
  mergeZeros(count)
  orderKeys(count, count)
  const ranks = new Float64Array(count)
  for (let first = 0, end = 0; first < count; first = end) {
    const key = keys[order[first]]
    for (end = first + 1; end < count && !isBefore(key, keys[order[end]]);) end++
    const rank = key === key ? (first + 1 + end) / 2 : NaN
    for (let i = first; i < end; i++) ranks[order[i]] = rank
  }
  return ranks
})

/** The median or, where a fraction is given, the quantile; `method` as in the reference. */
export function fewQuantile(method: number, given?: number): (args: readonly unknown[]) => number | undefined {
  return fewNumbers(most, keys, (_, count, second) => {
    const q = given ?? second
    if (typeof q !== 'number' || !(q >= 0 && q <= 1)) return undefined
    sortKeys(count)
    if (keys[count - 1] !== keys[count - 1]) return NaN
    const { low, high, part } = placeOf(method, q, count)
    return between(keys[low], keys[high], part)
  })
}

/** Where the numbers of the second argument belong among those of the first. */
export const fewPlaces = fewNumbers(mostSearched, searched, (dtype, count, values) => {
  if (dtypeOf(values) !== dtype) return undefined
  const wanted = lengthOf(values as TypedArray)
  if (wanted === 0 || wanted > mostSearched) return undefined
  keys.set(values as NumberArray)
  const places = new Uint32Array(wanted)
  for (let i = 0; i < wanted; i++) {
    const key = keys[i]
    let least = 0
    let above = count
    while (least < above) {
      const middle = (least + above) >> 1
      const other = searched[middle]
      if (other < key || (key !== key && other === other)) least = middle + 1
      else above = middle
    }
    places[i] = least
  }
  return places
})

function isRank(k: unknown, last: number): k is number {
  return Number.isInteger(k) && (k as number) >= 0 && (k as number) <= last
}
