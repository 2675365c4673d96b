import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'
import { planFft } from './spectrum.ts'
import type { FftOptions, FftShape } from './spectrum.ts'

/** @inline */
type Float = Float32Array | Float64Array

/** The type of {@link fft}. */
export interface Fft {
  <X extends ArrayInput<Float>>(x: X, options?: FftOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, options?: FftOptions): ArrayResult<X>
}

const shape: FftShape = { mode: 0, name: 'fft', realInput: false, realOutput: false }

/**
 * The discrete Fourier transform of complex numbers: X[k] = Σⱼ x[j]·exp(-2πi·jk/n). Any length is fast: rows of lanes in
 * Stockham's form for products of small primes (Cochran et al. 1967), in two steps that stay in the cache for long ones
 * (Bailey 1990), as a convolution where there is a prime factor above 31 (Bluestein 1970), long ones as two of half the
 * length, one after the other, to save memory. The same bits for any number of threads; CPU levels may differ by the fused multiply-add. Error: ‖X - X̂‖ ≤ c·log₂n·u·‖X‖ with a small c (Higham
 * 2002, chapter 24) and the unit roundoff u of the dtype: float32 is computed in float32.
 *
 * @param x float32 or float64. A flat array has re, im, re, im, … of one transform, or of a batch of length `n` each; an
 *   n-d view is `[..., n, 2]`, with re and im along its last axis. Any strides: separate arrays of re and im in one
 *   buffer are a view too.
 * @returns A new array of the same type and shape, or `out`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await fft(new Float64Array([1, 0, 0, 0])) // [1, 0, 1, 0]
 * @function
 */
export const fft: Fft = defineKernel({ name: 'fft', arity: 1, plan: (args, raw) => planFft(shape, args, raw) })
