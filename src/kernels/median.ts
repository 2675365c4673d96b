import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { NDArray } from '../ndarray.ts'
import { fewQuantile } from './few-order.ts'
import { linear, quantileWork } from './quantile.ts'
import type { MedianOptions } from './quantile.ts'
import type { ArrayInput } from './reduction.ts'

const half = Float64Array.of(0.5)

/** A number; with `axis` an NDArray. */
export type MedianResult<O> = O extends { readonly axis: number | readonly number[] } ? NDArray<Float64Array> : number

/** The type of {@link median}. */
export interface Median {
  <O extends MedianOptions = {}>(x: ArrayInput, options?: O): Task<MedianResult<O>>
  /** The same on the calling thread. */
  sync<O extends MedianOptions = {}>(x: ArrayInput, options?: O): MedianResult<O>
}

/**
 * The median: the middle element, or the mean of the two in the middle; the 0.5 quantile by the method `'linear'`. Found
 * by selection, without sorting: see {@link quantile}. NaN where there is a NaN, unless they are skipped, and where there
 * is no element.
 *
 * @param x Any typed array or n-d view; not changed.
 * @returns A number; with `axis` an NDArray of float64.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await median(new Float64Array([4, 1, 3, 2])) // 2.5
 * @function
 */
export const median: Median = defineKernel({
  name: 'median',
  arity: 1,
  plan: (args, raw) => quantileWork('median', args[0], half, false, linear, raw),
  few: fewQuantile(linear, 0.5),
})
