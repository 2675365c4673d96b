import { checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { readInput } from '../plan.ts'
import type { DType, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** How two vectors are compared; similarity for cosine and dot, a distance otherwise. */
export type Metric = 'cosine' | 'dot' | 'l2sq' | 'l2' | 'hamming' | 'jaccard'

/** The order is that of `Metric` in native/kernels/vectors_plan.h: the index crosses to the native side. */
export const metrics = ['cosine', 'dot', 'l2sq', 'l2', 'hamming', 'jaccard'] as const satisfies readonly Metric[]

/** Rows of numbers; Uint16Array holds the bits of float16, Uint8Array rows of bits, eight a byte. */
export type Vectors = ArrayInput<Float32Array | Float64Array | Int8Array | Uint8Array | Uint16Array>

const numberTypes: readonly DType[] = ['float32', 'float64', 'int8', 'float16', 'uint16']
const bitTypes: readonly DType[] = ['uint8']
/** Sums of int8 products stay exact up to this length. */
const mostInt8 = 65_536

export function readMetric(value: unknown): Metric {
  return value === undefined ? 'cosine' : checkWord('metric', value, metrics)
}

export function metricNumber(metric: Metric): number {
  return metrics.indexOf(metric)
}

export function isSimilarity(metric: Metric): boolean {
  return metric === 'cosine' || metric === 'dot'
}

/** Reads rows `[n, d]` that a metric can compare; where `single` is on, a vector `[d]` is one row. */
export function readVectors(name: string, value: unknown, metric: Metric, single: boolean): View {
  const isBits = metric === 'hamming' || metric === 'jaccard'
  const { view } = readInput(name, value, isBits ? bitTypes : numberTypes)
  const { shape, strides, dtype } = view
  const rank = shape.length
  if (rank !== 2 && !(single && rank === 1)) {
    throw rangeMisuse(`${name}.shape`, single ? '[d] or [n, d]' : '[n, d]', shape)
  }
  if (dtype === 'int8' && shape[rank - 1] > mostInt8) {
    throw rangeMisuse(`${name}.shape`, `[n, d] with d at most ${mostInt8} for int8`, shape)
  }
  const rows = rank === 2 ? view : { ...view, shape: [1, shape[0]], strides: [shape[0], strides[0]] }
  return dtype === 'uint16' ? { ...rows, dtype: 'float16' } : rows
}

/** Both sides have rows of one type and length. */
export function checkAlike(name: string, view: View, other: string, first: View): void {
  if (view.dtype !== first.dtype) {
    throw typeMisuse(name, `of the same type as \`${other}\`, which is ${first.dtype}`, view.data)
  }
  if (view.shape[1] !== first.shape[1]) {
    throw rangeMisuse(`${name}.shape`, `[n, ${first.shape[1]}], as \`${other}\` has vectors of that length`, view.shape)
  }
}

/** Nanoseconds that a pair of vectors takes for each of their elements, among many pairs; measured at AVX2. */
export function pairCost(dtype: DType, metric: Metric): number {
  const nanoseconds = { float64: 0.04, int8: 0.012, uint8: 0.12 } as Partial<Record<DType, number>>
  return (nanoseconds[dtype] ?? 0.02) * (metric === 'l2sq' || metric === 'l2' ? 1.6 : 1)
}
