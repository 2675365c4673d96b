import { defineKernel } from '../kernel.ts'
import { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { checkAlike, metricNumber, pairCost, readMetric, readVectors } from './metric.ts'
import type { Metric, Vectors } from './metric.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link pairwise}. */
export interface PairwiseOptions extends TaskOptions {
  /**
   * Similarity ('cosine', 'dot') or distance ('l2sq', 'l2'; for bits 'hamming', 'jaccard').
   * @default 'cosine'
   */
  metric?: Metric | undefined
  /**
   * Receives the result, `[m, n]`; of the result's type, apart from `a` and `b` in memory.
   * @default a new array
   */
  out?: ArrayInput<Float32Array | Float64Array> | undefined
}

type ScoreOf<X> = X extends Float64Array | { readonly data: Float64Array } ? Float64Array : Float32Array

/** The type of {@link pairwise}. */
export interface Pairwise {
  <X extends Vectors>(a: X, b?: Vectors, options?: PairwiseOptions): Task<NDArray<ScoreOf<X>>>
  /** The same on the calling thread. */
  sync<X extends Vectors>(a: X, b?: Vectors, options?: PairwiseOptions): NDArray<ScoreOf<X>>
}

/**
 * How every row of `a` compares with every row of `b`, or with every row of `a` where `b` is left out. The metrics are
 * those of `nearest`. Distances are summed from differences, not from lengths and products, so that near rows lose no
 * digits and the distance of a row to itself is exactly 0; `a` with itself is exactly symmetric.
 *
 * float64 gives float64; float32 and float16 are summed in float32, int8 and bits in integers, exactly, and rounded
 * once: these give float32. Error of a float sum over d elements: at most (d + 2)·ε of the sum of the terms' absolute
 * values. The same bits for any number of threads.
 *
 * @param a `[m, d]`: Float32Array, Float64Array, Int8Array, Float16Array or Uint16Array (which both are float16);
 *   Uint8Array of bits for hamming and jaccard. Any strides; d at most 65,536 for int8.
 * @param b `[n, d]` of the same type. Left out or undefined: `a`.
 * @returns An NDArray `[m, n]`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await pairwise(ndarray(points, [1000, 3]), undefined, { metric: 'l2' }) // NDArray [1000, 1000]
 * @function
 */
export const pairwise: Pairwise = defineKernel({ name: 'pairwise', arity: 2, plan: planPairwise })

function planPairwise(args: readonly unknown[], raw: object): Planned<unknown> {
  const { metric } = raw as PairwiseOptions
  const by = readMetric(metric)
  const a = readVectors('a', args[0], by, false)
  const b = args[1] === undefined ? a : readVectors('b', args[1], by, false)
  checkAlike('b', b, 'a', a)
  const [m, length] = a.shape
  const [n] = b.shape
  const shape = [m, n]
  const dtype = a.dtype === 'float64' ? 'float64' : 'float32'
  const out = readOut(raw, dtype, shape, [a, b], false)
  const fresh = out === undefined ? newArray(dtype, m * n, 'pairwise') : undefined
  const given = out?.given ?? new NDArray(fresh as TypedArray, shape)
  return {
    plan: {
      kernel: 'pairwise',
      inputs: [a, b],
      outputs: [out?.view ?? viewOf(fresh as TypedArray, dtype, shape)],
      scalars: [metricNumber(by)],
      freshOutputs: out === undefined,
      cost: 800 + (m + n) * (20 + length * 0.3) + m * n * (0.5 + length * pairCost(a.dtype, by)),
    },
    value: () => (given instanceof NDArray ? given : new NDArray(given, shape)),
  }
}
