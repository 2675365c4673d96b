import type { DType, View } from '../types.ts'
import type { Layout, ReferenceArguments } from './reference.ts'

// Reductions along axes, as native/kernels/reduce.h has them: a view's first `scalars[0]` axes are kept, the rest are
// reduced; every output is the reduction of one sequence, cut in blocks whose partials are folded along a fixed tree.

/** Elements of a block. Part of what results are: the native kernels have the same. */
export const reduceBlock = 16384

/** Elements that are brought into a Float64Array at once. */
export const reduceChunk = 1024

/** Words of the partial of one block of one output, unless its kernel needs more. */
const fewWords = 8

const outputsPerStore = 4096

/** Axes of several operands, outer to inner, merged where all operands allow. */
interface Axes {
  readonly shape: number[]
  /** By axis, then by operand. */
  readonly strides: number[][]
}

export interface Reduction {
  readonly inputs: readonly View[]
  /** No axis is kept and there is no output: the result goes to `results`. */
  readonly whole: boolean
  /** Number of sequences, and the length of each. */
  readonly outputs: number
  readonly length: number
  /** Pieces of `reduceBlock` elements of each sequence, at least 1. */
  readonly blocks: number
  /** Outputs of one grid block. */
  readonly width: number
  /** Operands: inputs, then outputs. */
  readonly kept: Axes
  /** Operands: inputs. */
  readonly reduced: Axes
  readonly hasPartials: boolean
}

/** Plans, by the arguments that all blocks of a job share. */
const plans = new WeakMap<ReferenceArguments, Reduction>()

export function planReduction(args: ReferenceArguments): Reduction {
  let plan = plans.get(args)
  if (plan === undefined) {
    plan = makePlan(args)
    plans.set(args, plan)
  }
  return plan
}

/** The grids: one of partials or of outputs, and one that stores folded partials of kept axes. */
export function layOutReduction(plan: Reduction, partialWords = fewWords): Layout {
  const blocks = Math.ceil(plan.outputs / plan.width) * plan.blocks
  if (blocks === 0) return { phases: [] }
  if (!plan.hasPartials) return { phases: [{ blocks }] }
  const first = { blocks, partialWords, group: plan.blocks }
  if (plan.whole) return { phases: [first] }
  return { phases: [first, { blocks: Math.ceil(plan.outputs / outputsPerStore) }] }
}

/** What a kernel does to the pieces of one sequence. */
export interface ReduceOperation {
  /** Words of a partial, as they were laid out. */
  readonly words?: number
  /** Takes elements [first, first + count) of the sequence at `offsets` into `partial`, which is all zeros. */
  block(plan: Reduction, offsets: readonly number[], first: number, count: number, partial: Float64Array): void
  /** Writes an output; `offsets` are indices in the outputs' data. */
  store(args: ReferenceArguments, partial: Float64Array, offsets: readonly number[]): void
}

/** One block of either grid. */
export function runReduction(
  args: ReferenceArguments,
  phase: number,
  index: number,
  partial: Float64Array,
  operation: ReduceOperation,
): void {
  const plan = planReduction(args)
  const inputs = plan.inputs.length
  const partialWords = operation.words ?? fewWords
  if (phase === 1) {
    const last = Math.min(plan.outputs, (index + 1) * outputsPerStore)
    const cursor = new OutputCursor(args, plan, index * outputsPerStore)
    for (let output = index * outputsPerStore; output < last; output++, cursor.next()) {
      const word = output * plan.blocks * partialWords
      operation.store(args, args.partials.subarray(word, word + partialWords), cursor.offsets.slice(inputs))
    }
    return
  }
  const first = (index % plan.blocks) * reduceBlock
  const count = Math.min(reduceBlock, plan.length - first)
  const output = Math.floor(index / plan.blocks) * plan.width
  const last = Math.min(plan.outputs, output + plan.width)
  const cursor = new OutputCursor(args, plan, output)
  const words = plan.hasPartials ? partial : new Float64Array(partialWords)
  for (let i = output; i < last; i++, cursor.next()) {
    words.fill(0)
    operation.block(plan, cursor.offsets, first, count, words)
    if (!plan.hasPartials) operation.store(args, words, cursor.offsets.slice(inputs))
  }
}

/** A sequence of numbers, piece by piece as float64: BigInts rounded, float16 decoded. */
export class NumberReader {
  /** The piece that was read is `array[start]` and what follows. */
  array: Float64Array
  start = 0
  /** The most elements that one read gives. */
  readonly piece: number

  readonly #view: View
  readonly #axes: Axes
  readonly #operand: number
  readonly #offset: number
  readonly #buffer: Float64Array
  readonly #words: ElementWords | undefined

