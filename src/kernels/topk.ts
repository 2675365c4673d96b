import { checkBoolean, checkInteger } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, viewOf } from '../plan.ts'
import type { Plan, Results } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps, Work } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { View } from '../types.ts'
import { fewTopk } from './few-order.ts'
import { orderPlan } from './argsort.ts'
import type { IndexResult } from './argsort.ts'
import { checkIndexable, lineLength, linesOf, readAxis } from './lines.ts'
import { numberAt } from './reduction.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'

/** Options of {@link topk}. */
export interface TopkOptions extends TaskOptions {
  /**
   * The greatest elements; `false` gives the least.
   * @default true
   */
  largest?: boolean | undefined
  /**
   * The axis of an n-d view to choose along; indices count along it.
   * @default -1, the last
   */
  axis?: number | undefined
}

/** The best elements and their places. */
export interface Best<X> {
  /** Best first; of the type of `x`. */
  readonly values: ArrayResult<X>
  /** Where they stand in `x`. */
  readonly indices: IndexResult<X>
}

/** The type of {@link topk}. */
export interface Topk {
  <X extends ArrayInput>(x: X, k: number, options?: TopkOptions): Task<Best<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, k: number, options?: TopkOptions): Best<X>
}

/**
 * The `k` greatest elements (or least) and their indices, best first, equal ones by lower index. NaN is never among them
 * unless there are fewer than `k` numbers: then it comes last. +0 is above -0. The same as the first `k` of an argsort,
 * on every backend, CPU level and number of threads, without sorting: a sample gives a bound, one pass collects what
 * passes it, and only that is sorted (after Floyd and Rivest 1975). Where nearly all is asked for, or a value near the
 * bound is repeated very often, it does sort.
 *
 * @param x Any typed array or n-d view, at most 2^32 elements along the axis; not changed.
 * @param k How many, from 0 to the length along the axis.
 * @returns `{ values, indices }`: typed arrays, or NDArrays with `k` along the axis.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await topk(scores, 10) // { values: Float64Array(10), indices: Uint32Array(10) }
 * @function
 */
export const topk: Topk = defineKernel({ name: 'topk', arity: 2, plan: planTopk, few: fewTopk })

/** Longer lines are sampled, `kSortRowMost` in native/kernels/sort_plan.h, where at most so many are asked for. */
const longestWhole = 131_072
const mostCollected = 1_048_576

function planTopk(args: readonly unknown[], raw: object): Work<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const options = raw as TopkOptions
  const largest = options.largest === undefined ? true : checkBoolean('largest', options.largest)
  const axis = readAxis(options.axis, view.shape.length)
  checkIndexable(view, axis)
  const length = lineLength(view, axis)
  const k = checkInteger('k', args[1], 0, length)
  const shape = view.shape.length === 0 ? [k] : view.shape.map((extent, other) => (other === axis ? k : extent))
  const values = newArray(view.dtype, sizeOf(shape), 'topk')
  const indices = newArray('uint32', sizeOf(shape), 'topk')
  const outputs = [viewOf(values, view.dtype, shape), viewOf(indices, 'uint32', shape)]
  const result = isArray
    ? { values, indices }
    : { values: new NDArray(values, shape), indices: new NDArray(indices, shape) }
  const chosen: Chosen = { view, axis, outputs, k, largest }
  if (length <= longestWhole) return { plan: topkPlan(chosen), value: () => result }
  return longTopk(chosen, k <= mostCollected && k <= length / 4, result)
}

interface Chosen {
  readonly view: View
  readonly axis: number
  readonly outputs: readonly View[]
  readonly k: number
  readonly largest: boolean
}

function* longTopk(chosen: Chosen, collects: boolean, result: object): Steps<unknown> {
  const { view, axis, largest } = chosen
  const failed = (results: Results) => numberAt(results, 0) !== 0
  if (collects && !(yield* run({ plan: topkPlan(chosen), value: failed }))) return result
  const [line] = linesOf([view], axis, false)
  const order = viewOf(newArray('uint32', sizeOf(view.shape), 'topk'), 'uint32', line.shape)
  const orders = { descending: largest, mergesZeros: false }
  yield* run({
    plan: orderPlan(line, line.shape.length - 1, [order], orders),
    part: [0.1, 0.9],
    value: () => undefined,
  })
  yield* run({ plan: topkPlan(chosen, order), part: [0.9, 1], value: () => undefined })
  return result
}

function topkPlan({ view, axis, outputs, k, largest }: Chosen, order?: View): Plan {
  // Outputs have another extent along the axis, so every view is turned by itself.
  const [input] = linesOf([view], axis, false)
  return {
    kernel: 'topk',
    inputs: order === undefined ? [input] : [input, order],
    outputs: outputs.map((output) => linesOf([output], axis, false)[0]),
    scalars: [k, largest ? 1 : 0, order === undefined ? 0 : 1],
    freshOutputs: true,
    cost: 400 + (order === undefined ? sizeOf(view.shape) * 1.5 : 0) + sizeOf(outputs[0].shape) * 20,
  }
}
