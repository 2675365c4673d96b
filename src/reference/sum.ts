import type { View } from '../types.ts'
import { addAt, addExact, carry, exactBigInt, exactNumber } from './exact.ts'
import { addValues, clearLanes, copyNumbers, foldLanes } from './lanes.ts'
import { isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction, WordReader } from './reduce.ts'
import { reduceChunk } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * y = x[0] + x[1] + … along the reduced axes. Floats in float64, in 32 lanes and a fixed tree; integers exactly. The
 * same bits as native/kernels/sum.cc: the tolerance is zero.
 */
export const sumReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, sumOperation(args, storeSum))
  },
  combine: combineSums,
  finish: finishSums,
}

/** Adds a block up, and leaves what is done with the sum to `store`. */
export function sumOperation(
  { inputs, scalars }: ReferenceArguments,
  store: ReduceOperation['store'],
): ReduceOperation {
  if (isBig(inputs[0].dtype)) return { block: sumBigInts, store }
  return { block: scalars[1] !== 0 && isFloat(inputs[0].dtype) ? sumOfNumbers : sumNumbers, store }
}

// A partial is the number of elements, then the sum: of floats word 1 alone, of integers as exact.ts has it.

export function combineSums(args: ReferenceArguments, _phase: number, into: Float64Array, from: Float64Array): void {
  into[0] += from[0]
  if (isFloat(args.inputs[0].dtype)) into[1] += from[1]
  else addExact(into, from)
}

/** The sum as a number: of integers the nearest one, of nothing +0. */
export function sumNumber({ dtype }: View, partial: Float64Array): number {
  if (partial[0] === 0) return 0
  return isFloat(dtype) ? partial[1] : exactNumber(partial)
}

export function storeSum({ inputs, outputs }: ReferenceArguments, partial: Float64Array, offsets: readonly number[]) {
  const [{ data, dtype }] = outputs
  if (isBig(dtype)) (data as BigInt64Array)[offsets[0]] = exactBigInt(partial)
  else data[offsets[0]] = sumNumber(inputs[0], partial)
}

/** results[2] is the number; bits 0, 1 and 3 of integers the exact sum, low word first; results[0] of floats too. */
export function finishSums({ inputs, outputs, partials, results, bits }: ReferenceArguments): void {
  if (outputs.length > 0) return
  const number = sumNumber(inputs[0], partials)
  results[2] = number
  if (isFloat(inputs[0].dtype)) {
    results[0] = number
    return
  }
  const exact = exactBigInt(partials)
  bits[0] = exact
  bits[1] = exact >> 64n
  bits[3] = exact >> 128n
}

function sumNumbers(plan: Reduction, [offset]: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new NumberReader(plan, 0, offset)
  clearLanes()
  for (let done = 0; done < count; done += x.piece) {
    const size = Math.min(x.piece, count - done)
    x.read(first + done, size)
    addValues(x.array, x.start, size)
  }
  partial[0] = count
  partial[1] = foldLanes()
  // Sums of at most 2^14 integers of 32 bits are exact as they are.
  if (!isFloat(plan.inputs[0].dtype)) carry(partial)
}

function sumOfNumbers(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const x = new NumberReader(plan, 0, offset)
  clearLanes()
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    partial[0] += copyNumbers(x.array, x.start, size, terms)
    addValues(terms, 0, size)
  }
  partial[1] = foldLanes()
}

function sumBigInts(plan: Reduction, [offset]: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new WordReader(plan, 0, offset)
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    let low = 0
    let high = 0
    for (let i = 0; i < size; i++) {
      low += x.low[i]
      high += x.high[i]
    }
    addAt(partial, 0, low)
    addAt(partial, 2, high)
  }
  partial[0] = count
  carry(partial)
}

const terms = new Float64Array(reduceChunk)
