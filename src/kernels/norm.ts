import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { MeanOptions, NumberResult } from './mean.ts'
import { fewNorm, fewValues } from './few.ts'
import { numberAt, planReduction } from './reduction.ts'
import type { ArrayInput, ReductionShape } from './reduction.ts'

/** Options of {@link norm}. */
export interface NormOptions extends MeanOptions {
  /**
   * 2 for the root of the sum of squares, 1 for the sum of magnitudes, Infinity for the greatest magnitude.
   * @default 2
   */
  ord?: 1 | 2 | typeof Infinity | undefined
}

/** The type of {@link norm}. */
export interface Norm {
  <const O extends NormOptions>(x: ArrayInput, options?: O): Task<NumberResult<O>>
  /** The same on the calling thread. */
  sync<const O extends NormOptions>(x: ArrayInput, options?: O): NumberResult<O>
}

const shape: ReductionShape<number> = {
  kernel: 'norm',
  costs: { float64: 0.07, float32: 0.09, float16: 0.12, int8: 0.05, int16: 0.07, int32: 0.25, bigint: 0.8 },
  outputs: () => ['float64'],
  extra: (raw) => [readOrd((raw as NormOptions).ord)],
  value: (results) => numberAt(results, 0),
  wrap: ([out]) => out,
}

/**
 * The norm of all elements, or of the vectors along `axis` (several axes make one vector): √(Σ x²), with `ord` 1 Σ |x|,
 * with `ord` Infinity max |x|. Right wherever the result is a number: no square overflows or is lost to underflow,
 * because sums that come near either end are taken again from scaled elements (Blue 1978). Sums are pairwise as those
 * of `sum`, and have the same bits on every backend, CPU level and number of threads; integers are added exactly and
 * rounded once before the root. A NaN makes it NaN unless `skipNaN`; the norm of nothing is 0.
 *
 * @param x Any typed array or n-d view.
 * @returns A number; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await norm(new Float64Array([3, 4])) // 5
 * @function
 */
export const norm: Norm = defineKernel({
  name: 'norm',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewNorm),
})

function readOrd(ord: unknown): number {
  if (ord === undefined || ord === 2) return 2
  if (ord === 1 || ord === Infinity) return ord
  throw (typeof ord === 'number' ? rangeMisuse : typeMisuse)('ord', '1, 2 or Infinity', ord)
}
