import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * Lines along the last axis, divided by their norm: scalars[0] is 0 for the sum of magnitudes, 1 for the root of the sum
 * of squares, 2 for the greatest magnitude. Short lines are done many a block; long ones in chunks, whose sums are
 * folded before a second phase divides.
 *
 * The partial of a chunk is a scale, a power of two, and the sum of the chunk divided by it: so that no square leaves
 * the range of numbers (after Blue, "A portable Fortran program to find the Euclidean norm of a vector", 1978).
 */
export const normalizeReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    const { lines, length, linesPerBlock, chunks } = cut(args)
    if (lines * length === 0) return { phases: [] }
    if (chunks === 1) return { phases: [{ blocks: Math.ceil(lines / linesPerBlock) }] }
    return { phases: [{ blocks: lines * chunks, partialWords: 2, group: chunks }, { blocks: lines * chunks }] }
  },

  runBlock(args: ReferenceArguments, phase: number, index: number, partial: Float64Array): void {
    const plan = cut(args)
    const sum = new Float64Array(2)
    if (plan.chunks === 1) {
      const last = Math.min(plan.lines, (index + 1) * plan.linesPerBlock)
      for (let line = index * plan.linesPerBlock; line < last; line++) {
        sumLine(args, line, 0, plan.length, sum)
        divideLine(args, line, 0, plan.length, sum)
      }
      return
    }
    const line = Math.floor(index / plan.chunks)
    const first = (index % plan.chunks) * plan.chunk
    const last = Math.min(plan.length, first + plan.chunk)
    if (phase === 0) sumLine(args, line, first, last, partial)
    else divideLine(args, line, first, last, args.partials.subarray(2 * line * plan.chunks))
  },

  combine({ scalars }: ReferenceArguments, _phase: number, into: Float64Array, from: Float64Array): void {
    if (scalars[0] === 2) into[1] = Math.max(into[1], from[1])
    else if (into[0] === from[0] || from[1] === 0) into[1] += from[1]
    else if (into[1] === 0) into.set(from.subarray(0, 2))
    else {
      const [low, high] = into[0] < from[0] ? [into, from] : [from, into]
      const ratio = low[0] / high[0]
      const sum = high[1] + low[1] * (scalars[0] === 1 ? ratio * ratio : ratio)
      into[0] = high[0]
      into[1] = sum
    }
  },
}

/**
 * How far an element of a vector of n elements may be from the exact one: half the roundings of the sum, as a root
 * halves them, and those of root and quotient; then that of the result.
 */
export function tolerance(dtype: 'float32' | 'float64', n: number, magnitude: number): number {
  const last = dtype === 'float32' ? 2 ** -24 : 2 ** -53
  const smallest = dtype === 'float32' ? 2 ** -149 : 2 ** -1074
  return ((n + 4) * 2 ** -52 + last) * magnitude + smallest
}

const blockElements = 1 << 16

interface Cut {
  readonly lines: number
  readonly length: number
  readonly linesPerBlock: number
  readonly chunk: number
  readonly chunks: number
}

function cut({ outputs }: ReferenceArguments): Cut {
  const { shape } = outputs[0]
  const length = shape[shape.length - 1]
  const lines = shape.slice(0, -1).reduce((product, extent) => product * extent, 1)
  const chunks = Math.max(1, Math.ceil(length / blockElements))
  return {
    lines,
    length,
    linesPerBlock: Math.max(1, Math.floor(blockElements / Math.max(1, length))),
    chunk: Math.ceil(length / chunks),
    chunks,
  }
}

function startOf({ shape, strides, offset }: View, line: number): number {
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    offset += (line % shape[axis]) * strides[axis]
    line = Math.floor(line / shape[axis])
  }
  return offset
}

function sumLine({ inputs, scalars }: ReferenceArguments, line: number, first: number, last: number, to: Float64Array) {
  const [x] = inputs
  const data = x.data as Float64Array
  const step = x.strides[x.strides.length - 1]
  const start = startOf(x, line)
  const add = (factor: number): number => {
    let sum = 0
    if (scalars[0] === 0) for (let i = first; i < last; i++) sum += Math.abs(data[start + i * step] * factor)
    else if (scalars[0] === 1) for (let i = first; i < last; i++) sum += (data[start + i * step] * factor) ** 2
    else sum = greatest(data, start, step, first, last)
    return sum
  }
  to[0] = 1
  to[1] = add(1)
  if (scalars[0] === 2 || (to[1] > 2 ** -900 && to[1] < 2 ** 1000)) return
  const most = greatest(data, start, step, first, last)
  if (!(most > 0 && most < Infinity)) return
  to[0] = powerOfTwo(most)
  to[1] = add(1 / to[0])
}

/** The power of two at or below a positive number; the smallest normal one for what is smaller still. */
function powerOfTwo(value: number): number {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const exponent = Math.max(1, (bits.getUint16(0) >> 4) & 0x7ff)
  bits.setBigUint64(0, BigInt(exponent) << 52n)
  return bits.getFloat64(0)
}

/** The greatest magnitude; NaN where there is one. */
function greatest(data: Float64Array, start: number, step: number, first: number, last: number): number {
  let most = 0
  for (let i = first; i < last; i++) most = Math.max(most, Math.abs(data[start + i * step]))
  return most
}

function divideLine(
  { inputs, outputs, scalars }: ReferenceArguments,
  line: number,
  first: number,
  last: number,
  sum: Float64Array,
): void {
  const [x] = inputs
  const [y] = outputs
  const from = x.data as Float64Array
  const to = y.data as Float64Array
  const inStep = x.strides[x.strides.length - 1]
  const outStep = y.strides[y.strides.length - 1]
  const inStart = startOf(x, line)
  const outStart = startOf(y, line)
  const isZero = sum[1] === 0
  const factor = isZero ? 1 : 1 / sum[0]
  const by = isZero ? 1 : scalars[0] === 1 ? Math.sqrt(sum[1]) : sum[1]
  for (let i = first; i < last; i++) to[outStart + i * outStep] = (from[inStart + i * inStep] * factor) / by
}
