import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import { fewProductsOfAll } from './few-scans.ts'
import type { ArrayInput } from './reduction.ts'
import { planScan } from './scan.ts'
import type { ScanOptions, ScanOutOptions, ScanResult } from './scan.ts'

/** Options of {@link cumprod}. */
export interface CumprodOptions extends ScanOptions, ScanOutOptions {}

/** The type of {@link cumprod}. */
export interface Cumprod {
  <X extends ArrayInput>(x: X, options?: CumprodOptions): Task<ScanResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: CumprodOptions): ScanResult<X>
}

const scan = { kernel: 'cumprod', scalars: [], shorter: 0, inPlace: true, cost: 0.3 }

/**
 * Running products: yᵢ = x₀ · … · xᵢ. float16 and float32 are multiplied in float64 and rounded once; integers below 64
 * bits give float64; BigInts wrap at 64 bits. The same bits on every backend, CPU level and number of threads, because
 * the order is fixed: groups of eight by Sklansky's network (1960), one group after another; a group with a factor
 * outside 2^±120 one factor after another, so that nothing overflows or vanishes that would not one by one. Result i is
 * within i·2^-53 of exact, relatively, where no product before it is below 2^-1022. A line is one chain, done by one
 * thread at a time; many lines go to all threads.
 *
 * @param x Any typed array or n-d view; not changed, unless `out` is `x`.
 * @returns A new typed array, or `out`; for n-d views an NDArray of the same shape.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await cumprod(new Float64Array([1, 2, 3, 4])) // [1, 2, 6, 24]
 * @function
 */
export const cumprod: Cumprod = defineKernel({
  name: 'cumprod',
  arity: 1,
  plan: ([x], raw) => planScan(scan, x, raw),
  few: fewProductsOfAll,
})
