import { defineKernel } from '../kernel.ts'
import type { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { minmaxCosts } from './minmax.ts'
import { fewLeastAt, fewValues } from './few.ts'
import { numberAt, planReduction } from './reduction.ts'
import type { ArrayInput, ReductionOptions, ReductionShape } from './reduction.ts'

/** Options of {@link argmin} and {@link argmax}. */
export interface ArgOptions extends ReductionOptions, TaskOptions {
  /**
   * With `axis`: receives the positions. Uint32Array; Float64Array where more than 2^32 elements are reduced to one.
   * @default a new array
   */
  out?: ArrayInput<Uint32Array | Float64Array> | undefined
}

/** Positions: an NDArray with `axis`, else a number. */
export type ArgResult<O> = O extends { axis: number | readonly number[] } ? NDArray : number

/** The type of {@link argmin} and {@link argmax}. */
export interface Arg {
  <const O extends ArgOptions>(x: ArrayInput, options?: O): Task<ArgResult<O>>
  /** The same on the calling thread. */
  sync<const O extends ArgOptions>(x: ArrayInput, options?: O): ArgResult<O>
}

/** The shape of argmin and argmax, which share a kernel. */
export function argShape(which: 'least' | 'greatest'): ReductionShape<number> {
  const wanted = [which === 'least' ? 0 : 1]
  return {
    kernel: 'argmin',
    costs: minmaxCosts,
    outputs: (_dtype, _exact, length) => [length > 2 ** 32 ? 'float64' : 'uint32'],
    extra: () => wanted,
    needsElements: true,
    value: (results) => numberAt(results, 0),
    wrap: ([out]) => out,
  }
}

const shape = argShape('least')

/**
 * The position of the first least element, or along `axis`: `x[argmin(x)]` is `min(x)`, whatever x is. -0 is below +0.
 * The first NaN is it, as in NumPy, unless `skipNaN`; where there is nothing but NaNs to skip, it is 0. Of an n-d view
 * the position is counted in row-major order, along several axes in that of those axes alone. Exact, so the same on
 * every backend.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns A number; with `axis` an NDArray of uint32, of float64 where more than 2^32 elements are reduced to one.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await argmin(new Float64Array([3, 1, 2, 1])) // 1
 * @function
 */
export const argmin: Arg = defineKernel({
  name: 'argmin',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewLeastAt),
})
