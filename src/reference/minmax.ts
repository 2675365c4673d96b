import type { TypedArray, View } from '../types.ts'
import { encodeFloat16, isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction } from './reduce.ts'
import { reduceChunk, WordReader } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The least and the greatest element along the reduced axes. -0 is below +0, and NaN makes both NaN unless it is left
 * out (scalars[1]); nothing but NaNs is NaN. The same values as native/kernels/minmax.cc: the tolerance is zero.
 */
export const minmaxReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { block: chooseBlock(args), store: storeExtremes })
  },
  combine({ inputs }, _phase, into, from) {
    if (isBig(inputs[0].dtype)) {
      takeBigInts(into, from[0], from[2])
      takeBigInts(into, from[1], from[3])
    } else {
      into[0] = Math.min(into[0], from[0])
      into[1] = Math.max(into[1], from[1])
    }
  },
  finish({ inputs, outputs, partials, results, bits }) {
    if (outputs.length > 0) return
    if (isBig(inputs[0].dtype)) {
      bits[0] = bigIntOf(partials[0], partials[2])
      bits[1] = bigIntOf(partials[1], partials[3])
    } else {
      results[0] = extreme(partials, 0)
      results[1] = extreme(partials, 1)
    }
  },
}

// A partial is least and greatest; of BigInts their high words and, in words 2 and 3, their low ones. Where every
// element was left out, least is above greatest.

function chooseBlock({ inputs, scalars }: ReferenceArguments): ReduceOperation['block'] {
  const [{ dtype }] = inputs
  if (isBig(dtype)) return searchBigInts
  return scalars[1] !== 0 && isFloat(dtype) ? searchOfNumbers : searchNumbers
}

function storeExtremes({ outputs }: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  for (let i = 0; i < 2; i++) {
    const { data, dtype } = outputs[i] as View<TypedArray>
    if (isBig(dtype)) data[offsets[i]] = bigIntOf(partial[i], partial[2 + i])
    else if (dtype === 'float16') data[offsets[i]] = encodeFloat16(extreme(partial, i))
    else data[offsets[i]] = extreme(partial, i)
  }
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
