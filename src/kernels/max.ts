import { defineKernel } from '../kernel.ts'
import { extremeShape } from './min.ts'
import type { Extreme } from './min.ts'
import { fewGreatest, fewValues } from './few.ts'
import { planReduction } from './reduction.ts'

const shape = extremeShape('greatest')

/**
 * The greatest element, or along `axis`. NaN anywhere makes it NaN, unless `skipNaN`; +0 is above -0; nothing but NaNs
 * is NaN. Exact, so the same on every backend.
 *
 * @param x Any typed array or n-d view with at least one element (along the reduced axes).
 * @returns A number, of BigInt arrays a BigInt; with `axis` an NDArray of the input's type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED.
 * @example await max(new Int32Array([3, 1, 2])) // 3
 * @function
 */
export const max: Extreme = defineKernel({
  name: 'max',
  arity: 1,
  plan: planReduction(shape, ['x']),
  few: fewValues(fewGreatest),
})
