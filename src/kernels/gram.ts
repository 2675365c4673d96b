import { checkFlag, checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newResult } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { floatTypes } from './float.ts'
import type { Float, FloatOf } from './float.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link gram}. */
export interface GramOptions extends TaskOptions {
  /**
   * Between which vectors of `a` the products are: its columns, which gives AᵀA, or its rows, A·Aᵀ.
   * @default 'columns'
   */
  of?: 'columns' | 'rows' | undefined
  /**
   * Receives the result; of the result's shape and type, apart from `a` in memory.
   * @default a new array
   */
  out?: ArrayInput | undefined
  /**
   * Adds the products to `out` instead of replacing it: what is above its diagonal counts, the rest is made to match.
   * @default false
   */
  accumulate?: boolean | undefined
}

/** The type of {@link gram}. */
export interface Gram {
  <X extends ArrayInput<Float>>(a: X, options?: GramOptions): Task<NDArray<FloatOf<X>>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(a: X, options?: GramOptions): NDArray<FloatOf<X>>
}

/**
 * The Gram matrix: cᵢⱼ = Σₚ aₚᵢ·aₚⱼ, the dot products of all columns of `a` with one another (or of its rows). Half
 * the work of `matmul(a.T, a)`: the triangle above the diagonal is multiplied, blocked as `matmul` does it, and then
 * mirrored, so that the result is symmetric bit by bit. The same bits for any number of threads; CPU levels may differ
 * by the fused multiply-add. Error: |c - ĉ| ≤ (k + 2)·ε·(|aᵀ|·|a|) for k products a sum.
 *
 * @param a float32 or float64, an n-d view `[..., m, n]`, any strides; leading axes are batches. (A typed array by itself
 * is taken for one row.)
 * @returns An NDArray `[..., n, n]` of the same type, or `[..., m, m]` of rows.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await gram(ndarray(samples, [1000, 20])) // NDArray [20, 20]
 * @function
 */
export const gram: Gram = defineKernel({ name: 'gram', arity: 1, plan: planGram })

function planGram(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view: given } = readInput('a', args[0], floatTypes)
  const options = raw as GramOptions
  const rows = options.of !== undefined && checkWord('of', options.of, ['columns', 'rows']) === 'rows'
  if (given.shape.length === 0) throw rangeMisuse('a.shape', 'at least one axis', given.shape)
  const a = given.shape.length === 1 ? { ...given, shape: [1, ...given.shape], strides: [0, ...given.strides] } : given
  const left = rows ? a : turned(a)
  const [n, k] = left.shape.slice(-2)
  const shape = [...left.shape.slice(0, -2), n, n]
  const accumulate = checkFlag('accumulate', options.accumulate)
  const out = readOut(raw, given.dtype, shape, [given], false)
  if (accumulate && out === undefined) throw typeMisuse('out', 'the array to add to, as `accumulate` is on', undefined)
  const size = sizeOf(shape)
  const fresh = out === undefined ? newResult(given.dtype, size, 'gram') : undefined
  const target = out?.given ?? (fresh as TypedArray)
  const result = target instanceof NDArray ? target : new NDArray(target, shape)
  return {
    plan: {
      kernel: 'gram',
      inputs: [left, turned(left)],
      outputs: [out?.view ?? viewOf(fresh as TypedArray, given.dtype, shape)],
      scalars: [accumulate ? 1 : 0],
      freshOutputs: out === undefined,
      cost: 500 + (size * k * (given.dtype === 'float32' ? 0.018 : 0.036)) / 2 + size,
    },
    value: () => result,
  }
}

/** The last two axes the other way round. */
function turned(view: View): View {
  const turn = (values: readonly number[]) => [
    ...values.slice(0, -2),
    values[values.length - 1],
    values[values.length - 2],
  ]
  return { ...view, shape: turn(view.shape), strides: turn(view.strides) }
}
