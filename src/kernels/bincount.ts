import { checkInteger } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { isFloat, newArray } from '../typed-array.ts'
import { dtypes } from '../types.ts'
import type { BigIntArray, TypedArray, View } from '../types.ts'
import { fewCounts } from './few-counts.ts'
import type { ArrayInput } from './reduction.ts'
import { mergeAll, mergeBoth, planExtremes, readWeights } from './tally.ts'

/** Options of {@link bincount}. */
export interface BincountOptions extends TaskOptions {
  /**
   * The least length of the result, which is otherwise the greatest element plus 1.
   * @default 0
   */
  minLength?: number | undefined
  /**
   * One for each element, in the shape of `x`: the result has their sums instead of counts.
   * @default every element counts 1
   */
  weights?: ArrayInput | undefined
}

/**
 * What counts can be made of.
 * @inline
 */
export type IntegerArray =
  Int8Array | Uint8Array | Uint8ClampedArray | Int16Array | Uint16Array | Int32Array | Uint32Array | BigIntArray

type BincountResult<O> = O extends { weights: ArrayInput } ? Float64Array : Uint32Array

/** The type of {@link bincount}. */
export interface Bincount {
  <const O extends BincountOptions>(x: ArrayInput<IntegerArray>, options?: O): Task<BincountResult<O>>
  /** The same on the calling thread. */
  sync<const O extends BincountOptions>(x: ArrayInput<IntegerArray>, options?: O): BincountResult<O>
}

/**
 * How often each whole number from 0 up occurs: result[v] is the number of elements that are v, or with `weights` the
 * sum of theirs. Weights are added in float64 in the order of elements within blocks of 131,072, and blocks pairwise:
 * the same bits on every backend, CPU level and number of threads. Costs a pass for the greatest element and one to
 * count (bytes need one in all); results longer than 65,536 are counted by one thread.
 *
 * @param x Integers from 0 to 2^30 - 1, in any typed array of integers or n-d view of one.
 * @returns Uint32Array, with `weights` Float64Array; as long as the greatest element plus 1, at least `minLength`.
 * @throws RangeError if an element is negative or too large; TypeError or RangeError for arguments that are not as
 *   described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await bincount(new Uint8Array([1, 3, 1])) // [0, 2, 0, 1]
 * @function
 */
export const bincount: Bincount = defineKernel({
  name: 'bincount',
  arity: 1,
  plan: ([x], raw) => steps(x, raw),
  few: fewCounts,
})

/** The greatest length of a result. */
const mostBins = 2 ** 30
const integerTypes = dtypes.filter((dtype) => !isFloat(dtype))

function* steps(value: unknown, raw: object): Steps<TypedArray> {
  const { view } = readInput('x', value, integerTypes)
  const options = raw as BincountOptions
  const { minLength } = options
  const least = minLength === undefined ? 0 : checkInteger('minLength', minLength, 0, mostBins)
  const weights = readWeights(options.weights, view)
  const inputs = mergeBoth(view, weights)
  const size = sizeOf(view.shape)
  if (size === 0) return newArray(weights === undefined ? 'uint32' : 'float64', least, 'bincount')
  const isByte = view.dtype === 'uint8' || view.dtype === 'uint8clamped'
  if (isByte && weights === undefined) {
    const counts = yield* run(planCounts(inputs, size, 256, false, [0, 1]))
    let length = 256
    while (length > least && length > 0 && counts[length - 1] === 0) length--
    return least > 256 ? lengthen(counts, least) : counts.slice(0, length)
  }
  const { min, max } = yield* run(planExtremes(mergeAll(view), size, [0, 0.2]))
  if (min < 0) throw rangeMisuse('x', 'of integers from 0 and up', min)
  if (max >= mostBins) throw rangeMisuse('x', `of integers from 0 to ${mostBins - 1}`, max)
  return yield* run(planCounts(inputs, size, Math.max(max + 1, least), weights !== undefined, [0.2, 1]))
}

function planCounts(
  inputs: readonly View[],
  size: number,
  length: number,
  weighted: boolean,
  part: readonly [number, number],
): Planned<TypedArray> {
  const dtype = weighted ? 'float64' : 'uint32'
  const counts = newArray(dtype, length, 'bincount')
  return {
    plan: {
      kernel: 'bincount',
      inputs,
      outputs: [viewOf(counts, dtype, [length])],
      scalars: [],
      freshOutputs: true,
      cost: 200 + Math.min(length, 65536) * 0.5 + size * (length === 256 ? 0.2 : length > 65536 ? 2 : 0.6),
    },
    part,
    value: () => counts,
  }
}

function lengthen(counts: TypedArray, length: number): TypedArray {
  const longer = newArray('uint32', length, 'bincount')
  longer.set(counts as never)
  return longer
}
