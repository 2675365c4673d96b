import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { fewSum, fewValues } from './few.ts'
import { planReduction, sumCosts, sumDType, sumValue } from './reduction.ts'
import type { ArrayInput, BigIntInput, FloatInput, ReductionOptions, ReductionShape } from './reduction.ts'

/** Options of {@link sum}. */
export interface SumOptions extends ReductionOptions, TaskOptions {
  /**
   * Integer arrays: the exact sum as a BigInt, where a number would be rounded to 53 bits.
   * @default false
   */
  exact?: boolean | undefined
  /**
   * With `axis`: receives the sums. Float64Array; for BigInt arrays the input's type, with `exact` BigInt64Array.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** What a sum is: an NDArray with `axis`, a BigInt for BigInt arrays and with `exact`, else a number. */
export type SumResult<X, O> = O extends { axis: number | readonly number[] }
  ? NDArray
  : X extends BigIntInput
    ? bigint
    : X extends FloatInput
      ? number
      : O extends { exact: true }
        ? bigint
        : number

/** The type of {@link sum}. */
export interface Sum {
  <const X extends ArrayInput, const O extends SumOptions>(x: X, options?: O): Task<SumResult<X, O>>
  /** The same on the calling thread. */
  sync<const X extends ArrayInput, const O extends SumOptions>(x: X, options?: O): SumResult<X, O>
}

const shape: ReductionShape<number | bigint> = {
  kernel: 'sum',
  costs: sumCosts,
  outputs: (dtype, exact) => [sumDType(dtype, exact)],
  takesExact: true,
  value: sumValue,
  wrap: ([out]) => out,
}

/**
 * The sum of all elements, or along `axis`: y = x₀ + x₁ + … The same bits on every backend, CPU level and number of
 * threads, because the order is fixed: 32 lanes a block of 16,384 elements, lanes and blocks folded pairwise. That
 * also keeps the error near log₂ n instead of n (pairwise summation: Higham 1993). float16 and float32 are summed in
 * float64; integers exactly, and rounded once at the end. The sum of nothing is 0; the sum of [-0] is -0.
 *
 * @param x Any typed array or n-d view.
 * @returns A number; an exact BigInt for BigInt arrays or with `exact`; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await sum(new Float64Array([1, 2, 3])) // 6
 * @function
 */
export const sum: Sum = defineKernel({
  name: 'sum',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewSum),
})
