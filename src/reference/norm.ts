import { productsBlock } from './dot.ts'
import { addAt, addExact, carry, exactNumber } from './exact.ts'
import { addProducts, addValues, clearLanes, foldLanes } from './lanes.ts'
import { isBig, isFloat, layOutReduction, NumberReader, planReduction, runReduction, WordReader } from './reduce.ts'
import { reduceChunk } from './reduce.ts'
import type { ReduceOperation, Reduction } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * The root of the sum of squares along the reduced axes, the sum of magnitudes, or the greatest one, by the order in
 * scalars[2]: 2, 1 or Infinity. Squares of floats near the ends of float64's range are added scaled; integers exactly.
 * The same bits as native/kernels/norm.cc: the tolerance is zero.
 */
export const normReference: Reference = {
  prepare: (args) => layOutReduction(planReduction(args)),
  runBlock(args, phase, index, partial) {
    runReduction(args, phase, index, partial, { block: chooseBlock(args), store: storeNorm })
  },
  combine(args, _phase, into, from) {
    if (isExact(args)) addExact(into, from)
    else if (args.scalars[2] === Infinity) into[size] = Math.max(into[size], from[size])
    else mergeSquares(into, from[size], from[range])
  },
  finish(args) {
    if (args.outputs.length === 0) args.results[0] = norm(args, args.partials)
  },
}

// A partial is a sum over 2^(1200 * range), where range is -1, 0 or 1; of integers an exact one (exact.ts).
const size = 1
const range = 2

const up = 2 ** 600
const down = 2 ** -600
const largestSquares = 2 ** 900
const smallestSquares = 2 ** -900

function isExact({ inputs, scalars }: ReferenceArguments): boolean {
  return scalars[2] !== Infinity && !isFloat(inputs[0].dtype)
}

function norm(args: ReferenceArguments, partial: Float64Array): number {
  const exact = isExact(args)
  const total = exact ? exactNumber(partial) : partial[size]
  if (args.scalars[2] !== 2) return total
  const root = Math.sqrt(total)
  if (exact || partial[range] === 0) return root
  return root * (partial[range] > 0 ? up : down)
}

function storeNorm(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void {
  args.outputs[0].data[offsets[0]] = norm(args, partial)
}

function chooseBlock(args: ReferenceArguments): ReduceOperation['block'] {
  const [{ dtype }] = args.inputs
  const [, skip, order] = args.scalars
  const skipNaN = skip !== 0 && isFloat(dtype)
  if (order === Infinity) return skipNaN ? greatestOfNumbers : greatest
  if (order === 2) return isExact(args) ? exactSquares(args) : skipNaN ? squaresOfNumbers : squares
  if (isBig(dtype)) return bigIntMagnitudes
  if (isExact(args)) return integerMagnitudes
  return skipNaN ? magnitudesOfNumbers : magnitudes
}

function mergeSquares(into: Float64Array, total: number, atRange: number): void {
  if (atRange > into[range]) {
    into[size] = lesserRange(into[size], atRange - into[range])
    into[range] = atRange
  }
  into[size] += lesserRange(total, into[range] - atRange)
}

function lesserRange(total: number, steps: number): number {
  let value = total
  for (let step = 0; step < steps; step++) value = value * down * down
  return value
}

const greatest = blockOf(false, (x, start, count, partial) => {
  let most = partial[size]
  for (let i = start; i < start + count; i++) most = Math.max(most, Math.abs(x[i]))
  partial[size] = most
})

const greatestOfNumbers = blockOf(true, (x, start, count, partial) => {
  let most = partial[size]
  for (let i = start; i < start + count; i++) most = Math.max(most, Math.abs(x[i]))
  partial[size] = most
})

const magnitudes = blockOf(false, addMagnitudes)
const magnitudesOfNumbers = blockOf(true, addMagnitudes)
const squares = blockOf(false, addSquares, -1)
const squaresOfNumbers = blockOf(true, addSquares, -1)

/** A block by chunks; where NaNs are left out, with zeros in their places. */
function blockOf(
  skipNaN: boolean,
  add: (x: Float64Array, start: number, count: number, partial: Float64Array) => void,
  startRange = 0,
): ReduceOperation['block'] {
  return (plan: Reduction, [offset], first, count, partial) => {
    const x = new NumberReader(plan, 0, offset)
    partial[range] = startRange
    for (let done = 0; done < count; done += reduceChunk) {
      const chunk = Math.min(reduceChunk, count - done)
      x.read(first + done, chunk)
      if (skipNaN) {
        for (let i = 0; i < chunk; i++) numbers[i] = x.array[x.start + i] || 0
        add(numbers, 0, chunk, partial)
      } else {
        add(x.array, x.start, chunk, partial)
      }
    }
  }
}

function addMagnitudes(x: Float64Array, start: number, count: number, partial: Float64Array): void {
  for (let i = 0; i < count; i++) terms[i] = Math.abs(x[start + i])
  clearLanes()
  addValues(terms, 0, count)
  partial[size] += foldLanes()
}

function addSquares(x: Float64Array, start: number, count: number, partial: Float64Array): void {
  clearLanes()
  addProducts(x, start, x, start, count)
  const total = foldLanes()
  if (total > largestSquares) mergeSquares(partial, scaledSquares(x, start, count, down), 1)
  else if (total < smallestSquares) mergeSquares(partial, scaledSquares(x, start, count, up), -1)
  else mergeSquares(partial, total, 0)
}

function scaledSquares(x: Float64Array, start: number, count: number, scale: number): number {
  for (let i = 0; i < count; i++) terms[i] = x[start + i] * scale
  clearLanes()
  addProducts(terms, 0, terms, 0, count)
  return foldLanes()
}

/** The products of the elements with themselves. */
function exactSquares(args: ReferenceArguments): ReduceOperation['block'] {
  const block = productsBlock(args)
  return (plan, [offset], first, count, partial) => block(twice(plan), [offset, offset], first, count, partial)
}

const doubles = new WeakMap<Reduction, Reduction>()

/** A plan with its one input as both of two. */
function twice(plan: Reduction): Reduction {
  let double = doubles.get(plan)
  if (double === undefined) {
    const strides = plan.reduced.strides.map(([stride]) => [stride, stride])
    double = { ...plan, inputs: [plan.inputs[0], plan.inputs[0]], reduced: { shape: plan.reduced.shape, strides } }
    doubles.set(plan, double)
  }
  return double
}

// Sums of at most 2^14 magnitudes of 32 bits are exact as they are.
function integerMagnitudes(
  plan: Reduction,
  offsets: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
): void {
  magnitudes(plan, offsets, first, count, partial)
  carry(partial)
}

function bigIntMagnitudes(
  plan: Reduction,
  [offset]: readonly number[],
  first: number,
  count: number,
  partial: Float64Array,
): void {
  const x = new WordReader(plan, 0, offset)
  for (let done = 0; done < count; done += reduceChunk) {
    const chunk = Math.min(reduceChunk, count - done)
    x.read(first + done, chunk)
    let low = 0
    let high = 0
    for (let i = 0; i < chunk; i++) {
      const sign = x.high[i] < 0 ? -1 : 1
      low += sign * x.low[i]
      high += sign * x.high[i]
    }
    addAt(partial, 0, low)
    addAt(partial, 2, high)
  }
  carry(partial)
}

const terms = new Float64Array(reduceChunk)
const numbers = new Float64Array(reduceChunk)
