import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { NumberResult } from './mean.ts'
import { fewValues, fewVariance } from './few.ts'
import { numberAt, planReduction } from './reduction.ts'
import type { ArrayInput, ReductionShape } from './reduction.ts'
import { readDdof, varianceCosts } from './variance.ts'
import type { VarianceOptions } from './variance.ts'

/** Options of {@link std}. */
export type StdOptions = VarianceOptions

/** The type of {@link std}. */
export interface Std {
  <const O extends StdOptions>(x: ArrayInput, options?: O): Task<NumberResult<O>>
  /** The same on the calling thread. */
  sync<const O extends StdOptions>(x: ArrayInput, options?: O): NumberResult<O>
}

const shape: ReductionShape<number> = {
  kernel: 'variance',
  costs: varianceCosts,
  outputs: () => ['float64'],
  extra: (raw) => [readDdof(raw), 1],
  value: (results) => numberAt(results, 0),
  wrap: ([out]) => out,
}

/**
 * The standard deviation of all elements, or along `axis`: the correctly rounded square root of their variance, which
 * see: √(Σ (x - mean)² / (n - ddof)). The same bits on every backend, CPU level and number of threads. NaN where
 * n - ddof is 0 or less.
 *
 * @param x Any typed array or n-d view.
 * @returns A number; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await std(new Float64Array([1, 2, 3, 4]), { ddof: 1 }) // 1.2909944487358056
 * @function
 */
export const std: Std = defineKernel({
  name: 'std',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues((x, count) => Math.sqrt(fewVariance(x, count))),
})
