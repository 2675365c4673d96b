import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { ArrayOf, Extent, RandomArray, RandomOptions, RandomResult } from './random-options.ts'
import { planExponential, planIntegers, planNormal, planPermutation, planUniform } from './random-plan.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'

/** Options of `random.uniform`. */
export interface UniformOptions extends RandomOptions {
  /**
   * The least number there may be.
   * @default 0
   */
  low?: number | undefined
  /**
   * All numbers are below this.
   * @default 1
   */
  high?: number | undefined
  /** @default that of `out`, or 'float64' */
  dtype?: 'float64' | 'float32' | undefined
}

/** Options of `random.normal`. */
export interface NormalOptions extends RandomOptions {
  /** @default 0 */
  mean?: number | undefined
  /**
   * The standard deviation, 0 or more.
   * @default 1
   */
  std?: number | undefined
  /** @default that of `out`, or 'float64' */
  dtype?: 'float64' | 'float32' | undefined
}

/** Options of `random.exponential`. */
export interface ExponentialOptions extends RandomOptions {
  /**
   * The mean, 0 or more.
   * @default 1
   */
  scale?: number | undefined
  /**
   * 1 / scale, for who thinks in events per unit of time; instead of `scale`.
   * @default 1
   */
  rate?: number | undefined
  /** @default that of `out`, or 'float64' */
  dtype?: 'float64' | 'float32' | undefined
}

/** The dtypes that integers come in. */
export type IntegerDType = Exclude<keyof ArrayOf, 'float32'>

/** Options of `random.integers`. */
export interface IntegersOptions extends RandomOptions {
  /**
   * The least integer there may be. For BigInt arrays a BigInt, or an integer that is exact.
   * @default 0
   */
  low?: number | bigint | undefined
  /** All integers are below this; at most 2^53 above `low` unless the array is one of BigInts. */
  high: number | bigint
  /** @default that of `out`, or 'int32' */
  dtype?: IntegerDType | undefined
}

/** A function that makes random arrays. */
export interface RandomFunction<Options extends RandomOptions, Default extends keyof ArrayOf> {
  <const N extends Extent, const O extends Options>(n: N, options?: O): Task<RandomResult<N, RandomArray<O, Default>>>
  /** The same on the calling thread. */
  sync<const N extends Extent, const O extends Options>(n: N, options?: O): RandomResult<N, RandomArray<O, Default>>
}

/** The type of {@link random.integers}. */
export interface RandomIntegers {
  <const N extends Extent, const O extends IntegersOptions>(
    n: N,
    options: O,
  ): Task<RandomResult<N, RandomArray<O, 'int32'>>>
  /** The same on the calling thread. */
  sync<const N extends Extent, const O extends IntegersOptions>(
    n: N,
    options: O,
  ): RandomResult<N, RandomArray<O, 'int32'>>
}

/** The type of {@link random.permutation}. */
export interface RandomPermutation {
  (n: number, options?: RandomOptions): Task<Uint32Array>
  <X extends ArrayInput>(x: X, options?: RandomOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync(n: number, options?: RandomOptions): Uint32Array
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: RandomOptions): ArrayResult<X>
}

/** The type of {@link random}. */
export interface Random {
  /**
   * Numbers from `low` up to `high`, excluded, all as likely: low + u (high - low), where u has 53 random bits (24 for
   * float32, of which the bounds are rounded to float32 first). A shorter array is the beginning of a longer one.
   *
   * @param n A length, which gives a typed array, or a shape, which gives an NDArray.
   * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
   * @example await random.uniform(1e6, { low: -1, high: 1, seed: 7 })
   */
  readonly uniform: RandomFunction<UniformOptions, 'float64'>
  /**
   * Numbers of the normal distribution: mean + std · z, by the ziggurat method with 256 layers and the full 53 bits of
   * resolution (Marsaglia and Tsang 2000; of Doornik's 2005 remarks: layer, sign and place come from bits of their
   * own). float32 numbers are the float64 ones, rounded. A shorter array is the beginning of a longer one.
   *
   * @param n A length, which gives a typed array, or a shape, which gives an NDArray.
   * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
   * @example await random.normal([1000, 3], { std: 0.1, dtype: 'float32' })
   */
  readonly normal: RandomFunction<NormalOptions, 'float64'>
  /**
   * Integers from `low` up to `high`, excluded, all exactly as likely: by multiplication with rejection (Lemire 2019)
   * where there are at most 2^32 of them, else by masked bits with rejection. The numbers don't depend on the dtype. A
   * shorter array is the beginning of a longer one.
   *
   * @param n A length, which gives a typed array, or a shape, which gives an NDArray.
   * @param options `high` must be given.
   * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
   * @example await random.integers(100, { low: 1, high: 7 }) // dice: Int32Array
   */
  readonly integers: RandomIntegers
  /**
   * Numbers of the exponential distribution: scale · x with density exp(-x), by the ziggurat method, as for `normal`.
   * float32 numbers are the float64 ones, rounded. A shorter array is the beginning of a longer one.
   *
   * @param n A length, which gives a typed array, or a shape, which gives an NDArray.
   * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_MEMORY.
   * @example await random.exponential(1e5, { rate: 2 }) // waiting times at two events a second
   */
  readonly exponential: RandomFunction<ExponentialOptions, 'float64'>
  /**
   * 0 to n - 1 in random order, or the elements of an array, every order exactly as likely. Many elements are dealt to
   * buckets at random, and each bucket is shuffled by itself (Rao 1961, Sandelius 1962; in parallel: Sanders 1998). The
   * same permutation moves an array of any dtype: `permutation(x)` is x[p] for p of `permutation(x.length)` with the
   * same seed. A permutation of fewer elements is not the beginning of one of more.
   *
   * @param x A length up to 2^32 - 1, or a typed array or view of one axis; it is not changed.
   * @returns A new Uint32Array; for an array one of its own type; or `out`, which may not be `x`.
   * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
   * @example await random.permutation(5) // Uint32Array [3, 0, 4, 1, 2]
   */
  readonly permutation: RandomPermutation
}

/**
 * Random numbers that are the same for a `seed` and `stream` on every backend, CPU level, machine and number of
 * threads: each element is computed from seed, stream and its index by ChaCha8 (Bernstein 2008), which passes every
 * statistical test known and has no known weakness; Go and Rust draw theirs from ChaCha too. Logarithm and exponential
 * are offloop's own. Functions don't share numbers: `uniform` and `normal` of one seed have nothing to do with each
 * other. Not for keys and passwords: a seed has 53 bits. With AVX-512 a uniform number takes below 1 ns on one thread, a
 * normal or exponential one 2 ns, an element of a long permutation 5 ns.
 */
export const random: Random = {
  uniform: defineKernel({ name: 'random.uniform', arity: 1, plan: planUniform }),
  normal: defineKernel({ name: 'random.normal', arity: 1, plan: planNormal }),
  integers: defineKernel({ name: 'random.integers', arity: 1, plan: planIntegers }),
  exponential: defineKernel({ name: 'random.exponential', arity: 1, plan: planExponential }),
  permutation: defineKernel({ name: 'random.permutation', arity: 1, plan: planPermutation }),
}

Object.freeze(random)
