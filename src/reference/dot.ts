import { addAt, carry } from './exact.ts'
import { addProducts, addValues, clearLanes, copyProducts, foldLanes } from './lanes.ts'
import { isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction, WordReader } from './reduce.ts'
import { reduceChunk } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'
import { combineSums, finishSums, storeSum } from './sum.ts'

/**
 * x[0] * y[0] + x[1] * y[1] + … along the reduced axes. Floats are multiplied and added in float64, in 32 lanes and a
 * fixed tree; integers exactly. The same bits as native/kernels/dot.cc: the tolerance is zero.
 */
export const dotReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { block: productsBlock(args), store: storeSum })
  },
  combine: combineSums,
  finish: finishSums,
}

/** What adds up the products of a block. */
export function productsBlock({ inputs, scalars }: ReferenceArguments): ReduceOperation['block'] {
  const [{ dtype }] = inputs
  if (isBig(dtype)) return dotBigInts
  if (dtype === 'int32' || dtype === 'uint32') return dotLongs
  return scalars[1] !== 0 && isFloat(dtype) ? dotOfNumbers : dotNumbers
}

function dotNumbers(plan: Reduction, offsets: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new NumberReader(plan, 0, offsets[0])
  const y = new NumberReader(plan, 1, offsets[1])
  const piece = Math.min(x.piece, y.piece)
  clearLanes()
  for (let done = 0; done < count; done += piece) {
    const size = Math.min(piece, count - done)
    x.read(first + done, size)
    y.read(first + done, size)
    addProducts(x.array, x.start, y.array, y.start, size)
  }
  partial[0] = count
  partial[1] = foldLanes()
  // Sums of at most 2^14 products of integers of 16 bits are exact as they are.
  if (!isFloat(plan.inputs[0].dtype)) carry(partial)
}

function dotOfNumbers(
  plan: Reduction,
  offsets: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const x = new NumberReader(plan, 0, offsets[0])
  const y = new NumberReader(plan, 1, offsets[1])
  clearLanes()
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    y.read(first + done, size)
    partial[0] += copyProducts(x.array, x.start, y.array, y.start, size, terms)
    addValues(terms, 0, size)
  }
  partial[1] = foldLanes()
}

// Factors of 32 and 64 bits are multiplied in digits of 16, so that 2^14 products add up to less than 2^53. The top
// digit is signed as the factor is.

function dotLongs(plan: Reduction, offsets: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new NumberReader(plan, 0, offsets[0])
  const y = new NumberReader(plan, 1, offsets[1])
  let low = 0
  let middle = 0
  let high = 0
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    y.read(first + done, size)
    for (let i = 0; i < size; i++) {
      const a = x.array[i]
      const b = y.array[i]
      const a0 = a & 0xffff
      const b0 = b & 0xffff
      const a1 = (a - a0) / 65536
      const b1 = (b - b0) / 65536
      low += a0 * b0
      middle += a0 * b1 + a1 * b0
      high += a1 * b1
    }
  }
  partial[0] = count
  addAt(partial, 0, low)
  addAt(partial, 1, middle)
  addAt(partial, 2, high)
  carry(partial)
}

function dotBigInts(plan: Reduction, offsets: readonly number[], first: number, count: number, partial: Float64Array) {
  const x = new WordReader(plan, 0, offsets[0])
  const y = new WordReader(plan, 1, offsets[1])
  const sums = new Float64Array(7)
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    y.read(first + done, size)
    addDigitProducts(x, y, size, sums)
  }
  partial[0] = count
  for (let position = 0; position < 7; position++) addAt(partial, position, sums[position])
  carry(partial)
}

function addDigitProducts(x: WordReader, y: WordReader, size: number, sums: Float64Array): void {
  let [s0, s1, s2, s3, s4, s5, s6] = sums
  for (let i = 0; i < size; i++) {
    const xLow = x.low[i]
    const yLow = y.low[i]
    const xHigh = x.high[i]
    const yHigh = y.high[i]
    const a0 = xLow & 0xffff
    const b0 = yLow & 0xffff
    const a1 = (xLow - a0) / 65536
    const b1 = (yLow - b0) / 65536
    const a2 = xHigh & 0xffff
    const b2 = yHigh & 0xffff
    const a3 = (xHigh - a2) / 65536
    const b3 = (yHigh - b2) / 65536
    s0 += a0 * b0
    s1 += a0 * b1 + a1 * b0
    s2 += a0 * b2 + a1 * b1 + a2 * b0
    s3 += a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0
    s4 += a1 * b3 + a2 * b2 + a3 * b1
    s5 += a2 * b3 + a3 * b2
    s6 += a3 * b3
  }
  sums.set([s0, s1, s2, s3, s4, s5, s6])
}

const terms = new Float64Array(reduceChunk)
