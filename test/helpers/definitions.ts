// What reductions are, by definition: exact rational arithmetic, rounded once, and how far off a kernel may be.

import { ExactSum, exactScale, quotient, unit } from './exact.ts'
import type { Define, ReduceOptions } from './reductions.ts'
import { isBig, isFloat } from './views.ts'
import type { TestDType, Value } from './views.ts'

/**
 * Roundings on the longest way of an element into a sum: 512 in one of 32 lanes of a block of 16,384, five to fold the
 * lanes, and one for each doubling of blocks (Higham, "The Accuracy of Floating Point Summation", 1993).
 */
export function depth(n: number): number {
  return Math.min(n, 512 + 5 + Math.ceil(Math.log2(Math.max(n / 16384, 1))) + 1)
}

const tiny = 2 ** -1074

/** Σ x, as every element's own value: a double, or an exact BigInt. */
export const defineSum: Define = ([x], dtype, options, stored) => {
  if (!isFloat(dtype)) return { values: [integerSum(exactInteger(x), dtype, options, stored)], error: 0 }
  const numbers = kept(x as ArrayLike<number>, options)
  return { values: [floatSum(numbers)], error: sumError(numbers) }
}

/** Σ x / n; of integers the nearest double to the sum, divided. */
export const defineMean: Define = ([x], dtype, options) => {
  if (!isFloat(dtype)) return { values: [Number(exactInteger(x)) / x.length], error: 0 }
  const numbers = kept(x as ArrayLike<number>, options)
  const value = floatSum(numbers) / numbers.length
  return { values: [value], error: sumError(numbers) / numbers.length + 2 * unit * Math.abs(value) + tiny }
}

/** (n Σ x² - (Σ x)²) / n / (n - ddof), exactly; elements as doubles. */
export const defineVariance: Define = ([x], _dtype, options) => {
  const numbers = kept(Array.from(x, Number), options)
  const n = numbers.length
  const freedom = n - (options.ddof ?? 0)
  if (freedom <= 0 || numbers.some((value) => !Number.isFinite(value))) return { values: [NaN], error: 0 }
  const sums = new ExactSum()
  const squares = new ExactSum()
  for (const value of numbers) {
    sums.add(value)
    squares.addProduct(value, value)
  }
  const spread = BigInt(n) * squares.scaled * exactScale - sums.scaled ** 2n
  const m2 = quotient(spread, BigInt(n) * exactScale ** 2n)
  return { values: [m2 / freedom], error: (momentDepth(n) * unit * m2) / freedom + 4 * tiny }
}

/** The root of the variance. */
export const defineStd: Define = (lines, dtype, options, stored) => {
  const { values, error } = defineVariance(lines, dtype, options, stored)
  const std = Math.sqrt(values[0] as number)
  return { values: [std], error: std === 0 ? Math.sqrt(error as number) : (error as number) / std + unit * std }
}

/** Least and greatest, -0 below +0; NaN wins unless it is skipped. */
export const defineMinmax: Define = ([x], _dtype, options) => {
  if (typeof x[0] === 'bigint') {
    let [min, max] = [x[0], x[0]]
    for (let i = 1; i < x.length; i++) {
      if (x[i] < min) min = x[i] as bigint
      if (x[i] > max) max = x[i] as bigint
    }
    return { values: [min, max], error: 0 }
  }
  const numbers = kept(x as ArrayLike<number>, options)
  if (numbers.length === 0 || numbers.some(Number.isNaN)) return { values: [NaN, NaN], error: 0 }
  // JavaScript's own order: typed arrays sort -0 before +0.
  const sorted = Float64Array.from(numbers).toSorted()
  return { values: [sorted[0], sorted[sorted.length - 1]], error: 0 }
}

export const defineMin: Define = (...args) => ({ values: defineMinmax(...args).values.slice(0, 1), error: 0 })
export const defineMax: Define = (...args) => ({ values: defineMinmax(...args).values.slice(1), error: 0 })

/** The first NaN unless it is skipped; else the first of what is least, -0 below +0; 0 where there is nothing. */
export const defineArgmin: Define = ([x], _dtype, options) => ({
  values: [firstBest(x, options, (a, b) => a < b, -0)],
  error: 0,
})
export const defineArgmax: Define = ([x], _dtype, options) => ({
  values: [firstBest(x, options, (a, b) => a > b, 0)],
  error: 0,
})

