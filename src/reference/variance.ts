import { addMoments, addMomentsOfNumbers, findPivot, mergeMoments, moment } from './moments.ts'
import { isFloat, layOutReduction, NumberReader, planReduction, reduceChunk, runReduction } from './reduce.ts'
import type { Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The sum of squared distances from the mean, divided by n - ddof (scalars[2]), or the root of that (scalars[3]); NaN
 * when n - ddof is not above 0. One pass about a pivot for every `reduceChunk` elements, merged in order and blocks
 * along the tree by the formula of Chan, Golub & LeVeque (1979). The same bits as native/kernels/variance.cc: the
 * tolerance is zero.
 */
export const varianceReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    const skipNaN = args.scalars[1] !== 0 && isFloat(args.inputs[0].dtype)
    const block = skipNaN ? measureNumbers : measure
    runReduction(args, phase, index, partial, { block, store: storeSpread })
  },
  combine(_args, _phase, into, from) {
    mergeMoments(into, from[moment.count], from[moment.near], from[moment.rest], from[moment.m2])
  },
  finish(args) {
    if (args.outputs.length === 0) args.results[0] = spread(args, args.partials)
  },
}

/** The variance of a partial. */
export function varianceOf(partial: Float64Array, ddof: number): number {
  const freedom = partial[moment.count] - ddof
  return freedom > 0 ? partial[moment.m2] / freedom : NaN
}

function spread({ scalars }: ReferenceArguments, partial: Float64Array): number {
  const variance = varianceOf(partial, scalars[2])
  return scalars[3] === 1 ? Math.sqrt(variance) : variance
}

function storeSpread(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  args.outputs[0].data[offsets[0]] = spread(args, partial)
}

function measure(plan: Reduction, [offset]: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new NumberReader(plan, 0, offset)
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    addMoments(partial, x.array, x.start, size, findPivot(x.array, x.start, size, false))
  }
}

function measureNumbers(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const x = new NumberReader(plan, 0, offset)
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    addMomentsOfNumbers(partial, x.array, x.start, size, findPivot(x.array, x.start, size, true), terms)
  }
}

const terms = new Float64Array(reduceChunk)
