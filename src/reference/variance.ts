import { addSquares, addValues, clearLanes, copyNumbers, copySquares, foldLanes } from './lanes.ts'
import { isFloat, layOutReduction, NumberReader, planReduction, reduceChunk, runReduction } from './reduce.ts'
import type { Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The sum of squared distances from the mean, divided by n - ddof (scalars[2]); NaN when that is not above 0. Two
 * passes over every `reduceChunk` elements, chunks merged in order and blocks along the tree by the formula of Chan,
 * Golub & LeVeque (1979). The same bits as native/kernels/variance.cc: the tolerance is zero.
 */
export const varianceReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    const skipNaN = args.scalars[1] !== 0 && isFloat(args.inputs[0].dtype)
    const block = skipNaN ? measureNumbers : measure
    runReduction(args, phase, index, partial, { block, store: storeVariance })
  },
  combine(_args, _phase, into, from) {
    merge(into, from[0], from[1], from[2])
  },
  finish(args) {
    if (args.outputs.length === 0) args.results[0] = variance(args, args.partials)
  },
}

// A partial is the number of elements, their mean, and the sum of squared distances from it.

function merge(into: Float64Array, count: number, mean: number, m2: number): void {
  if (count === 0) return
  if (into[0] === 0) {
    into[0] = count
    into[1] = mean
    into[2] = m2
    return
  }
  const total = into[0] + count
  const delta = mean - into[1]
  const share = count / total
  into[1] += delta * share
  into[2] = into[2] + m2 + delta * delta * (into[0] * share)
  into[0] = total
}

function variance({ scalars }: ReferenceArguments, partial: Float64Array): number {
  const freedom = partial[0] - scalars[2]
  return freedom > 0 ? partial[2] / freedom : NaN
}

function storeVariance(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  args.outputs[0].data[offsets[0]] = variance(args, partial)
}

function measure(plan: Reduction, [offset]: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new NumberReader(plan, 0, offset)
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    clearLanes()
    addValues(x.array, x.start, size)
    const mean = foldLanes() / size
    clearLanes()
    addSquares(x.array, x.start, size, mean)
    merge(partial, size, mean, foldLanes())
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
    clearLanes()
    const numbers = copyNumbers(x.array, x.start, size, terms)
    addValues(terms, 0, size)
    const mean = foldLanes() / numbers
    clearLanes()
    copySquares(x.array, x.start, size, mean, terms)
    addValues(terms, 0, size)
    merge(partial, numbers, mean, foldLanes())
  }
}

const terms = new Float64Array(reduceChunk)