  constructor(plan: Reduction, operand: number, offset: number) {
    const view = plan.inputs[operand]
    this.#view = view
    this.#axes = plan.reduced
    this.#operand = operand
    this.#offset = offset
    this.#buffer = buffers[operand]
    const direct = view.data instanceof Float64Array && isContiguous(plan.reduced, operand)
    this.piece = direct ? reduceBlock : reduceChunk
    this.array = direct ? (view.data as Float64Array) : this.#buffer
    this.#words = isBig(view.dtype) ? wordsOf(view) : undefined
  }

  read(first: number, count: number): void {
    if (this.piece === reduceBlock) {
      this.start = this.#offset + first
    } else if (this.#words !== undefined) {
      readWords(this.#words, this.#axes, this.#operand, this.#offset, first, count, lowWords[0], highWords[0])
      // One exact product and one rounding: the nearest number.
      for (let i = 0; i < count; i++) this.#buffer[i] = highWords[0][i] * 4294967296 + lowWords[0][i]
    } else {
      const data = this.#view.data as Float64Array
      if (isContiguous(this.#axes, this.#operand)) {
        const from = this.#offset + first
        this.#buffer.set(data.subarray(from, from + count))
      } else {
        walk(this.#axes, this.#operand, this.#offset, first, count, (to, from, stride, run) => {
          for (let i = 0; i < run; i++) this.#buffer[to + i] = data[from + i * stride]
        })
      }
      if (this.#view.dtype === 'float16') decodeFloat16s(this.#buffer, count)
    }
  }
}

/** A sequence of BigInts as their low words, from 0 to 2^32 - 1, and their high ones, signed as the BigInts are. */
export class WordReader {
  readonly low: Float64Array
  readonly high: Float64Array
  readonly #words: ElementWords
  readonly #axes: Axes
  readonly #operand: number
  readonly #offset: number

  constructor(plan: Reduction, operand: number, offset: number) {
    this.low = lowWords[operand]
    this.high = highWords[operand]
    this.#words = wordsOf(plan.inputs[operand])
    this.#axes = plan.reduced
    this.#operand = operand
    this.#offset = offset
  }

  /** At most `reduceChunk` elements. */
  read(first: number, count: number): void {
    readWords(this.#words, this.#axes, this.#operand, this.#offset, first, count, this.low, this.high)
  }
}

export function isBig(dtype: DType): boolean {
  return dtype === 'bigint64' || dtype === 'biguint64'
}

export function isFloat(dtype: DType): boolean {
  return dtype === 'float16' || dtype === 'float32' || dtype === 'float64'
}

/** The bits of a number that float16 can hold. */
export function encodeFloat16(value: number): number {
  if (value !== value) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const size = Math.abs(value)
  if (size === Infinity) return sign | 0x7c00
  if (size < 2 ** -14) return sign | (size * 2 ** 24)
  float32[0] = size
  return sign | ((float32Bits[0] >>> 13) - (112 << 10))
}

function makePlan(args: ReferenceArguments): Reduction {
  const keptAxes = args.scalars[0]
  const whole = args.outputs.length === 0
  const shape = args.inputs[0].shape
  const outputs = product(shape.slice(0, keptAxes))
  const length = product(shape.slice(keptAxes))
  const blocks = Math.max(1, Math.ceil(length / reduceBlock))
  return {
    inputs: args.inputs,
    whole,
    outputs,
    length,
    blocks,
    width: whole || blocks > 1 ? 1 : Math.ceil(reduceBlock / Math.max(1, length)),
    kept: mergeAxes([...args.inputs, ...args.outputs], 0, keptAxes),
    reduced: mergeAxes(args.inputs, keptAxes, shape.length),
    hasPartials: whole || blocks > 1,
  }
}

function product(lengths: readonly number[]): number {
  return lengths.reduce((total, length) => total * length, 1)
}

function mergeAxes(operands: readonly View[], first: number, last: number): Axes {
  const axes: Axes = { shape: [], strides: [] }
  for (let axis = first; axis < last; axis++) {
    const length = operands[0].shape[axis]
    if (length === 1) continue
    const strides = operands.map((operand) => operand.strides[axis])
    const outer = axes.strides.at(-1)
    if (outer !== undefined && outer.every((stride, i) => stride === length * strides[i])) {
      axes.shape[axes.shape.length - 1] *= length
      axes.strides[axes.strides.length - 1] = strides
    } else {
      axes.shape.push(length)
      axes.strides.push(strides)
    }
  }
  return axes
}

function isContiguous(axes: Axes, operand: number): boolean {
  return axes.shape.length === 0 || (axes.shape.length === 1 && axes.strides[0][operand] === 1)
}

/** A place among the outputs: where each operand's part of it is, as an index in its data. */
class OutputCursor {
  readonly offsets: number[]
  readonly #axes: Axes
  readonly #position: number[]

  constructor(args: ReferenceArguments, plan: Reduction, output: number) {
    this.#axes = plan.kept
    this.#position = plan.kept.shape.map(() => 0)
    this.offsets = [...args.inputs, ...args.outputs].map((view) => view.offset)
    let rest = output
    for (let axis = plan.kept.shape.length - 1; axis >= 0; axis--) {
      const length = plan.kept.shape[axis]
      this.#step(axis, axis === 0 ? rest : rest % length)
      rest = Math.floor(rest / length)
    }
  }

  next(): void {
    for (let axis = this.#axes.shape.length - 1; axis >= 0; axis--) {
      this.#step(axis, 1)
      if (axis === 0 || this.#position[axis] < this.#axes.shape[axis]) return
      this.#step(axis, -this.#axes.shape[axis])
    }
  }

  #step(axis: number, count: number): void {
    this.#position[axis] += count
    const strides = this.#axes.strides[axis]
    for (let i = 0; i < strides.length; i++) this.offsets[i] += count * strides[i]
  }
}

/** Calls `visit` for each run of equally spaced elements among [first, first + count) of a sequence. */
function walk(
  axes: Axes,
  operand: number,
  offset: number,
  first: number,
  count: number,
  visit: (to: number, from: number, stride: number, run: number) => void,
): void {
  const inner = axes.shape.length - 1
  if (inner < 0) {
    visit(0, offset, 1, count)
    return
  }
  const length = axes.shape[inner]
  const stride = axes.strides[inner][operand]
  for (let done = 0; done < count;) {
    const position = (first + done) % length
    let from = offset + position * stride
    let rest = Math.floor((first + done) / length)
    for (let axis = inner - 1; axis >= 0; axis--) {
      const size = axes.shape[axis]
      from += (axis === 0 ? rest : rest % size) * axes.strides[axis][operand]
      rest = Math.floor(rest / size)
    }
    const run = Math.min(count - done, length - position)
    visit(done, from, stride, run)
    done += run
  }
}

/** The two halves of 64-bit elements; the high one of signed elements is signed. */
interface ElementWords {
  readonly low: Uint32Array
  readonly high: Uint32Array | Int32Array
}

// Which of its two 32-bit words is the low one of a 64-bit element on this machine.
const lowFirst = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1

function wordsOf(view: View): ElementWords {
  const { buffer, byteOffset, length } = view.data
  const low = new Uint32Array(buffer, byteOffset, length * 2)
  return { low, high: view.dtype === 'bigint64' ? new Int32Array(buffer, byteOffset, length * 2) : low }
}

function readWords(
  words: ElementWords,
  axes: Axes,
  operand: number,
  offset: number,
  first: number,
  count: number,
  low: Float64Array,
  high: Float64Array,
): void {
  walk(axes, operand, offset, first, count, (to, from, stride, run) => {
    copyWords(words, from, stride, run, low, high, to)
  })
}

function copyWords(
  { low, high }: ElementWords,
  from: number,
  stride: number,
  run: number,
  lowTo: Float64Array,
  highTo: Float64Array,
  to: number,
): void {
  const lowWord = lowFirst ? 0 : 1
  const highWord = 1 - lowWord
  for (let i = 0; i < run; i++) {
    const word = 2 * (from + i * stride)
    lowTo[to + i] = low[word + lowWord]
    highTo[to + i] = high[word + highWord]
  }
}

/** Turns the bits of float16 elements into their values. */
function decodeFloat16s(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) {
    const bits = values[i]
    const exponent = (bits >>> 10) & 31
    const fraction = bits & 1023
    let size = (exponent === 0 ? fraction : 1024 + fraction) * float16Scales[exponent]
    if (exponent === 31 && fraction !== 0) size = NaN
    values[i] = bits >= 0x8000 ? -size : size
  }
}

const float16Scales = Float64Array.from({ length: 32 }, (_, exponent) =>
  exponent === 31 ? Infinity : 2 ** (Math.max(1, exponent) - 25),
)
const float32 = new Float32Array(1)
const float32Bits = new Uint32Array(float32.buffer)

// Pieces of inputs that are not float64 or not contiguous. One block runs at a time in a thread.
const buffers = [new Float64Array(reduceChunk), new Float64Array(reduceChunk)]
const lowWords = [new Float64Array(reduceChunk), new Float64Array(reduceChunk)]
const highWords = [new Float64Array(reduceChunk), new Float64Array(reduceChunk)]
