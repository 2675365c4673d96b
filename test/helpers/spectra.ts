import type { Case } from './lanes.ts'
import { classOf, random } from './views.ts'

export type Float = 'float32' | 'float64'

export const floats: readonly Float[] = ['float64', 'float32']

/** 1, 2, powers of two and of other primes, mixed ones, primes with a butterfly and without, around groups of lanes. */
export const lengths: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 16, 17, 19, 23, 24, 29, 31, 32, 33, 37, 48, 49, 60, 63, 64, 65, 66, 74,
  81, 96, 97, 100, 120, 121, 127, 128, 129, 169, 210, 243, 250, 255, 256, 257, 289, 320, 343, 384, 509, 512, 514, 625,
  720, 899, 961, 997, 1000, 1001, 1023, 1024,
]

/** Whole numbers of 12 bits with their sign, so that sums of products with pieces of 30 bits are exact. */
export function integers(count: number, seed = count + 1): number[] {
  const next = random(seed)
  return Array.from({ length: count }, () => (next() % 4095) - 2047)
}

export function arrayOf(dtype: Float, values: readonly number[]): Float32Array | Float64Array {
  const array = new (classOf(dtype))(values.length) as Float64Array
  array.set(values)
  return array
}

/**
 * X[k] = Σ x[j]·exp(∓2πi·jk/n) of whole numbers, re and im in turns, by this definition: roots of unity in pieces of 30
 * bits, each piece's sum exact. Off by less than 2^-70 of the largest; n is at most 1024. Inverse with 1/n.
 */
export function exactTransform(x: ArrayLike<number>, inverse = false): number[] {
  const n = x.length / 2
  const { cos, sin } = rootsOfUnity(n)
  const result: number[] = []
  for (let k = 0; k < n; k++) {
    let re = 0
    let im = 0
    for (let piece = 2; piece >= 0; piece--) {
      let sumRe = 0
      let sumIm = 0
      for (let j = 0, at = 0; j < n; j++) {
        const c = cos[piece][at]
        const s = inverse ? -sin[piece][at] : sin[piece][at]
        sumRe += x[2 * j] * c + x[2 * j + 1] * s
        sumIm += x[2 * j + 1] * c - x[2 * j] * s
        at += k
        if (at >= n) at -= n
      }
      re += sumRe * 2 ** (-30 * (piece + 1))
      im += sumIm * 2 ** (-30 * (piece + 1))
    }
    result.push(inverse ? re / n : re, inverse ? im / n : im)
  }
  return result
}

/** 2π, times 2^130. */
const turn = (314159265358979323846264338327950288419716939937510n * 2n ** 131n) / 10n ** 50n
const one = 2n ** 130n

/** cos and sin of 2πk/n in three pieces of 30 bits, whole numbers; from Taylor's series in 130 bits. */
function rootsOfUnity(n: number): { cos: Float64Array[]; sin: Float64Array[] } {
  const make = () => Array.from({ length: 3 }, () => new Float64Array(n))
  const roots = { cos: make(), sin: make() }
  for (let k = 0; k < n; k++) {
    const angle = (turn * BigInt(k)) / BigInt(n)
    let cos = 0n
    let sin = 0n
    let term = one
    for (let i = 1; term !== 0n; i++) {
      if (i % 2 === 1) cos += i % 4 === 1 ? term : -term
      else sin += i % 4 === 2 ? term : -term
      term = (term * angle) / one / BigInt(i)
    }
    for (let piece = 0; piece < 3; piece++) {
      roots.cos[piece][k] = pieceOf(cos, piece)
      roots.sin[piece][k] = pieceOf(sin, piece)
    }
  }
  return roots
}

function pieceOf(value: bigint, piece: number): number {
  const bits = (value < 0n ? -value : value) >> BigInt(130 - 30 * (piece + 1))
  const digits = Number(piece === 0 ? bits : bits & (2n ** 30n - 1n))
  return value < 0n ? -digits : digits
}

/**
 * How far a number of a transform may be from the exact one: c·log₂(2n)·u·‖x‖ (Higham, "Accuracy and Stability of
 * Numerical Algorithms", 2002, chapter 24, bounds the error of the whole by log₂n·u·‖X‖ times a constant that depends on
 * the twiddle factors; one number has its share 1/√n of ‖X‖ = √n·‖x‖). A prime factor above 31 takes three transforms
 * of more than twice the length; a radix r by its definition adds up r products.
 */
export function tolerance(dtype: Float, n: number, size: number): number {
  const unit = dtype === 'float32' ? 2 ** -24 : 2 ** -53
  return 4 * steps(n) * unit * size
}

function steps(n: number): number {
  let rest = n
  let count = 1
  for (const prime of [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]) {
    for (; rest % prime === 0; rest /= prime) count += Math.log2(prime) * (prime > 5 ? 2 : 1)
  }
  return rest > 1 ? 3 * (2 + Math.log2(2 * n)) : count
}

export function norm(x: ArrayLike<number>): number {
  return Math.hypot(...Array.from(x))
}

/** Lines of one transform each, as a case with the results of all of them. */
export function casesOf(
  dtype: Float,
  n: number,
  lines: readonly (readonly number[])[],
  define: (line: readonly number[]) => { values: number[]; norm: number },
  options: object = { n },
): Case {
  const results = lines.map(define)
  return {
    name: `${lines.length} of ${n} in ${dtype}`,
    args: () => [arrayOf(dtype, lines.flat())],
    options: () => options,
    expected: {
      values: results.flatMap(({ values }) => values),
      errors: results.flatMap((result) => result.values.map(() => tolerance(dtype, n, result.norm))),
    },
  }
}

/** Definitions of the four transforms of one line, with the norm that errors are measured by. */
export const definitions = {
  fft: (x: readonly number[]) => ({ values: exactTransform(x), norm: norm(x) }),
  ifft: (x: readonly number[]) => ({ values: exactTransform(x, true), norm: norm(x) / (x.length / 2) }),
  rfft: (x: readonly number[]) => {
    const whole = exactTransform(x.flatMap((value) => [value, 0]))
    return { values: whole.slice(0, 2 * (Math.floor(x.length / 2) + 1)), norm: norm(x) }
  },
  irfft:
    (n: number) =>
    (x: readonly number[]): { values: number[]; norm: number } => {
      const whole = [...x.slice(0, 2 * (Math.floor(n / 2) + 1)), ...Array<number>(n).fill(0)].slice(0, 2 * n)
      whole[1] = 0
      if (n % 2 === 0) whole[n + 1] = 0
      for (let k = Math.floor(n / 2) + 1; k < n; k++) {
        whole[2 * k] = x[2 * (n - k)]
        whole[2 * k + 1] = -x[2 * (n - k) + 1]
      }
      return { values: exactTransform(whole, true).filter((_, i) => i % 2 === 0), norm: norm(whole) / n }
    },
} as const
