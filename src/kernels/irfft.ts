import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'
import { planFft } from './spectrum.ts'
import type { FftOptions, FftShape } from './spectrum.ts'

/** @inline */
type Float = Float32Array | Float64Array

/** The type of {@link irfft}. */
export interface Irfft {
  <X extends ArrayInput<Float>>(x: X, options?: FftOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, options?: FftOptions): ArrayResult<X>
}

const shape: FftShape = { mode: 3, name: 'irfft', realInput: false, realOutput: true }

/**
 * The inverse of {@link rfft}: n real numbers from the ⌊n/2⌋ + 1 complex ones that it gives. The length can't be told
 * from them alone: odd ones need `n`. Imaginary parts that no real numbers have, of X[0] and for even n of X[n/2], are
 * taken as 0.
 *
 * @param x float32 or float64, complex: flat re, im, re, im, … or an n-d view `[..., ⌊n/2⌋ + 1, 2]`.
 * @returns Real numbers, n for each transform, scaled by 1/n; for n-d views an NDArray without the axis of re and im.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await irfft(await rfft(x), { n: x.length }) // x, but for rounding
 * @function
 */
export const irfft: Irfft = defineKernel({ name: 'irfft', arity: 1, plan: (args, raw) => planFft(shape, args, raw) })
