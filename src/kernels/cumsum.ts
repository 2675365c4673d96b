import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import { fewSums } from './few-scans.ts'
import type { ArrayInput } from './reduction.ts'
import { planScan } from './scan.ts'
import type { ScanOptions, ScanOutOptions, ScanResult } from './scan.ts'

/** Options of {@link cumsum}. */
export interface CumsumOptions extends ScanOptions, ScanOutOptions {}

/** The type of {@link cumsum}. */
export interface Cumsum {
  <X extends ArrayInput>(x: X, options?: CumsumOptions): Task<ScanResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: CumsumOptions): ScanResult<X>
}

const scan = { kernel: 'cumsum', scalars: [], shorter: 0, inPlace: true, cost: 0.19 }

/**
 * Running sums: yᵢ = x₀ + … + xᵢ. float16 and float32 are summed in float64 and rounded once; integers below 64 bits
 * give float64; BigInts wrap at 64 bits. The same bits on every backend, CPU level and number of threads, because the
 * order is fixed: groups of eight by Sklansky's network (1960), groups one after another in blocks of 16,384 elements,
 * blocks one after another. Any prefix is within (2,054 + n/16,384)·2^-53·Σ|xᵢ| of exact, against n·2^-53·Σ|xᵢ| one by
 * one; sums of numbers that are not negative never decrease. NaN and infinities stay from where they are on. Costs one
 * pass over memory: what is summed first is read again from the cache.
 *
 * @param x Any typed array or n-d view; not changed, unless `out` is `x`.
 * @returns A new typed array, or `out`; for n-d views an NDArray of the same shape.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await cumsum(new Float64Array([1, 2, 3])) // [1, 3, 6]
 * @function
 */
export const cumsum: Cumsum = defineKernel({
  name: 'cumsum',
  arity: 1,
  plan: ([x], raw) => planScan(scan, x, raw),
  few: fewSums,
})
