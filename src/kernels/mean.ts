import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { fewSum, fewValues } from './few.ts'
import { numberAt, planReduction, sumCosts } from './reduction.ts'
import type { ArrayInput, ReductionOptions, ReductionShape } from './reduction.ts'

/** Options of {@link mean}. */
export interface MeanOptions extends ReductionOptions, TaskOptions {
  /**
   * With `axis`: receives the means.
   * @default a new Float64Array
   */
  out?: ArrayInput<Float64Array> | undefined
}

/** A number, or with `axis` an NDArray of float64. */
export type NumberResult<O> = O extends { axis: number | readonly number[] } ? NDArray<Float64Array> : number

/** The type of {@link mean}. */
export interface Mean {
  <const O extends MeanOptions>(x: ArrayInput, options?: O): Task<NumberResult<O>>
  /** The same on the calling thread. */
  sync<const O extends MeanOptions>(x: ArrayInput, options?: O): NumberResult<O>
}

const shape: ReductionShape<number> = {
  kernel: 'mean',
  costs: sumCosts,
  outputs: () => ['float64'],
  value: (results) => numberAt(results, 0),
  wrap: ([out]) => out,
}

/**
 * The arithmetic mean of all elements, or along `axis`: sum(x) / n, with the sum of {@link sum}. Integer arrays are
 * summed exactly first. The mean of nothing is NaN.
 *
 * @param x Any typed array or n-d view.
 * @returns A number; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await mean(ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]), { axis: 0 }) // [2, 3]
 * @function
 */
export const mean: Mean = defineKernel({
  name: 'mean',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues((x, count) => fewSum(x, count) / count),
})
