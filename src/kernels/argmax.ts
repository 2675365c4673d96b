import { defineKernel } from '../kernel.ts'
import { argShape } from './argmin.ts'
import type { Arg } from './argmin.ts'
import { fewGreatestAt, fewValues } from './few.ts'
import { planReduction } from './reduction.ts'

const shape = argShape('greatest')

/**
 * The position of the first greatest element, or along `axis`: `x[argmax(x)]` is `max(x)`, whatever x is. +0 is above
 * -0. The first NaN is it, as in NumPy, unless `skipNaN`; where there is nothing but NaNs to skip, it is 0. Of an n-d
 * view the position is counted in row-major order, along several axes in that of those axes alone. Exact, so the same
 * on every backend.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns A number; with `axis` an NDArray of uint32, of float64 where more than 2^32 elements are reduced to one.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await argmax(new Float64Array([1, 3, 2, 3])) // 1
 * @function
 */
export const argmax: Arg = defineKernel({
  name: 'argmax',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewGreatestAt),
})
