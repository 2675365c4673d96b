// Central moments, as native/kernels/moments.h and moments_chunk.h have them, operation by operation: powers of the
// deviations from a pivot, 32 lanes a power, and from their sums the moments about the mean.

/** Where the moments are in a partial: the mean is near + rest, unevaluated; m2 to m4 are sums of powers about it. */
export const moment = { count: 0, near: 1, rest: 2, m2: 3, m3: 4, m4: 5 } as const

const lanes = 32
const powers = Array.from({ length: 4 }, () => new Float64Array(lanes))
const [sums, squares, cubes, fourths] = powers

/** The mean of 32 elements from the first one that counts, or of all there are; of equal elements what they are. */
export function findPivot(x: Float64Array, start: number, count: number, skipNaN: boolean): number {
  let first = start
  const end = start + count
  if (skipNaN) {
    while (first < end && x[first] !== x[first]) first++
    if (first === end) return 0
  }
  const origin = x[first]
  const few = Math.min(end - first, lanes)
  let numbers = 0
  sums.fill(-0)
  for (let i = 0; i < few; i++) {
    const value = x[first + i]
    if (skipNaN && value !== value) continue
    sums[i] += value - origin
    numbers++
  }
  return origin + fold(sums) / numbers
}

/** Merges the moments up to m2 of `count` elements into a partial. */
export function addMoments(partial: Float64Array, x: Float64Array, start: number, count: number, pivot: number): void {
  addTwoPowers(x, start, count, pivot)
  mergeTwo(partial, count, pivot)
}

/** The same for those that are numbers; `terms` has room for `count`. */
export function addMomentsOfNumbers(
  partial: Float64Array,
  x: Float64Array,
  start: number,
  count: number,
  pivot: number,
  terms: Float64Array,
): void {
  const numbers = copyDeviations(x, start, count, pivot, terms)
  if (numbers === 0) return
  addTwoPowers(terms, 0, count, 0)
  mergeTwo(partial, numbers, pivot)
}

/** The same for all moments. */
export function addHighMoments(
  partial: Float64Array,
  x: Float64Array,
  start: number,
  count: number,
  pivot: number,
): void {
  addFourPowers(x, start, count, pivot)
  mergeFour(partial, count, pivot)
}

/** The same for those that are numbers. */
export function addHighMomentsOfNumbers(
  partial: Float64Array,
  x: Float64Array,
  start: number,
  count: number,
  pivot: number,
  terms: Float64Array,
): void {
  const numbers = copyDeviations(x, start, count, pivot, terms)
  if (numbers === 0) return
  addFourPowers(terms, 0, count, 0)
  mergeFour(partial, numbers, pivot)
}

/** Chan, Golub & LeVeque (1979). */
export function mergeMoments(into: Float64Array, count: number, near: number, rest: number, m2: number): void {
  if (count === 0) return
  if (into[moment.count] === 0) {
    into[moment.count] = count
    into[moment.near] = near
    into[moment.rest] = rest
    into[moment.m2] = m2
    return
  }
  const total = into[moment.count] + count
  const delta = near - into[moment.near] + (rest - into[moment.rest])
  const share = count / total
  into[moment.rest] += delta * share
  into[moment.m2] = into[moment.m2] + m2 + delta * delta * (into[moment.count] * share)
  into[moment.count] = total
}

/** The same for higher moments (Pébay 2008). */
export function mergeHighMoments(
  into: Float64Array,
  count: number,
  near: number,
  rest: number,
  m2: number,
  m3: number,
  m4: number,
): void {
  if (count === 0) return
  if (into[moment.count] === 0) {
    into[moment.m3] = m3
    into[moment.m4] = m4
  } else {
    const total = into[moment.count] + count
    const delta = near - into[moment.near] + (rest - into[moment.rest])
    const a = into[moment.count] / total
    const b = count / total
    const square = delta * delta
    const weight = into[moment.count] * b
    const m2a = into[moment.m2]
    into[moment.m4] =
      into[moment.m4] +
      m4 +
      square * square * (weight * (a * a - a * b + b * b)) +
      6 * square * (a * a * m2 + b * b * m2a) +
      4 * delta * (a * m3 - b * into[moment.m3])
    into[moment.m3] = into[moment.m3] + m3 + square * delta * (weight * (a - b)) + 3 * delta * (a * m2 - b * m2a)
  }
  mergeMoments(into, count, near, rest, m2)
}

