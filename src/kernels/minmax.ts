import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import type { TypedArray } from '../types.ts'
import { fewGreatest, fewLeast, fewValues } from './few.ts'
import { elementAt, planReduction } from './reduction.ts'
import type { ArrayInput, BigIntInput, ElementCosts, ReductionOptions, ReductionShape } from './reduction.ts'

/** Options of {@link minmax}. */
export interface MinmaxOptions extends ReductionOptions, TaskOptions {
  /**
   * With `axis`: two arrays of the input's type that receive minima and maxima.
   * @default new arrays
   */
  out?: readonly [ArrayInput, ArrayInput] | undefined
}

/** Smallest and greatest element. */
export interface Extremes<T> {
  /** The least element. */
  readonly min: T
  /** The greatest element. */
  readonly max: T
}

export type MinmaxResult<X, O> = O extends { axis: number | readonly number[] }
  ? Extremes<NDArray>
  : Extremes<X extends BigIntInput ? bigint : number>

/** The type of {@link minmax}. */
export interface Minmax {
  <const X extends ArrayInput, const O extends MinmaxOptions>(x: X, options?: O): Task<MinmaxResult<X, O>>
  /** The same on the calling thread. */
  sync<const X extends ArrayInput, const O extends MinmaxOptions>(x: X, options?: O): MinmaxResult<X, O>
}

export const minmaxCosts: ElementCosts = {
  float64: 0.08,
  float32: 0.04,
  float16: 0.033,
  int8: 0.01,
  int16: 0.018,
  int32: 0.033,
  bigint: 0.1,
}

const shape: ReductionShape<Extremes<number | bigint>> = {
  kernel: 'minmax',
  costs: minmaxCosts,
  outputs: (dtype) => [dtype, dtype],
  extra: () => both,
  needsElements: true,
  value: (results, dtype) => ({ min: elementAt(results, 0, dtype), max: elementAt(results, 1, dtype) }),
  wrap: ([min, max]: readonly (TypedArray | NDArray)[]) => ({ min, max }),
}

const both = [0]

/**
 * Smallest and greatest element in one pass, or along `axis`. NaN anywhere makes both NaN, unless `skipNaN`; -0 is
 * below +0.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns `{ min, max }`: numbers, BigInts for BigInt arrays, with `axis` NDArrays of the input's type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await minmax(new Int32Array([3, 1, 2])) // { min: 1, max: 3 }
 * @function
 */
export const minmax: Minmax = defineKernel({
  name: 'minmax',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues((x, count) => ({ min: fewLeast(x, count), max: fewGreatest(x, count) })),
})
