import { checkFinite, checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, viewOf } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { View } from '../types.ts'
import { fewInBins } from './few-counts.ts'
import { cellsOf, evenBins } from './histogram-bins.ts'
import type { Bins } from './histogram-bins.ts'
import type { ArrayInput } from './reduction.ts'
import { mergeAll, mergeBoth, planExtremes, readWeights } from './tally.ts'

/** Options of {@link histogram}. */
export interface HistogramOptions extends TaskOptions {
  /**
   * How many bins of the same width, 1 to 16,777,216. Not with `edges`.
   * @default 10
   */
  bins?: number | undefined
  /**
   * Where the first bin begins and the last one ends. Not with `edges`.
   * @default the least and the greatest element
   */
  range?: readonly [low: number, high: number] | undefined
  /**
   * The edges of the bins, in ascending order, one more than there are bins; infinities are allowed.
   * @default even ones, by `bins` and `range`
   */
  edges?: readonly number[] | ArrayInput<Float64Array> | undefined
  /**
   * One for each element, in the shape of `x`: `counts` has their sums.
   * @default every element counts 1
   */
  weights?: ArrayInput | undefined
}

/** Bins and their edges. */
export interface HistogramResult {
  /** By bin. */
  readonly counts: Float64Array
  /** One more than counts. */
  readonly edges: Float64Array
}

/** The type of {@link histogram}. */
export interface Histogram {
  (x: ArrayInput, options?: HistogramOptions): Task<HistogramResult>
  /** The same on the calling thread. */
  sync(x: ArrayInput, options?: HistogramOptions): HistogramResult
}

/**
 * How many elements lie in each bin: counts[i] is the number of those with edges[i] ≤ x < edges[i + 1]; the last bin
 * has its upper edge as well. What lies outside and NaN is left out. Comparisons with the edges decide, never rounding:
 * even bins have the edges low + i·(high - low)/bins, as NumPy has. Elements are compared as float64, BigInts as the
 * nearest. Weights are added in float64 in the order of elements within blocks of 131,072, and blocks pairwise. The
 * same bits on every backend, CPU level and number of threads. One pass, and one more for the range where it is not
 * given; uneven bins are found by way of a table of cells and a search by halves within one. More than 65,536 bins are
 * counted by one thread.
 *
 * @param x Any typed array or n-d view.
 * @returns `{ counts, edges }`, both Float64Array.
 * @throws RangeError if the range is taken from the elements and one of them is infinite; TypeError or RangeError for
 *   arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await histogram(new Float64Array([1, 2, 2, 4]), { bins: 3 }) // counts [1, 2, 1], edges [1, 2, 3, 4]
 * @function
 */
export const histogram: Histogram = defineKernel({
  name: 'histogram',
  arity: 1,
  plan: ([x], raw) => steps(x, raw),
  few: fewInBins,
})

const mostBins = 2 ** 24

function* steps(value: unknown, raw: object): Steps<HistogramResult> {
  const { view } = readInput('x', value)
  const { bins, range, edges, weights: given } = raw as HistogramOptions
  const weights = readWeights(given, view)
  const size = sizeOf(view.shape)
  if (edges !== undefined) {
    if (bins !== undefined) throw rangeMisuse('bins', 'left out where `edges` are given', bins)
    if (range !== undefined) throw rangeMisuse('range', 'left out where `edges` are given', range)
    return yield* count(view, weights, size, cellsOf(readEdges(edges), size))
  }
  const number = bins === undefined ? 10 : checkInteger('bins', bins, 1, mostBins)
  const ends = range === undefined ? undefined : readRange(range)
  const [low, high] = ends ?? (size === 0 ? [0, 1] : yield* findRange(view, size))
  return yield* count(view, weights, size, evenBins(low, high, number, size))
}

function readRange(range: unknown): [low: number, high: number] {
  if (!isList(range)) throw typeMisuse('range', 'two numbers, [low, high]', range)
  if (range.length !== 2) throw rangeMisuse('range', 'two numbers, [low, high]', range)
  const [low, high] = [checkFinite('range[0]', range[0]), checkFinite('range[1]', range[1])]
  if (high < low) throw rangeMisuse('range[1]', `at least range[0], which is ${low}`, high)
  return widen(low, high)
}

function* findRange(view: View, size: number): Steps<[number, number]> {
  const { min, max } = yield* run(planExtremes(mergeAll(view), size, [0, 0.3]))
  if (Number.isNaN(min)) return [0, 1]
  if (!Number.isFinite(max - min)) {
    throw rangeMisuse('range', 'given, where the elements have no finite one', [min, max])
  }
  return widen(min, max)
}

/** A range of no width becomes one of 1 around it. */
function widen(low: number, high: number): [low: number, high: number] {
  if (!Number.isFinite(high - low)) throw rangeMisuse('range', 'of a finite width', [low, high])
  return low === high ? [low - 0.5, high + 0.5] : [low, high]
}

function readEdges(edges: unknown): Float64Array {
  const what = 'an array of at least two numbers in ascending order'
  const list = isList(edges) ? edges : undefined
  let copy: Float64Array
  if (list === undefined) {
    const { view } = readInput('edges', edges, ['float64'])
    if (view.shape.length !== 1) throw rangeMisuse('edges.shape', 'that of one axis', view.shape)
    copy = Float64Array.from(
      { length: view.shape[0] },
      (_, i) => view.data[view.offset + i * view.strides[0]] as number,
    )
  } else {
    copy = new Float64Array(list.length)
    for (let i = 0; i < copy.length; i++) {
      const edge = list[i]
      if (typeof edge !== 'number') throw typeMisuse(`edges[${i}]`, 'a number', edge)
      copy[i] = edge
    }
  }
  if (copy.length < 2 || copy.length > mostBins + 1) throw rangeMisuse('edges', what, edges)
  for (let i = 0; i < copy.length; i++) {
    if (Number.isNaN(copy[i])) throw rangeMisuse(`edges[${i}]`, 'a number', copy[i])
    if (i > 0 && copy[i] < copy[i - 1])
      throw rangeMisuse(`edges[${i}]`, `at least ${copy[i - 1]}, the one before`, copy[i])
  }
  return copy
}

function* count(x: View, weights: View | undefined, size: number, bins: Bins): Steps<HistogramResult> {
  const { edges, before } = bins
  const length = edges.length - 1
  const counts = newArray('float64', length, 'histogram') as Float64Array
  const [elements, ...more] = mergeBoth(x, weights)
  const edgesView = viewOf(edges, 'float64', [length + 1])
  const beforeView = viewOf(before, 'uint32', [before.length])
  return yield* run({
    plan: {
      kernel: 'histogram',
      inputs: [elements, edgesView, beforeView, ...more],
      outputs: [viewOf(counts, 'float64', [length])],
      scalars: [bins.start, bins.scale, bins.cells, bins.margin],
      freshOutputs: true,
      cost: 300 + Math.min(length, 65536) * 0.5 + size * (length > 65536 ? 3 : bins.margin >= 0 ? 0.7 : 3),
    },
    part: [0.3, 1],
    value: () => ({ counts, edges }),
  })
}
