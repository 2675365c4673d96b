import { isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction, WordReader } from './reduce.ts'
import { reduceChunk } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The position of the first least element, or of the greatest (scalars[2]), in row-major order of the reduced axes. -0
 * is below +0; the first NaN is it unless NaNs are left out (scalars[1]); nothing but NaNs gives 0. The same values as
 * native/kernels/argmin.cc: the tolerance is zero.
 */
export const argminReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { block: chooseBlock(args), store: storePlace })
  },
  combine({ scalars }, _phase, into, from) {
    const better =
      from[place.kind] > into[place.kind] ||
      (from[place.kind] === number && into[place.kind] === number && isBetter(from, into, scalars[2] !== 0))
    const length = into[place.length]
    if (better) {
      into.set(from)
      into[place.position] = length + from[place.position]
    }
    into[place.length] = length + from[place.length]
  },
  finish({ outputs, partials, results }) {
    if (outputs.length === 0) results[0] = partials[place.position]
  },
}

// A partial is the best element, of BigInts its high word and its low one, where it is, and how many were gone through.
const place = { value: 0, low: 1, position: 2, length: 3, kind: 4 } as const
const number = 1
const notNumber = 2

function chooseBlock({ inputs, scalars }: ReferenceArguments): ReduceOperation['block'] {
  const [{ dtype }] = inputs
  const greatest = scalars[2] !== 0
  if (isBig(dtype)) return greatest ? greatestBigInt : leastBigInt
  if (scalars[1] !== 0 && isFloat(dtype)) return greatest ? greatestOfNumbers : leastOfNumbers
  return greatest ? greatestNumber : leastNumber
}

function storePlace({ outputs }: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  outputs[0].data[offsets[0]] = partial[place.position]
}

function isBetter(a: Float64Array, b: Float64Array, greatest: boolean): boolean {
  const [high, low] = greatest ? [b, a] : [a, b]
  return isBelow(high[place.value], low[place.value], high[place.low], low[place.low])
}

// -0 is below +0, whose inverses are infinite. Low words are 0 but for BigInts.
function isBelow(a: number, b: number, aLow: number, bLow: number): boolean {
  if (a !== b) return a < b
  if (aLow !== bLow) return aLow < bLow
  return a === 0 && 1 / a < 1 / b
}

const leastNumber = searchOf(false, false)
const greatestNumber = searchOf(true, false)
const leastOfNumbers = searchOf(false, true)
const greatestOfNumbers = searchOf(true, true)
const leastBigInt = searchBigInts(false)
const greatestBigInt = searchBigInts(true)

function searchOf(greatest: boolean, skipNaN: boolean): ReduceOperation['block'] {
  const search = greatest ? searchGreatest : searchLeast
  return (plan: Reduction, [offset], first, count, partial) => {
    const x = new NumberReader(plan, 0, offset)
    for (let done = 0; done < count && partial[place.kind] !== notNumber; done += x.piece) {
      const size = Math.min(x.piece, count - done)
      x.read(first + done, size)
      search(x.array, x.start, size, skipNaN, done, partial)
    }
    partial[place.length] = count
  }
}

function searchLeast(
  x: Float64Array,
  start: number,
  count: number,
  skipNaN: boolean,
  before: number,
  partial: Float64Array,
): void {
  let best = partial[place.kind] === number ? partial[place.value] : NaN
  let at = -1
  for (let i = 0; i < count; i++) {
    const value = x[start + i]
    // One test for nearly every element: not above what is there.
    if (value > best) continue
    if (value !== value) {
      if (skipNaN) continue
      take(partial, notNumber, 0, 0, before + i)
      return
    }
    if (value < best || best !== best || (value === 0 && 1 / value < 1 / best)) {
      best = value
      at = i
    }
  }
  if (at >= 0) take(partial, number, best, 0, before + at)
}

function searchGreatest(
  x: Float64Array,
  start: number,
  count: number,
  skipNaN: boolean,
  before: number,
  partial: Float64Array,
): void {
  let best = partial[place.kind] === number ? partial[place.value] : NaN
  let at = -1
  for (let i = 0; i < count; i++) {
    const value = x[start + i]
    if (value < best) continue
    if (value !== value) {
      if (skipNaN) continue
      take(partial, notNumber, 0, 0, before + i)
      return
    }
    if (value > best || best !== best || (value === 0 && 1 / value > 1 / best)) {
      best = value
      at = i
    }
  }
  if (at >= 0) take(partial, number, best, 0, before + at)
}

function searchBigInts(greatest: boolean): ReduceOperation['block'] {
  return (plan: Reduction, [offset], first, count, partial) => {
    const x = new WordReader(plan, 0, offset)
    for (let done = 0; done < count; done += reduceChunk) {
      const size = Math.min(reduceChunk, count - done)
      x.read(first + done, size)
      for (let i = 0; i < size; i++) {
        const high = x.high[i]
        const low = x.low[i]
        const better = greatest
          ? isBelow(partial[place.value], high, partial[place.low], low)
          : isBelow(high, partial[place.value], low, partial[place.low])
        if (better || partial[place.kind] === 0) take(partial, number, high, low, done + i)
      }
    }
    partial[place.length] = count
  }
}

function take(partial: Float64Array, kind: number, value: number, low: number, position: number): void {
  partial[place.kind] = kind
  partial[place.value] = value
  partial[place.low] = low
  partial[place.position] = position
}