function firstBest(
  x: ArrayLike<Value>,
  { skipNaN }: ReduceOptions,
  isBetter: (a: Value, b: Value) => boolean,
  betterZero: number,
): number {
  let best = -1
  for (let i = 0; i < x.length; i++) {
    if (Number.isNaN(x[i])) {
      if (!skipNaN) return i
      continue
    }
    const isBetterZero = Object.is(x[i], betterZero) && Object.is(x[best], -betterZero)
    if (best < 0 || isBetter(x[i], x[best]) || isBetterZero) best = i
  }
  return Math.max(best, 0)
}

/** √(Σ x²), Σ |x| or max |x|; of integers from exact sums. */
export const defineNorm: Define = ([x], dtype, options) => {
  const { ord = 2 } = options
  if (!isFloat(dtype)) return { values: [integerNorm(x, ord)], error: 0 }
  const sizes = kept(x as ArrayLike<number>, options).map(Math.abs)
  if (sizes.some(Number.isNaN)) return { values: [NaN], error: 0 }
  const most = sizes.reduce((a, b) => Math.max(a, b), 0)
  if (ord === Infinity || most === Infinity) return { values: [most], error: 0 }
  if (ord === 1) return { values: [Math.abs(floatSum(sizes))], error: sumError(sizes) }
  const sum = new ExactSum()
  // Powers of two keep every digit.
  const scale = most > 2 ** 400 ? 2 ** -600 : most < 2 ** -400 ? 2 ** 600 : 1
  for (const size of sizes) sum.addProduct(size * scale, size * scale)
  const value = Math.sqrt(quotient(sum.scaled, exactScale)) / scale
  return { values: [value], error: depth(sizes.length) * unit * value + tiny }
}

function integerNorm(x: ArrayLike<Value>, ord: number): number {
  let total = 0n
  for (let i = 0; i < x.length; i++) {
    const size = x[i] < 0 ? -BigInt(x[i]) : BigInt(x[i])
    if (ord === Infinity) total = size > total ? size : total
    else total += ord === 1 ? size : size * size
  }
  return ord === 2 ? Math.sqrt(Number(total)) : Number(total)
}

/** Moments by their definition, from the exact mean, with compensated sums. */
export const defineDescribe: Define = ([x], dtype, options, stored) => {
  const extremes = defineMinmax([x], dtype, options, stored).values
  const numbers = kept(Array.from(x, Number), options)
  const n = numbers.length
  if (n === 0 || numbers.some((value) => !Number.isFinite(value))) {
    return { values: [n, floatSum(numbers) / n, NaN, NaN, ...extremes, NaN, NaN], error: 0 }
  }
  const sums = new ExactSum()
  for (const value of numbers) sums.add(value)
  const mean = quotient(sums.scaled, BigInt(n) * exactScale)
  // What the mean's own rounding left out.
  sums.addProduct(-n, mean)
  const rest = quotient(sums.scaled, BigInt(n) * exactScale)
  const variance = defineVariance([x], dtype, options, stored)
  const std = defineStd([x], dtype, options, stored)
  const deviations = numbers.map((value) => value - mean - rest)
  const m2 = neumaier(deviations.map((d) => d * d)) / n
  const m3 = neumaier(deviations.map((d) => d * d * d)) / n
  const m4 = neumaier(deviations.map((d) => d ** 4)) / n
  const size3 = neumaier(deviations.map((d) => Math.abs(d) ** 3)) / n
  // Of a power k, as of squares: the sum about a pivot is at most (1 + √(1024/32))^k times that about the mean.
  const off = 4 * momentDepth(n) * unit
  const skewness = m2 === 0 ? NaN : m3 / (m2 * Math.sqrt(m2))
  const kurtosis = m2 === 0 ? NaN : m4 / (m2 * m2) - 3
  const spread = numbers.reduce((most, value) => Math.max(most, Math.abs(value - mean)), 0)
  return {
    values: [n, mean + 0, ...variance.values, ...std.values, ...extremes, skewness, kurtosis],
    error: [
      0,
      unit * Math.abs(mean) + momentDepth(n) * unit * spread + tiny,
      variance.error as number,
      std.error as number,
      0,
      0,
      off * (size3 / (m2 * Math.sqrt(m2)) + 2 * Math.abs(skewness)),
      off * (m4 / (m2 * m2)) * 3,
    ],
  }
}

