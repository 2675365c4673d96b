import { defineKernel } from '../kernel.ts'
import type { Task } from '../pool/task.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'
import { planFft } from './spectrum.ts'
import type { FftOptions, FftShape } from './spectrum.ts'

/** @inline */
type Float = Float32Array | Float64Array

/** The type of {@link ifft}. */
export interface Ifft {
  <X extends ArrayInput<Float>>(x: X, options?: FftOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, options?: FftOptions): ArrayResult<X>
}

const shape: FftShape = { mode: 1, name: 'ifft', realInput: false, realOutput: false }

/**
 * The inverse of {@link fft}: x[j] = Σₖ X[k]·exp(2πi·jk/n) / n. Lengths, batches, accuracy and threads as there.
 *
 * @param x float32 or float64, complex: flat re, im, re, im, … or an n-d view `[..., n, 2]`.
 * @returns A new array of the same type and shape, or `out`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await ifft(await fft(x)) // x, but for rounding
 * @function
 */
export const ifft: Ifft = defineKernel({ name: 'ifft', arity: 1, plan: (args, raw) => planFft(shape, args, raw) })
