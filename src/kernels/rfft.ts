import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'
import { planFft } from './spectrum.ts'
import type { FftOptions, FftShape } from './spectrum.ts'

/** @inline */
type Float = Float32Array | Float64Array

/** The type of {@link rfft}. */
export interface Rfft {
  <X extends ArrayInput<Float>>(x: X, options?: FftOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, options?: FftOptions): ArrayResult<X>
}

const shape: FftShape = { mode: 2, name: 'rfft', realInput: true, realOutput: false }

/**
 * The discrete Fourier transform of real numbers: the n/2 + 1 complex numbers X[0] to X[⌊n/2⌋] of {@link fft}; the
 * others are their conjugates. Half the work of `fft` where n is even (Cooley, Lewis and Welch 1970).
 *
 * @param x float32 or float64. A flat array is one transform, or a batch of length `n` each; n-d views are transformed
 *   along `axis`.
 * @returns re, im, re, im, …, ⌊n/2⌋ + 1 of them for each transform; for n-d views an NDArray whose `axis` has that
 *   extent, with a last axis of re and im added.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await rfft(new Float64Array([1, 0, -1, 0])) // [0, 0, 2, 0, 0, 0]
 * @function
 */
export const rfft: Rfft = defineKernel({ name: 'rfft', arity: 1, plan: (args, raw) => planFft(shape, args, raw) })
