import { extremesBlock, giveExtreme, mergeExtremes, storeExtreme } from './minmax.ts'
import { addHighMoments, addHighMomentsOfNumbers, findPivot, mergeHighMoments, moment } from './moments.ts'
import { isFloat, layOutReduction, NumberReader, planReduction, reduceChunk, runReduction } from './reduce.ts'
import type { ReduceOperation } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'
import { varianceOf } from './variance.ts'

/**
 * Count, mean, variance, standard deviation, skewness, excess kurtosis, least and greatest element along the reduced
 * axes: four powers about a pivot for every `reduceChunk` elements, merged by the formulas of Pébay (2008). The same
 * bits as native/kernels/describe.cc: the tolerance is zero.
 */
export const describeReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args), words),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { words, block: describeBlock(args), store: storeDescription })
  },
  combine({ inputs }, _phase, into, from) {
    const { count, near, rest, m2, m3, m4 } = moment
    mergeHighMoments(into, from[count], from[near], from[rest], from[m2], from[m3], from[m4])
    mergeExtremes(inputs[0].dtype, extremesOf(into), extremesOf(from))
  },
  finish(args) {
    const { inputs, outputs, partials, results, bits } = args
    if (outputs.length > 0) return
    descriptionOf(partials, args.scalars[2]).forEach((value, i) => (results[i] = value))
    for (const word of [0, 1]) giveExtreme(inputs[0].dtype, extremesOf(partials), word, fields + word, results, bits)
  },
}

// A partial is the moments and then the extremes.
const momentWords = 6
const words = momentWords + 4
/** Numbers that come before the extremes. */
const fields = 6

function extremesOf(partial: Float64Array): Float64Array {
  return partial.subarray(momentWords, words)
}

/** Count, mean, variance, its root, skewness and kurtosis, from moments and behind them the extremes. */
export function descriptionOf(partial: Float64Array, ddof: number): number[] {
  const count = partial[moment.count]
  const population = partial[moment.m2] / count
  const variance = varianceOf(partial, ddof)
  return [
    count,
    meanOf(partial),
    variance,
    Math.sqrt(variance),
    partial[moment.m3] / count / (population * Math.sqrt(population)),
    partial[moment.m4] / count / (population * population) - 3,
  ]
}

// About an infinite pivot there is no mean; then it is what the extremes say.
function meanOf(partial: Float64Array): number {
  // No mean is -0: it may have come about as the sum of zeros of either sign.
  const mean = partial[moment.count] > 0 ? partial[moment.near] + partial[moment.rest] + 0 : NaN
  const ends = partial[momentWords] + partial[momentWords + 1]
  return mean !== mean && Math.abs(ends) === Infinity ? ends : mean
}

function storeDescription(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  const [{ data, strides }] = args.outputs
  const step = strides[strides.length - 1]
  descriptionOf(partial, args.scalars[2]).forEach((value, i) => (data[offsets[0] + i * step] = value))
  for (const word of [0, 1]) storeExtreme(args.outputs[1 + word], offsets[1 + word], extremesOf(partial), word)
}

function describeBlock(args: ReferenceArguments): ReduceOperation['block'] {
  const skipNaN = args.scalars[1] !== 0 && isFloat(args.inputs[0].dtype)
  const findExtremes = extremesBlock(args)
  return (plan, offsets, first, count, partial) => {
    findExtremes(plan, offsets, first, count, extremesOf(partial))
    const x = new NumberReader(plan, 0, offsets[0])
    for (let done = 0; done < count; done += reduceChunk) {
      const size = Math.min(reduceChunk, count - done)
      x.read(first + done, size)
      const pivot = findPivot(x.array, x.start, size, skipNaN)
      if (skipNaN) addHighMomentsOfNumbers(partial, x.array, x.start, size, pivot, terms)
      else addHighMoments(partial, x.array, x.start, size, pivot)
    }
  }
}

const terms = new Float64Array(reduceChunk)
