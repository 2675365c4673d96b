import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { minmaxCosts } from './minmax.ts'
import { fewLeast, fewValues } from './few.ts'
import { elementAt, planReduction } from './reduction.ts'
import type { ArrayInput, BigIntInput, ReductionOptions, ReductionShape } from './reduction.ts'

/** Options of {@link min} and {@link max}. */
export interface ExtremeOptions extends ReductionOptions, TaskOptions {
  /**
   * With `axis`: receives the elements, of the input's type.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** What the least or the greatest element is: an NDArray with `axis`, a BigInt for BigInt arrays, else a number. */
export type ExtremeResult<X, O> = O extends { axis: number | readonly number[] }
  ? NDArray
  : X extends BigIntInput
    ? bigint
    : number

/** The type of {@link min} and {@link max}. */
export interface Extreme {
  <const X extends ArrayInput, const O extends ExtremeOptions>(x: X, options?: O): Task<ExtremeResult<X, O>>
  /** The same on the calling thread. */
  sync<const X extends ArrayInput, const O extends ExtremeOptions>(x: X, options?: O): ExtremeResult<X, O>
}

/** The shape of min and max, which are minmax that gives one of the two. */
export function extremeShape(which: 'least' | 'greatest'): ReductionShape<number | bigint> {
  const wanted = [which === 'least' ? 1 : 2]
  return {
    kernel: 'minmax',
    costs: minmaxCosts,
    outputs: (dtype) => [dtype],
    extra: () => wanted,
    needsElements: true,
    value: (results, dtype) => elementAt(results, 0, dtype),
    wrap: ([out]) => out,
  }
}

const shape = extremeShape('least')

/**
 * The least element, or along `axis`. NaN anywhere makes it NaN, unless `skipNaN`; -0 is below +0; nothing but NaNs is
 * NaN. Exact, so the same on every backend.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns A number, of BigInt arrays a BigInt; with `axis` an NDArray of the input's type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await min(new Int32Array([3, 1, 2])) // 1
 * @function
 */
export const min: Extreme = defineKernel({
  name: 'min',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewLeast),
})
