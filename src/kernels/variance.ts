import { checkAtLeast } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { MeanOptions, NumberResult } from './mean.ts'
import { fewValues, fewVariance } from './few.ts'
import { numberAt, planReduction } from './reduction.ts'
import type { ArrayInput, ElementCosts, ReductionShape } from './reduction.ts'

/** Options of {@link variance}. */
export interface VarianceOptions extends MeanOptions {
  /**
   * Delta degrees of freedom: the divisor is n - ddof. 0 for a population, 1 for a sample.
   * @default 0
   */
  ddof?: number | undefined
}

/** The type of {@link variance}. */
export interface Variance {
  <const O extends VarianceOptions>(x: ArrayInput, options?: O): Task<NumberResult<O>>
  /** The same on the calling thread. */
  sync<const O extends VarianceOptions>(x: ArrayInput, options?: O): NumberResult<O>
}

export const varianceCosts: ElementCosts = {
  float64: 0.12,
  float32: 0.16,
  float16: 0.22,
  int8: 0.23,
  int16: 0.23,
  int32: 0.18,
  bigint: 0.3,
}

const shape: ReductionShape<number> = {
  kernel: 'variance',
  costs: varianceCosts,
  outputs: () => ['float64'],
  extra: (raw) => [readDdof(raw)],
  value: (results) => numberAt(results, 0),
  wrap: ([out]) => out,
}

/**
 * The variance of all elements, or along `axis`: Σ (x - mean)² / (n - ddof). One pass over memory and numerically
 * sound, however far from zero the elements are: squares are taken about a pivot near the mean, for 1,024 elements at a
 * time, and combined as Chan, Golub and LeVeque (1979) do. The same bits on every backend, CPU level and number of
 * threads. All elements are taken as float64. NaN where n - ddof is 0 or less.
 *
 * @param x Any typed array or n-d view.
 * @returns A number; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await variance(new Float64Array([1, 2, 3, 4]), { ddof: 1 }) // 1.6666666666666667
 * @function
 */
export const variance: Variance = defineKernel({
  name: 'variance',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewVariance),
})

/** The option `ddof`. */
export function readDdof(raw: object): number {
  const { ddof } = raw as VarianceOptions
  if (ddof === undefined) return 0
  const checked = checkAtLeast('ddof', ddof, 0)
  if (checked === Infinity) throw rangeMisuse('ddof', 'a finite number from 0 and up', ddof)
  return checked
}