function neumaier(terms: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const term of terms) {
    const next = sum + term
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum
    sum = next
  }
  return sum + lost
}

/** Σ x·y. */
export const defineDot: Define = ([x, y], dtype, options, stored) => {
  if (!isFloat(dtype)) {
    let total = 0n
    for (let i = 0; i < x.length; i++) total += BigInt(x[i]) * BigInt(y[i])
    return { values: [integerSum(total, dtype, options, stored)], error: 0 }
  }
  const sum = new ExactSum()
  let magnitude = 0
  let special = 0
  let hasSpecial = false
  let onlyMinusZero = x.length > 0
  let count = 0
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number]
    if (options.skipNaN && (Number.isNaN(a) || Number.isNaN(b))) continue
    count++
    if (!Object.is(a * b, -0)) onlyMinusZero = false
    if (Number.isFinite(a) && Number.isFinite(b)) {
      sum.addProduct(a, b)
      magnitude += Math.abs(a * b)
    } else {
      hasSpecial = true
      special += a * b
    }
  }
  if (hasSpecial) return { values: [special], error: 0 }
  const value = quotient(sum.scaled, exactScale)
  if (value === 0 && onlyMinusZero && count > 0) return { values: [-0], error: 0 }
  return { values: [value], error: (depth(count) + 2) * (unit * magnitude + tiny) }
}

function exactInteger(x: ArrayLike<Value>): bigint {
  if (typeof x[0] === 'bigint') return (Array.from(x) as bigint[]).reduce((sum, value) => sum + value, 0n)
  // Sums of whole numbers below 2^32 are exact as doubles up to 2^21 of them.
  let total = 0n
  let part = 0
  for (let i = 0; i < x.length; i++) {
    part += x[i] as number
    if (i % 2 ** 20 === 0) {
      total += BigInt(part)
      part = 0
    }
  }
  return total + BigInt(part)
}

function integerSum(total: bigint, dtype: TestDType, options: ReduceOptions, stored: boolean): Value {
  if (isBig(dtype)) {
    if (!stored) return total
    return dtype === 'bigint64' ? BigInt.asIntN(64, total) : BigInt.asUintN(64, total)
  }
  if (!options.exact) return Number(total)
  return stored ? BigInt.asIntN(64, total) : total
}

function kept(x: ArrayLike<number>, { skipNaN }: ReduceOptions): number[] {
  const numbers = Array.from(x)
  return skipNaN ? numbers.filter((value) => !Number.isNaN(value)) : numbers
}

function floatSum(numbers: readonly number[]): number {
  if (numbers.some((value) => !Number.isFinite(value))) {
    return numbers.reduce((sum, value) => (Number.isFinite(value) ? sum : sum + value), 0)
  }
  const sum = new ExactSum()
  for (const value of numbers) sum.add(value)
  const value = quotient(sum.scaled, exactScale)
  return value === 0 && numbers.length > 0 && numbers.every((each) => Object.is(each, -0)) ? -0 : value
}

function sumError(numbers: readonly number[]): number {
  let magnitude = 0
  for (const value of numbers) magnitude += Math.abs(value)
  return Number.isFinite(magnitude) ? (depth(numbers.length) + 1) * unit * magnitude : 0
}

/**
 * Of the sum of squared distances m2, relative to it. Squares about a pivot, for 1,024 elements at a time, are within
 * d·u of their sum, which is at most 1 + 1024/32 times m2, because the pivot is the mean of 32 of those elements.
 * Merging adds one rounding for each of 16 chunks and for each doubling of blocks (Chan, Golub and LeVeque, "Algorithms
 * for Computing the Sample Variance", 1983). It depends on no mean.
 */
function momentDepth(n: number): number {
  return (1024 / 32 + 5 + 16 + Math.ceil(Math.log2(n + 1)) + 8) * (1 + Math.min(n, 1024) / 32)
}
