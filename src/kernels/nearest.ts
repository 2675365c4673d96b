import { checkFlag, checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { checkOut, overlaps, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import { checkAlike, metricNumber, pairCost, readMetric, readVectors } from './metric.ts'
import type { Metric, Vectors } from './metric.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link nearest}. */
export interface NearestOptions extends TaskOptions {
  /**
   * How many neighbours of each query. Where the base has fewer rows, there are as many as it has.
   * @default 10
   */
  k?: number | undefined
  /**
   * Similarity ('cosine', 'dot': greatest first) or distance ('l2sq', 'l2'; for bits 'hamming', 'jaccard': least first).
   * @default 'cosine'
   */
  metric?: Metric | undefined
  /**
   * Says that all vectors are of length 1, so that their cosine is their dot product. Spares a server that asks one
   * base again and again the lengths of its rows.
   * @default false
   */
  normalized?: boolean | undefined
  /**
   * A Uint32Array and a Float32Array (or views `[q, k]`) that receive indices and scores.
   * @default new arrays
   */
  out?: readonly [ArrayInput<Uint32Array>, ArrayInput<Float32Array>] | undefined
}

/** Rows of the base, and how they score; each `[q, k]`, best first. */
export interface Neighbours {
  /** Rows of the base, of uint32. */
  readonly indices: NDArray<Uint32Array>
  /** Similarities or distances, of float32. */
  readonly scores: NDArray<Float32Array>
}

/** The type of {@link nearest}. */
export interface Nearest {
  (queries: Vectors, base: Vectors, options?: NearestOptions): Task<Neighbours>
  /** The same on the calling thread. */
  sync(queries: Vectors, base: Vectors, options?: NearestOptions): Neighbours
}

/**
 * The k rows of `base` nearest to each query, exactly: every row is compared. Many queries at once run as a matrix
 * product in registers and caches whose results go straight into the k best of each query (no matrix of distances);
 * one query reads the base once, at the speed of memory.
 *
 * cosine a·b/(|a||b|), 0 where a or b is zero; dot a·b; l2sq Σ(a-b)²; l2 its root; hamming: bits that differ; jaccard
 * 1 - |a∧b|/|a∨b|, 0 where both are empty. Ties go to the lower index; scores of NaN come last.
 *
 * float64 is summed in float64, float32 and float16 in float32, int8 and bits in integers, exactly. Scores are rounded
 * to float32 and ranked as they are returned. Error of a float sum over d elements: at most (d + 2)·ε of the sum of the
 * terms' absolute values (of squares of differences for l2: near rows lose no digits); a float32 vector's squared
 * length must lie within float32. The same bits for any number of threads; another number of queries, another CPU level
 * or backend may round sums otherwise. Counting bits: Muła, Kurz and Lemire 2018.
 *
 * @param queries `[q, d]`, or one vector `[d]`, which counts as `[1, d]`. Float32Array, Float64Array, Int8Array,
 *   Float16Array or Uint16Array (which both are float16); Uint8Array of bits for hamming and jaccard. Any strides.
 * @param base `[n, d]` of the same type, n below 2^32; d at most 65,536 for int8. Read in place where rows are
 *   contiguous.
 * @returns `{ indices, scores }`, NDArrays `[q, min(k, n)]` of uint32 and float32.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example
 * const { indices, scores } = await nearest(query, ndarray(vectors, [100_000, 384]), { k: 5 })
 * indices.at(0, 0) // the row most like the query
 * @function
 */
export const nearest: Nearest = defineKernel({ name: 'nearest', arity: 2, plan: planNearest })

function planNearest(args: readonly unknown[], raw: object): Planned<unknown> {
  const { k, metric, normalized, out } = raw as NearestOptions
  const by = readMetric(metric)
  const queries = readVectors('queries', args[0], by, true)
  const base = readVectors('base', args[1], by, false)
  checkAlike('base', base, 'queries', queries)
  const [rows, length] = base.shape
  if (rows >= 2 ** 32) throw rangeMisuse('base.shape', '[n, d] with n below 2^32', base.shape)
  const most = k === undefined ? 10 : checkInteger('k', k, 1, Number.MAX_SAFE_INTEGER)
  const unit = checkFlag('normalized', normalized) && by === 'cosine'
  const count = queries.shape[0]
  const shape = [count, Math.min(most, rows)]
  const outputs = out === undefined ? freshOutputs(shape) : readOutputs(out, shape, [queries, base])
  const [indices, scores] = outputs.map(({ given }) => given)
  return {
    plan: {
      kernel: 'nearest',
      inputs: [queries, base],
      outputs: outputs.map(({ view }) => view),
      scalars: [metricNumber(unit ? 'dot' : by)],
      freshOutputs: out === undefined,
      cost:
        1500 + count * 300 + rows * (length * readCost(base.dtype) + count * (4 + length * pairCost(base.dtype, by))),
    },
    value: () => ({ indices, scores }),
  }
}

/** Nanoseconds to read an element. */
function readCost(dtype: DType): number {
  return dtype === 'float64' ? 0.2 : dtype === 'int8' ? 0.03 : 0.1
}

interface Output {
  readonly view: View
  readonly given: NDArray
}

const outTypes = ['uint32', 'float32'] as const

function freshOutputs(shape: readonly number[]): Output[] {
  return outTypes.map((dtype) => {
    const data = newArray(dtype, shape[0] * shape[1], 'nearest')
    return { view: viewOf(data, dtype, shape), given: new NDArray(data, shape) }
  })
}

function readOutputs(out: unknown, shape: readonly number[], inputs: readonly View[]): Output[] {
  if (!isList(out) || out.length !== 2) throw typeMisuse('out', 'two arrays, for indices and scores', out)
  const outputs = outTypes.map((dtype, i) => checkOut(`out[${i}]`, out[i], dtype, shape, inputs, false))
  if (overlaps(outputs[0].view, outputs[1].view)) {
    throw rangeMisuse('out[1]', 'memory apart from the other output', outputs[1].given)
  }
  return outputs.map(({ view, given }) => ({
    view,
    given: given instanceof NDArray ? given : new NDArray(given as TypedArray, shape),
  }))
}
