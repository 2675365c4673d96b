import { checkInteger, checkWord } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { isContiguous, NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { permute, readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newResult } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { floatTypes } from './float.ts'
import type { Float, FloatOf } from './float.ts'
import type { ArrayInput } from './reduction.ts'

const norms = ['l1', 'l2', 'max'] as const

/** Options of {@link normalize}. */
export interface NormalizeOptions extends TaskOptions {
  /**
   * The axis that the vectors lie along; negative ones count from the end.
   * @default -1, the last: rows of a matrix
   */
  axis?: number | undefined
  /**
   * What becomes 1: the sum of magnitudes, the root of the sum of squares, or the greatest magnitude.
   * @default 'l2'
   */
  norm?: 'l1' | 'l2' | 'max' | undefined
  /**
   * Receives the result; may be `x` itself.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** The type of {@link normalize}. */
export interface Normalize {
  <X extends ArrayInput<Float>>(x: X, options?: NormalizeOptions): Task<NDArray<FloatOf<X>>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, options?: NormalizeOptions): NDArray<FloatOf<X>>
}

/**
 * Vectors scaled to norm 1: yᵢ = xᵢ / ‖x‖ for every vector along an axis. A vector of zeros stays as it is; one with a
 * NaN becomes NaN, one with an infinity 0 and NaN. Norms are kept in float64, of vectors brought near to 1 by a power of
 * two where squares would overflow or vanish (after Blue 1978), so that 1e-300 and 1e300 are numbers like others. The
 * same bits for any number of threads. Error of an element: n / 2 + 2 units in the last place of float64 for n elements
 * in a vector, and half a unit of the result's type.
 *
 * @param x float32 or float64, typed array (one vector) or n-d view, any strides. Integers are refused: no integers have
 * norm 1.
 * @returns An NDArray of the same shape and type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await normalize(ndarray(embeddings, [1000, 384]), { out: embeddings })
 * @function
 */
export const normalize: Normalize = defineKernel({ name: 'normalize', arity: 1, plan: planNormalize })

function planNormalize(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view } = readInput('x', args[0], floatTypes)
  const options = raw as NormalizeOptions
  const norm = norms.indexOf(options.norm === undefined ? 'l2' : checkWord('norm', options.norm, norms))
  const rank = view.shape.length
  const { axis } = options
  const along = axis === undefined ? -1 : checkInteger('axis', axis, -Math.max(rank, 1), Math.max(rank, 1) - 1)
  const out = readOut(raw, view.dtype, view.shape, [view], true)
  const size = sizeOf(view.shape)
  const fresh = out === undefined ? newResult(view.dtype, size, 'normalize') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, view.dtype, view.shape)
  const target = out?.given ?? (fresh as TypedArray)
  const given = target instanceof NDArray ? target : new NDArray(target, view.shape)
  const last = along < 0 ? along + rank : along
  // Lines that follow one another, on both sides, need one axis, not many.
  const flat =
    rank > 2 && last === rank - 1 && [view, result].every(({ shape, strides }) => isContiguous(shape, strides))
  return {
    plan: {
      kernel: 'normalize',
      inputs: [flat ? asRows(view) : withLinesLast(view, last)],
      outputs: [flat ? asRows(result) : withLinesLast(result, last)],
      scalars: [norm],
      freshOutputs: out === undefined,
      cost: 300 + size * (view.dtype === 'float32' ? 0.5 : 0.9),
    },
    value: () => given,
  }
}

function withLinesLast(view: View, axis: number): View {
  const rank = view.shape.length
  if (rank === 0) return { ...view, shape: [1], strides: [1] }
  if (axis === rank - 1) return view
  return permute(view, [...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis), axis])
}

function asRows(view: View): View {
  const line = view.shape[view.shape.length - 1]
  return { ...view, shape: [sizeOf(view.shape.slice(0, -1)), line], strides: [line, 1] }
}
