import type { DType, TypedArray, View } from '../types.ts'
import { encodeFloat16, isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction } from './reduce.ts'
import { reduceChunk, WordReader } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The least and the greatest element along the reduced axes, or one of them (scalars[2]: 1 or 2). -0 is below +0, and NaN makes both NaN unless it is left
 * out (scalars[1]); nothing but NaNs is NaN. The same values as native/kernels/minmax.cc: the tolerance is zero.
 */
export const minmaxReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { block: extremesBlock(args), store: storeExtremes })
  },
  combine: ({ inputs }, _phase, into, from) => mergeExtremes(inputs[0].dtype, into, from),
  finish({ inputs, outputs, scalars, partials, results, bits }) {
    if (outputs.length > 0) return
    const words = wordsOf(scalars[2])
    words.forEach((word, i) => giveExtreme(inputs[0].dtype, partials, word, i, results, bits))
  },
}

// A partial is least and greatest; of BigInts their high words and, in words 2 and 3, their low ones. Where every
// element was left out, least is above greatest.

export function mergeExtremes(dtype: DType, into: Float64Array, from: Float64Array): void {
  if (isBig(dtype)) {
    takeBigInts(into, from[0], from[2])
    takeBigInts(into, from[1], from[3])
  } else {
    into[0] = Math.min(into[0], from[0])
    into[1] = Math.max(into[1], from[1])
  }
}

/** What finds the extremes of a block. */
export function extremesBlock({ inputs, scalars }: ReferenceArguments): ReduceOperation['block'] {
  const [{ dtype }] = inputs
  if (isBig(dtype)) return searchBigInts
  return scalars[1] !== 0 && isFloat(dtype) ? searchOfNumbers : searchNumbers
}

/** Gives word 0, the least, or 1, the greatest, as result number `at`. */
export function giveExtreme(
  dtype: DType,
  partial: Float64Array,
  word: number,
  at: number,
  results: Float64Array,
  bits: BigInt64Array,
): void {
  if (isBig(dtype)) bits[at] = bigIntOf(partial[word], partial[2 + word])
  else results[at] = extreme(partial, word)
}

/** Stores it as an element. */
export function storeExtreme({ data, dtype }: View<TypedArray>, at: number, partial: Float64Array, word: number): void {
  if (isBig(dtype)) data[at] = bigIntOf(partial[word], partial[2 + word])
  else if (dtype === 'float16') data[at] = encodeFloat16(extreme(partial, word))
  else data[at] = extreme(partial, word)
}

function storeExtremes(
  { outputs, scalars }: ReferenceArguments,
  partial: Float64Array,
  offsets: readonly number[],
): void {
  const words = wordsOf(scalars[2])
  words.forEach((word, i) => storeExtreme(outputs[i], offsets[i], partial, word))
}

function wordsOf(wanted: number): readonly number[] {
  return wanted === 0 ? [0, 1] : [wanted - 1]
}

function extreme(partial: Float64Array, word: number): number {
  return partial[0] > partial[1] ? NaN : partial[word]
}

function bigIntOf(high: number, low: number): bigint {
  return (BigInt(high) << 32n) | BigInt(low)
}

// Math.min and Math.max know both NaN and -0.
function searchNumbers(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const reader = new NumberReader(plan, 0, offset)
  partial[0] = Infinity
  partial[1] = -Infinity
  for (let done = 0; done < count; done += reader.piece) {
    const size = Math.min(reader.piece, count - done)
    reader.read(first + done, size)
    searchPiece(reader.array, reader.start, size, partial)
  }
}

function searchPiece(x: Float64Array, start: number, count: number, partial: Float64Array): void {
  let [least, greatest] = partial
  let leastToo = least
  let greatestToo = greatest
  const end = start + count
  let i = start
  for (; i + 2 <= end; i += 2) {
    const a = x[i]
    const b = x[i + 1]
    least = Math.min(least, a)
    greatest = Math.max(greatest, a)
    leastToo = Math.min(leastToo, b)
    greatestToo = Math.max(greatestToo, b)
  }
  if (i < end) {
    least = Math.min(least, x[i])
    greatest = Math.max(greatest, x[i])
  }
  partial[0] = Math.min(least, leastToo)
  partial[1] = Math.max(greatest, greatestToo)
}

function searchOfNumbers(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const x = new NumberReader(plan, 0, offset)
  let least = Infinity
  let greatest = -Infinity
  for (let done = 0; done < count; done += x.piece) {
    const size = Math.min(x.piece, count - done)
    x.read(first + done, size)
    for (let i = x.start; i < x.start + size; i++) {
      const value = x.array[i]
      if (value !== value) continue
      least = Math.min(least, value)
      greatest = Math.max(greatest, value)
    }
  }
  partial[0] = least
  partial[1] = greatest
}

function searchBigInts(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
) {
  const x = new WordReader(plan, 0, offset)
  partial[0] = Infinity
  partial[1] = -Infinity
  for (let done = 0; done < count; done += reduceChunk) {
    const size = Math.min(reduceChunk, count - done)
    x.read(first + done, size)
    for (let i = 0; i < size; i++) takeBigInts(partial, x.high[i], x.low[i])
  }
}

function takeBigInts(into: Float64Array, high: number, low: number): void {
  if (high < into[0] || (high === into[0] && low < into[2])) {
    into[0] = high
    into[2] = low
  }
  if (high > into[1] || (high === into[1] && low > into[3])) {
    into[1] = high
    into[3] = low
  }
}