function mergeTwo(partial: Float64Array, count: number, pivot: number): void {
  const sum = fold(sums)
  const rest = sum / count
  mergeMoments(partial, count, pivot, rest, centerSquares(sum, fold(squares), rest))
}

function mergeFour(partial: Float64Array, count: number, pivot: number): void {
  const s1 = fold(sums)
  const s2 = fold(squares)
  const s3 = fold(cubes)
  const s4 = fold(fourths)
  const rest = s1 / count
  const square = rest * rest
  const m2 = centerSquares(s1, s2, rest)
  const m3 = s3 - 3 * rest * s2 + 2 * s1 * square
  const m4 = s4 - 4 * rest * s3 + 6 * square * s2 - 3 * s1 * (square * rest)
  mergeHighMoments(partial, count, pivot, rest, m2, m3, m4)
}

// Not below 0; infinite where squares overflow, NaN where an element is not finite.
function centerSquares(sum: number, squaresSum: number, rest: number): number {
  const correction = sum * rest
  if (squaresSum > correction) return squaresSum - correction
  return squaresSum < Infinity ? 0 : squaresSum + (sum - sum)
}

// Lane l takes in lane l + 16, then + 8, + 4, + 2, + 1.
function fold(of: Float64Array): number {
  for (let half = lanes / 2; half >= 1; half /= 2) {
    for (let lane = 0; lane < half; lane++) of[lane] += of[lane + half]
  }
  return of[0]
}

// Deviations of the elements that are numbers, -0 for the others; how many there are.
function copyDeviations(x: Float64Array, start: number, count: number, pivot: number, to: Float64Array): number {
  let numbers = 0
  for (let i = 0; i < count; i++) {
    const value = x[start + i]
    to[i] = value === value ? value - pivot : -0
    numbers += value === value ? 1 : 0
  }
  return numbers
}

// Four lanes at a time, whose sums stay in registers.
function addTwoPowers(x: Float64Array, start: number, count: number, pivot: number): void {
  const end = start + count - (count % lanes)
  for (let lane = 0; lane < lanes; lane += 4) {
    let a = -0
    let b = -0
    let c = -0
    let d = -0
    let aa = -0
    let bb = -0
    let cc = -0
    let dd = -0
    for (let i = start + lane; i < end; i += lanes) {
      const p = x[i] - pivot
      const q = x[i + 1] - pivot
      const r = x[i + 2] - pivot
      const s = x[i + 3] - pivot
      a += p
      b += q
      c += r
      d += s
      aa += p * p
      bb += q * q
      cc += r * r
      dd += s * s
    }
    sums[lane] = a
    sums[lane + 1] = b
    sums[lane + 2] = c
    sums[lane + 3] = d
    squares[lane] = aa
    squares[lane + 1] = bb
    squares[lane + 2] = cc
    squares[lane + 3] = dd
  }
  for (let i = end; i < start + count; i++) {
    const delta = x[i] - pivot
    sums[i - end] += delta
    squares[i - end] += delta * delta
  }
}

function addFourPowers(x: Float64Array, start: number, count: number, pivot: number): void {
  const end = start + count - (count % lanes)
  for (let lane = 0; lane < lanes; lane += 2) {
    let a1 = -0
    let b1 = -0
    let a2 = -0
    let b2 = -0
    let a3 = -0
    let b3 = -0
    let a4 = -0
    let b4 = -0
    for (let i = start + lane; i < end; i += lanes) {
      const p = x[i] - pivot
      const q = x[i + 1] - pivot
      const pp = p * p
      const qq = q * q
      a1 += p
      b1 += q
      a2 += pp
      b2 += qq
      a3 += pp * p
      b3 += qq * q
      a4 += pp * pp
      b4 += qq * qq
    }
    sums[lane] = a1
    sums[lane + 1] = b1
    squares[lane] = a2
    squares[lane + 1] = b2
    cubes[lane] = a3
    cubes[lane + 1] = b3
    fourths[lane] = a4
    fourths[lane + 1] = b4
  }
  for (let i = end; i < start + count; i++) {
    const delta = x[i] - pivot
    const square = delta * delta
    sums[i - end] += delta
    squares[i - end] += square
    cubes[i - end] += square * delta
    fourths[i - end] += square * square
  }
}
