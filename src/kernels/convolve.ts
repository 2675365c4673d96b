import { defineKernel } from '../kernel.ts'
import { planConvolution } from './convolution.ts'
import type { Convolution } from './convolution.ts'

/**
 * The convolution of two signals or two pictures: yᵢ = Σⱼ xᵢ₋ⱼ·kⱼ along one axis or two, with zeros outside of `x`. As
 * numpy.convolve and scipy.signal.convolve2d have it, but that 'same' always has the shape of `x`. Sums are made of their
 * products, in registers that hold several rows of sums at once, with |y - ŷ| ≤ (K + 2)·ε·(|x|∗|k|) for K elements in the
 * kernel; float32 adds in float32. Signals under long kernels go by way of transforms (overlap-save, Stockham 1966) where
 * that is faster: then |y - ŷ| is about ε·log₂K·‖x‖·‖k‖, norms of stretches of a few kernels' length. The same bits for
 * any number of threads; CPU levels may differ by the fused multiply-add.
 *
 * @param x float32 or float64, typed array (1-d) or n-d view of one or two axes, any strides; at least one element.
 * Integers are refused: their sums need a choice of type, which is the caller's.
 * @param kernel The same type, and as many axes.
 * @returns A typed array, or an NDArray for views.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await convolve(new Float64Array([1, 2, 3]), new Float64Array([0, 1, 0.5])) // [0, 1, 2.5, 4, 1.5]
 * @function
 */
export const convolve: Convolution = defineKernel({
  name: 'convolve',
  arity: 2,
  plan: (args, raw) => planConvolution('convolve', true, args, raw),
})
