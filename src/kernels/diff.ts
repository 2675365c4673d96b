import { checkInteger } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import { fewDifferences } from './few-scans.ts'
import type { ArrayInput } from './reduction.ts'
import { planScan } from './scan.ts'
import type { ScanOptions, ScanResult } from './scan.ts'

/** Options of {@link diff}. */
export interface DiffOptions extends ScanOptions {
  /**
   * How many times differences are taken, 1 to 256.
   * @default 1
   */
  order?: number | undefined
  /**
   * Receives the result, apart from the input: as many elements fewer along `axis` as the order says; of the input's
   * type, or Float64Array for integers below 64 bits.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** The type of {@link diff}. */
export interface Diff {
  <X extends ArrayInput>(x: X, options?: DiffOptions): Task<ScanResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: DiffOptions): ScanResult<X>
}

/**
 * Differences of neighbours: yᵢ = xᵢ₊₁ - xᵢ, `order` times over. Floats keep their type, and every difference is
 * rounded to it; integers below 64 bits give float64; BigInts wrap at 64 bits. The same bits on every backend and CPU
 * level. Costs one pass over memory.
 *
 * @param x Any typed array or n-d view; not changed.
 * @returns A new typed array, or `out`, shorter than the input by `order` along the axis, or empty; for n-d views an
 *   NDArray.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await diff(new Float64Array([1, 4, 9, 16])) // [3, 5, 7]
 * @function
 */
export const diff: Diff = defineKernel({
  name: 'diff',
  arity: 1,
  few: fewDifferences,
  plan([x], raw) {
    const { order: given } = raw as DiffOptions
    const order = given === undefined ? 1 : checkInteger('order', given, 1, 256)
    const cost = order === 1 ? 0.15 : 0.5 + 0.15 * order
    return planScan({ kernel: 'diff', scalars: [order], shorter: order, inPlace: false, cost }, x, raw)
  },
})
