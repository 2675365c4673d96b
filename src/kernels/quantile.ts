import { checkFlag, checkInteger, checkWord, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { mergeAxes, permute, readInput, viewOf } from '../plan.ts'
import type { Plan } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps, Work } from '../steps.ts'
import { dtypeOf, newArray } from '../typed-array.ts'
import type { View } from '../types.ts'
import { fewQuantile } from './few-order.ts'
import type { ArrayInput } from './reduction.ts'
import { sortPlan } from './sort.ts'

/** The nine of Hyndman and Fan (1996), then four that give elements or halves; the index crosses to the kernel. */
export const methods = [
  'inverted_cdf',
  'averaged_inverted_cdf',
  'closest_observation',
  'interpolated_inverted_cdf',
  'hazen',
  'weibull',
  'linear',
  'median_unbiased',
  'normal_unbiased',
  'lower',
  'higher',
  'midpoint',
  'nearest',
] as const

/** The number of the method that everybody has by default. */
export const linear = methods.indexOf('linear')

/**
 * What to give between two elements, by NumPy's names.
 * @useDeclaredType
 */
export type QuantileMethod = (typeof methods)[number]

/** Options of {@link median}. */
export interface MedianOptions extends TaskOptions {
  /**
   * The axis to take medians along, or several; negative ones count from the end. The result is then an NDArray.
   * @default all axes, and a plain number
   */
  axis?: number | readonly number[] | undefined
  /**
   * With `axis`: reduced axes stay, with extent 1.
   * @default false
   */
  keepdims?: boolean | undefined
  /**
   * Leaves NaNs out, where they otherwise make the result NaN.
   * @default false
   */
  skipNaN?: boolean | undefined
}

/** Options of {@link quantile}. */
export interface QuantileOptions extends MedianOptions {
  /**
   * What to give between two elements: NumPy's names of the nine definitions of Hyndman and Fan (1996), and `'lower'`,
   * `'higher'`, `'midpoint'`, `'nearest'`, which vary `'linear'`.
   * @default 'linear'
   */
  method?: QuantileMethod | undefined
}

/** One fraction, or many. */
export type Fractions = number | readonly number[] | Float64Array | Float32Array

/** A number, or one for each fraction; with `axis` an NDArray. */
export type QuantileResult<Q extends Fractions, O> = O extends { readonly axis: number | readonly number[] }
  ? NDArray<Float64Array>
  : Q extends number
    ? number
    : Float64Array

/** The type of {@link quantile}. */
export interface Quantile {
  <Q extends Fractions, O extends QuantileOptions = {}>(x: ArrayInput, q: Q, options?: O): Task<QuantileResult<Q, O>>
  /** The same on the calling thread. */
  sync<Q extends Fractions, O extends QuantileOptions = {}>(x: ArrayInput, q: Q, options?: O): QuantileResult<Q, O>
}

/**
 * Quantiles, without sorting: the number below which a fraction `q` of the elements lies. A sample bounds each
 * quantile, one pass over the data collects what lies between the bounds, and selection among those few finds it (Floyd
 * and Rivest 1975); up to eight quantiles share the pass, for more a copy is sorted. Definitions after Hyndman and Fan
 * (1996). Elements become float64 (BigInts the nearest); results are the same bits on every backend, CPU level and
 * number of threads.
 *
 * @param x Any typed array or n-d view; not changed. Of no elements the result is NaN.
 * @param q A fraction from 0 to 1, or an array of them.
 * @returns A number; a Float64Array where `q` is an array. With `axis` an NDArray of float64, whose first axis is that of
 *   `q` where that is an array.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await quantile(latencies, [0.5, 0.95, 0.99]) // Float64Array of three
 * @function
 */
export const quantile: Quantile = defineKernel({
  name: 'quantile',
  arity: 2,
  plan: planQuantile,
  few: fewQuantile(linear),
})

function planQuantile(args: readonly unknown[], raw: object): Work<unknown> {
  const { method } = raw as QuantileOptions
  const fractions = readFractions(args[1])
  const index = method === undefined ? linear : methods.indexOf(checkWord('method', method, methods))
  return quantileWork('quantile', args[0], fractions, typeof args[1] !== 'number', index, raw)
}

/** What a quantile or a median does: several plans where it needs a copy first. */
export function quantileWork(
  name: string,
  x: unknown,
  fractions: Float64Array,
  isMany: boolean,
  method: number,
  raw: object,
): Work<unknown> {
  const { view, isArray } = readInput('x', x)
  const { axis, keepdims, skipNaN, out } = raw as MedianOptions & { out?: unknown }
  if (out !== undefined) throw typeMisuse('out', `left out: ${name} takes none`, out)
  const keep = checkFlag('keepdims', keepdims)
  const skip = checkFlag('skipNaN', skipNaN)
  const count = fractions.length
  if (isArray && axis === undefined && (count <= mostSelected || view.shape[0] <= longestCopied)) {
    const result = newArray('float64', count, name) as Float64Array
    const output = viewOf(result, 'float64', [count])
    return {
      plan: quantilePlan(view, fractions, output, method, skip, false),
      value: () => (isMany ? result : result[0]),
    }
  }
  const all = [...view.shape.keys()]
  const reduced = axis === undefined ? all : readAxes(axis, view.shape.length)
  const kept = all.filter((other) => !reduced.includes(other))
  const keptShape = kept.map((other) => view.shape[other])
  const outShape = keep ? view.shape.map((extent, other) => (reduced.includes(other) ? 1 : extent)) : keptShape
  const result = newArray('float64', count * sizeOf(outShape), name) as Float64Array
  // The kernel has the axis of the fractions last, the caller first.
  const output = permute(viewOf(result, 'float64', [count, ...keptShape]), [...keptShape.map((_, i) => i + 1), 0])
  const plan = (input: View, isSorted: boolean): Plan => quantilePlan(input, fractions, output, method, skip, isSorted)
  const value = () => {
    if (axis !== undefined) return new NDArray(result, isMany ? [count, ...outShape] : outShape)
    return isMany ? result : result[0]
  }
  const lines = mergeLines(view, kept, reduced)
  const line = sizeOf(reduced.map((other) => view.shape[other]))
  const selects = count <= mostSelected || line <= longestCopied
  if (lines !== undefined && selects) return { plan: plan(lines, false), value }
  return copyFirst(name, view, kept, reduced, lines, selects, plan, value)
}

