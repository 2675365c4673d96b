// What reductions do to values: numbers, and elements of typed arrays, always in the order of the ranks.
import { rangeMisuse, typeMisuse } from '../errors.ts'
import type { TypedArray } from '../types.ts'

/** The named operations. */
export const reductionNames = ['sum', 'prod', 'min', 'max'] as const
/**
 * The named operations: for numbers, bigints and typed arrays, element by element.
 * @useDeclaredType
 */
export type ReductionName = (typeof reductionNames)[number]

/** Of two values one; `a` comes from lower ranks than `b`. Associative: how they are bracketed may not matter. */
export type ReductionFunction<T> = (a: T, b: T) => T | PromiseLike<T>

/** How a reduction combines: by name, or by a function. */
export type Reduction<T = unknown> = ReductionName | ReductionFunction<T>

export function checkReduction(op: unknown): Reduction {
  if (typeof op === 'function' || reductionNames.includes(op as ReductionName)) return op as Reduction
  const what = `'sum', 'prod', 'min', 'max' or a function`
  throw typeof op === 'string' ? rangeMisuse('op', what, op) : typeMisuse('op', what, op)
}

/**
 * Folds what `count` ranks gave, along one tree for each count: neighbours first, then pairs of pairs. `combine(i, j)`
 * puts into i what comes of i and j; in the end 0 has all.
 */
export function foldTree(count: number, combine: (i: number, j: number) => void): void {
  for (let distance = 1; distance < count; distance *= 2) {
    for (let i = 0; i + distance < count; i += 2 * distance) combine(i, i + distance)
  }
}

export const combineNumbers: Readonly<Record<ReductionName, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
}

export const combineBigInts: Readonly<Record<ReductionName, (a: bigint, b: bigint) => bigint>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  min: (a, b) => (b < a ? b : a),
  max: (a, b) => (b > a ? b : a),
}

type Loop = (into: never, a: never, b: never, from: number, to: number) => void

/** into[i] = a[i] op b[i] for i from `from` up to `to`. Integers wrap as typed arrays do. */
export function loopOf(op: ReductionName, array: TypedArray): (...args: Parameters<LoopOfAny>) => void {
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) return bigLoops[op] as LoopOfAny
  // The product of two doubles would lose the lowest bits.
  if (op === 'prod' && (array instanceof Int32Array || array instanceof Uint32Array)) return multiply32 as LoopOfAny
  return loops[op] as LoopOfAny
}

type LoopOfAny = (into: TypedArray, a: TypedArray, b: TypedArray, from: number, to: number) => void
type Numbers = { [i: number]: number }
type Bigs = BigInt64Array

const loops: Readonly<Record<ReductionName, Loop>> = {
  sum(into: Numbers, a: Numbers, b: Numbers, from, to) {
    for (let i = from; i < to; i++) into[i] = a[i] + b[i]
  },
  prod(into: Numbers, a: Numbers, b: Numbers, from, to) {
    for (let i = from; i < to; i++) into[i] = a[i] * b[i]
  },
  min(into: Numbers, a: Numbers, b: Numbers, from, to) {
    for (let i = from; i < to; i++) into[i] = Math.min(a[i], b[i])
  },
  max(into: Numbers, a: Numbers, b: Numbers, from, to) {
    for (let i = from; i < to; i++) into[i] = Math.max(a[i], b[i])
  },
}

function multiply32(into: Numbers, a: Numbers, b: Numbers, from: number, to: number): void {
  for (let i = from; i < to; i++) into[i] = Math.imul(a[i], b[i])
}

const bigLoops: Readonly<Record<ReductionName, Loop>> = {
  sum: bigLoop('sum'),
  prod: bigLoop('prod'),
  min: bigLoop('min'),
  max: bigLoop('max'),
}

function bigLoop(op: ReductionName): Loop {
  const combine = combineBigInts[op]
  return (into: Bigs, a: Bigs, b: Bigs, from, to) => {
    for (let i = from; i < to; i++) into[i] = combine(a[i], b[i])
  }
}
