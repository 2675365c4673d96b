import { defineKernel } from '../kernel.ts'
import type { TaskOptions } from '../options.ts'
import type { Task } from '../pool/task.ts'
import type { TypedArray } from '../types.ts'
import { fewPairs, fewProducts } from './few.ts'
import { planReduction, sumDType, sumValue } from './reduction.ts'
import type { ArrayInput, ReductionShape } from './reduction.ts'
import type { SumResult } from './sum.ts'

/** Options of {@link dot}. */
export interface DotOptions extends TaskOptions {
  /**
   * Integer arrays: the exact value as a BigInt.
   * @default false
   */
  exact?: boolean | undefined
  /**
   * Leaves out pairs where either is NaN.
   * @default false
   */
  skipNaN?: boolean | undefined
}

/** The type of {@link dot}. */
export interface Dot {
  <const X extends ArrayInput, const O extends DotOptions>(a: X, b: ArrayInput, options?: O): Task<SumResult<X, O>>
  /** The same on the calling thread. */
  sync<const X extends ArrayInput, const O extends DotOptions>(a: X, b: ArrayInput, options?: O): SumResult<X, O>
}

const shape: ReductionShape<number | bigint> = {
  kernel: 'dot',
  costs: { float64: 0.14, float32: 0.093, float16: 0.16, int8: 0.05, int16: 0.13, int32: 0.2, bigint: 0.58 },
  outputs: (dtype, exact) => [sumDType(dtype, exact)],
  takesExact: true,
  takesNoAxis: true,
  value: sumValue,
  wrap: ([out]: readonly unknown[]) => out as TypedArray,
}

/**
 * The inner product: Σ aᵢ·bᵢ, in the order of {@link sum} and without fused multiply-add, so the same bits on every
 * backend, CPU level and number of threads. float16 and float32 are multiplied and summed in float64; integers exactly.
 *
 * @param a Any typed array or n-d view.
 * @param b The same type and shape.
 * @returns A number; an exact BigInt for BigInt arrays or with `exact`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await dot(new Float64Array([1, 2]), new Float64Array([3, 4])) // 11
 * @function
 */
export const dot: Dot = defineKernel({
  name: 'dot',
  arity: 2,
  plan: planReduction(shape, ['a', 'b']),
  few: fewPairs(fewProducts),
})
