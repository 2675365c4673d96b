import type { View } from '../types.ts'
import { accumulatorsFor, readLine } from './lines.ts'
import { isBig } from './reduce.ts'
import type { Layout, ReferenceArguments } from './reference.ts'

// What histogram and bincount share, as native/kernels/tally.h has it: few bins are counted in a table a block, and the
// driver adds the tables up along its fixed tree; for many bins blocks follow one another, a phase each.

const fewBins = 65536
const tallyBlock = 131072
const tallyPiece = 1024

export interface TallyPlan {
  readonly elements: number
  readonly bins: number
  readonly blocks: number
  readonly serial: boolean
}

export function planTally({ inputs, outputs }: ReferenceArguments): TallyPlan {
  const elements = inputs[0].shape.reduce((size, extent) => size * extent, 1)
  const [bins] = outputs[0].shape
  return { elements, bins, blocks: Math.ceil(elements / tallyBlock), serial: bins > fewBins }
}

export function layOutTally(plan: TallyPlan): Layout {
  if (plan.elements === 0) return { phases: [] }
  if (plan.serial) return { phases: [{ blocks: 1 }], blocksMost: plan.blocks }
  return { phases: [{ blocks: plan.blocks, partialWords: plan.bins }] }
}

export function nextTally(args: ReferenceArguments, phase: number): number {
  const plan = planTally(args)
  if (!plan.serial) return phase + 1
  args.results[0]++
  return args.results[0] < plan.blocks ? 0 : 1
}

export function addTables(into: Float64Array, from: Float64Array): void {
  for (let bin = 0; bin < into.length; bin++) into[bin] += from[bin]
}

/** After the last phase: the folded table is the result. */
export function storeTally(args: ReferenceArguments): void {
  const plan = planTally(args)
  if (plan.serial || plan.elements === 0) return
  ;(args.outputs[0].data as Float64Array).set(args.partials.subarray(0, plan.bins))
}

const weightsOf = new Float64Array(tallyPiece)

/** One block; `find` gives the bin of a number, or `bins` where there is none. */
export function runTally(
  args: ReferenceArguments,
  index: number,
  partial: Float64Array,
  weights: View | undefined,
  find: (x: number) => number,
): void {
  const { elements, bins, serial } = planTally(args)
  const block = serial ? args.results[0] : index
  const end = Math.min(elements, (block + 1) * tallyBlock)
  const table = serial ? (args.outputs[0].data as Float64Array) : partial
  if (!serial) partial.fill(0)
  for (let first = block * tallyBlock; first < end; first += tallyPiece) {
    const count = Math.min(tallyPiece, end - first)
    if (weights !== undefined) readNumbers(weights, first, count, weightsOf)
    const values = readNumbers(args.inputs[0], first, count)
    for (let i = 0; i < count; i++) {
      const bin = find(values[i])
      if (bin < bins) table[bin] += weights === undefined ? 1 : weightsOf[i]
    }
  }
}

/** Elements of a view in row-major order, as numbers. */
function readNumbers(view: View, first: number, count: number, into?: Float64Array): Float64Array {
  const buffer = accumulatorsFor(view)
  const { shape, strides } = view
  if (shape.length === 1) {
    readLine(view, view.offset + first * strides[0], count, buffer)
  } else {
    for (let i = 0; i < count; i++) {
      let at = view.offset
      let rest = first + i
      for (let axis = shape.length - 1; axis >= 0; axis--) {
        at += (rest % shape[axis]) * strides[axis]
        rest = Math.floor(rest / shape[axis])
      }
      readLine(view, at, 1, buffer.subarray(i, i + 1) as typeof buffer)
    }
  }
  if (buffer instanceof Float64Array && into === undefined) return buffer
  const numbers = into ?? bigNumbers
  const isUnsigned = view.dtype === 'biguint64'
  for (let i = 0; i < count; i++) {
    numbers[i] = Number(isBig(view.dtype) && isUnsigned ? BigInt.asUintN(64, buffer[i] as bigint) : buffer[i])
  }
  return numbers
}

const bigNumbers = new Float64Array(tallyPiece)