function quantilePlan(
  input: View,
  fractions: Float64Array,
  output: View,
  method: number,
  skip: boolean,
  isSorted: boolean,
): Plan {
  return {
    kernel: 'quantile',
    inputs: [input, viewOf(fractions, 'float64', [fractions.length])],
    outputs: [output],
    scalars: [method, skip ? 1 : 0, isSorted ? 1 : 0],
    freshOutputs: true,
    cost: 300 + (isSorted ? 0 : sizeOf(input.shape) * 1.2) + sizeOf(output.shape) * 40,
  }
}

/** As many quantiles of a long line as share a pass; `kSelectPairs` in native/kernels/select_plan.h. */
const mostSelected = 8
/** Shorter lines are copied and selected from whole; `kSortRowMost` in native/kernels/sort_plan.h. */
const longestCopied = 131_072

// Lines of several axes with gaps between are brought together by sorting along one of them, into a copy; lines of
// which many quantiles are asked are sorted as wholes.
function* copyFirst(
  name: string,
  view: View,
  kept: readonly number[],
  reduced: readonly number[],
  lines: View | undefined,
  selects: boolean,
  plan: (input: View, isSorted: boolean) => Plan,
  value: () => unknown,
): Steps<unknown> {
  const { dtype } = view
  const keptShape = kept.map((axis) => view.shape[axis])
  const line = sizeOf(reduced.map((axis) => view.shape[axis]))
  const copy = newArray(dtype, sizeOf(view.shape), name)
  const whole = viewOf(copy, dtype, [...keptShape, line])
  if (lines === undefined) {
    const ordered = permute(view, [...kept, ...reduced])
    const gathered = viewOf(copy, dtype, ordered.shape)
    yield* run({ plan: sortPlan(ordered, gathered), part: [0, 0.5], value: () => undefined })
  }
  if (!selects) {
    yield* run({ plan: sortPlan(lines ?? whole, whole), part: [0.5, 0.9], value: () => undefined })
  }
  yield* run({ plan: plan(whole, !selects), part: [0.9, 1], value: () => undefined })
  return value()
}

/** The view with `kept` axes and then one for all `reduced` ones, if they can be stepped through as one. */
function mergeLines(view: View, kept: readonly number[], reduced: readonly number[]): View | undefined {
  const order = reduced.toSorted((a, b) => Math.abs(view.strides[b]) - Math.abs(view.strides[a]))
  const { shape, strides } = permute(view, [...kept, ...order])
  const isEmpty = order.some((axis) => view.shape[axis] === 0)
  const line = isEmpty ? { shape: [0], strides: [1] } : mergeAxes(shape, strides, kept.length, shape.length)
  if (line.shape.length > 1) return undefined
  return {
    ...view,
    shape: [...shape.slice(0, kept.length), line.shape[0] ?? 1],
    strides: [...strides.slice(0, kept.length), line.strides[0] ?? 1],
  }
}

function readAxes(axis: unknown, rank: number): number[] {
  const list = isList(axis) ? axis : undefined
  if (rank === 0 && list?.length !== 0) throw rangeMisuse('axis', 'left out, as the input has no axes', axis)
  const axes = Array.from(list ?? [axis], (value, i) => {
    const checked = checkInteger(list === undefined ? 'axis' : `axis[${i}]`, value, -rank, rank - 1)
    return checked < 0 ? checked + rank : checked
  })
  if (new Set(axes).size !== axes.length) throw rangeMisuse('axis', 'different axes', axis)
  return axes
}

/** A copy of the fractions, each checked. */
function readFractions(q: unknown): Float64Array {
  if (typeof q === 'number') return Float64Array.of(checkFraction('q', q))
  const dtype = dtypeOf(q)
  const isFloats = dtype === 'float64' || dtype === 'float32'
  if (!isFloats && !isList(q)) throw typeMisuse('q', 'a number from 0 to 1, or an array of them', q)
  const list = isFloats ? Array.from(q as Float64Array) : (q as unknown[])
  return Float64Array.from(list, (value, i) => checkFraction(`q[${i}]`, value))
}

function checkFraction(name: string, value: unknown): number {
  if (typeof value !== 'number') throw typeMisuse(name, 'a number from 0 to 1', value)
  if (!(value >= 0 && value <= 1)) throw rangeMisuse(name, 'a number from 0 to 1', value)
  return value
}
