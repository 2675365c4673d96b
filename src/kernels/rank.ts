import { checkWord } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps, Work } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { fewRanks } from './few-order.ts'
import { orderPlan } from './argsort.ts'
import { checkIndexable, linesOf, readAxis } from './lines.ts'
import type { ArrayInput } from './reduction.ts'

/** In the order of the kernel's numbers. */
const methods = ['average', 'min', 'max', 'dense', 'ordinal'] as const

/**
 * What equal elements get.
 * @useDeclaredType
 */
export type RankMethod = (typeof methods)[number]

/** Options of {@link rank}. */
export interface RankOptions extends TaskOptions {
  /**
   * What equal elements get: the average of their ranks, the least, the greatest, the number of their value among the
   * different ones (`'dense'`), or ranks in the order in which they are (`'ordinal'`).
   * @default 'average'
   */
  method?: RankMethod | undefined
  /**
   * The axis of an n-d view to rank along; every line along it is ranked by itself.
   * @default -1, the last
   */
  axis?: number | undefined
  /**
   * Receives the result.
   * @default a new Float64Array
   */
  out?: ArrayInput<Float64Array> | undefined
}

/** Of a typed array a Float64Array, of an n-d view an NDArray. */
export type RankResult<X> = X extends TypedArray ? Float64Array : NDArray<Float64Array>

/** The type of {@link rank}. */
export interface Rank {
  <X extends ArrayInput>(x: X, options?: RankOptions): Task<RankResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: RankOptions): RankResult<X>
}

/**
 * Ranks from 1, as scipy.stats.rankdata gives them. -0 equals +0; a NaN has the rank NaN, and the others are ranked as if
 * it were not there. Made of an `argsort`; the same bits on every backend, CPU level and number of threads.
 *
 * @param x Any typed array or n-d view, at most 2^32 elements along the axis; not changed.
 * @returns A Float64Array, or `out`; for n-d views an NDArray of the shape of `x`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await rank(new Float64Array([30, 10, 10])) // [3, 1.5, 1.5]
 * @function
 */
export const rank: Rank = defineKernel({ name: 'rank', arity: 1, plan: planRank, few: fewRanks })

function planRank(args: readonly unknown[], raw: object): Work<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const { method, axis: along } = raw as RankOptions
  const index = method === undefined ? 0 : methods.indexOf(checkWord('method', method, methods))
  const axis = readAxis(along, view.shape.length)
  checkIndexable(view, axis)
  const out = readOut(raw, 'float64', view.shape, [view], false)
  const fresh = out === undefined ? newArray('float64', sizeOf(view.shape), 'rank') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, 'float64', view.shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, view.shape))
  const [lines, output] = linesOf([view, result], axis)
  return rankSteps(lines, output, index, out === undefined, given)
}

function* rankSteps(lines: View, output: View, method: number, freshOutputs: boolean, given: unknown): Steps<unknown> {
  const size = sizeOf(lines.shape)
  const order = viewOf(newArray('uint32', size, 'rank'), 'uint32', lines.shape)
  const flags = viewOf(newArray('uint8', size, 'rank'), 'uint8', lines.shape)
  const sorting = orderPlan(lines, lines.shape.length - 1, [order, flags], { descending: false, mergesZeros: true })
  yield* run({ plan: sorting, part: [0, 0.7], value: () => undefined })
  const ranking = {
    kernel: 'rank',
    inputs: [order, flags, lines],
    outputs: [output],
    scalars: [method],
    freshOutputs,
    cost: 200 + size * 3,
  }
  yield* run({ plan: ranking, part: [0.7, 1], value: () => undefined })
  return given
}
