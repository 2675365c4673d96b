import type { DType } from '../types.ts'

/**
 * What linear algebra and convolution take.
 * @inline
 */
export type Float = Float32Array | Float64Array

/** The array class of an input, be it bare or a view. */
export type FloatOf<X> = X extends Float32Array | { readonly data: Float32Array } ? Float32Array : Float64Array

export const floatTypes: readonly DType[] = Object.freeze(['float64', 'float32'] as const)
