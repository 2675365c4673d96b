import { checkAtLeast, checkInteger } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'
import { numberAt } from './reduction.ts'

/** Options of {@link kmeans}. */
export interface KmeansOptions extends TaskOptions {
  /**
   * Of the random numbers that k-means++ draws, 0 to 2^53 - 1. The same seed gives the same clusters on one CPU level,
   * with any number of threads; `task.seed` shows it.
   * @default drawn at random
   */
  seed?: number | undefined
  /**
   * The most iterations of Lloyd's algorithm.
   * @default 100
   */
  maxIterations?: number | undefined
  /**
   * It has converged when the squared movement of all centroids is at most this much of the mean variance of a column.
   * @default 1e-4
   */
  tolerance?: number | undefined
  /**
   * Where centroids start: 'kmeans++', or `[k, d]` of the type of `x`.
   * @default 'kmeans++'
   */
  init?: 'kmeans++' | ArrayInput<Float32Array | Float64Array> | undefined
}

/** What k-means finds. */
export interface Clusters<A extends Float32Array | Float64Array> {
  /** `[k, d]`, of the type of `x`. */
  readonly centroids: NDArray<A>
  /** For each row of `x` the index of its centroid. */
  readonly labels: Uint32Array
  /** Σ |x - centroid|² over all rows. */
  readonly inertia: number
  /** Of Lloyd's algorithm. */
  readonly iterations: number
}

/** @inline */
type Points = ArrayInput<Float32Array | Float64Array>
type FloatOf<X> = X extends Float32Array | { readonly data: Float32Array } ? Float32Array : Float64Array

/** The type of {@link kmeans}. */
export interface Kmeans {
  <X extends Points>(x: X, k: number, options?: KmeansOptions): Task<Clusters<FloatOf<X>>>
  /** The same on the calling thread. */
  sync<X extends Points>(x: X, k: number, options?: KmeansOptions): Clusters<FloatOf<X>>
}

/**
 * Clusters of rows around k centroids: Lloyd's algorithm (1957, published 1982) from k-means++ (Arthur and Vassilvitskii
 * 2007), whose draws come from SplitMix64 by counter (Steele, Lea and Flood 2014). Rows go to the centroid of the
 * greatest x·c - |c|²/2, in the type of `x`: a row as near to two centroids as rounding can tell, |x||c|(d + 2)·ε, may
 * go to either. Means are summed in float64. An empty cluster moves to the row that is farthest from its own centroid;
 * where fewer than k rows differ, some stay empty. Labels are those of the centroids returned; inertia is summed in
 * float64 from differences. The same bits for any number of threads on one CPU level.
 *
 * Cost: n·k·d multiply-adds an iteration, n·k·d for the start. Progress counts up to `maxIterations`, and leaps to 1 when
 * it has converged. Working memory: at most that of `x` again, or 32 MB.
 *
 * @param x `[n, d]`, float32 or float64, any strides; a vector `[n]` counts as `[n, 1]`.
 * @param k How many clusters, 1 to n.
 * @returns `{ centroids, labels, inertia, iterations }`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example const { labels } = await kmeans(ndarray(points, [10_000, 16]), 8, { seed: 1 })
 * @function
 */
export const kmeans: Kmeans = defineKernel({ name: 'kmeans', arity: 2, plan: planKmeans })

function planKmeans(args: readonly unknown[], raw: object): Planned<unknown> {
  const { seed, maxIterations, tolerance, init } = raw as KmeansOptions
  const x = readPoints('x', args[0])
  const [n, d] = x.shape
  if (n === 0) throw rangeMisuse('x.shape', '[n, d] with n at least 1', x.shape)
  const k = checkInteger('k', args[1], 1, Math.min(n, 2 ** 32 - 1))
  const most = maxIterations === undefined ? 100 : checkInteger('maxIterations', maxIterations, 1, 2 ** 31)
  const still = tolerance === undefined ? 1e-4 : checkAtLeast('tolerance', tolerance, 0)
  const drawn = seed === undefined ? Math.floor(Math.random() * 2 ** 53) : checkInteger('seed', seed, 0, 2 ** 53 - 1)
  const given = init === undefined || init === 'kmeans++' ? undefined : readStart(init, x, k)
  const centroids = newArray(x.dtype, k * d, 'kmeans')
  const labels = newArray('uint32', n, 'kmeans')
  const shaped = new NDArray(centroids, [k, d])
  return {
    plan: {
      kernel: 'kmeans',
      inputs: given === undefined ? [x] : [x, given],
      outputs: [viewOf(centroids, x.dtype, [k, d]), viewOf(labels, 'uint32', [n])],
      scalars: [most, still, drawn],
      freshOutputs: true,
      // Of ten iterations.
      cost: 3000 + 10 * n * (k * (d * (x.dtype === 'float32' ? 0.02 : 0.04) + 0.2) + d * 0.5),
    },
    seed: drawn,
    value: (results) => ({
      centroids: shaped,
      labels,
      inertia: numberAt(results, 0),
      iterations: numberAt(results, 1),
    }),
  }
}

function readPoints(name: string, value: unknown): View {
  const { view } = readInput(name, value, ['float64', 'float32'])
  const { shape, strides } = view
  if (shape.length === 1) return { ...view, shape: [shape[0], 1], strides: [strides[0], 1] }
  if (shape.length !== 2) throw rangeMisuse(`${name}.shape`, '[n, d]', shape)
  return view
}

function readStart(init: unknown, x: View, k: number): View {
  if (typeof init === 'string') throw rangeMisuse('init', "'kmeans++' or centroids [k, d]", init)
  const view = readPoints('init', init)
  if (view.dtype !== x.dtype) throw typeMisuse('init', `of the same type as \`x\`, which is ${x.dtype}`, view.data)
  if (view.shape[0] !== k || view.shape[1] !== x.shape[1]) {
    throw rangeMisuse('init.shape', `[${k}, ${x.shape[1]}], for k centroids of the length of rows`, view.shape)
  }
  return view
}
