import { defineKernel } from '../kernel.ts'
import { planConvolution } from './convolution.ts'
import type { Convolution } from './convolution.ts'

/**
 * The cross-correlation of two signals or two pictures: yᵢ = Σⱼ xᵢ₊ⱼ·kⱼ along one axis or two, with zeros outside of
 * `x`; the first of the full sums is the one in which the first element of `x` meets the last of `kernel`. As
 * numpy.correlate has it, but that 'full' is the default and 'same' always has the shape of `x`. It is `convolve` with
 * the kernel read the other way round, and keeps what that says of accuracy and cost.
 *
 * @param x float32 or float64, typed array (1-d) or n-d view of one or two axes, any strides; at least one element.
 * @param kernel The same type, and as many axes.
 * @returns A typed array, or an NDArray for views.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await correlate(new Float64Array([1, 2, 3]), new Float64Array([0, 1, 0.5]), { mode: 'valid' }) // [3.5]
 * @function
 */
export const correlate: Convolution = defineKernel({
  name: 'correlate',
  arity: 2,
  plan: (args, raw) => planConvolution('correlate', false, args, raw),
})
