import type { Accumulators } from './lines.ts'
import { accumulatorsFor, linesOf, lineStart, piece, readLine, writeLine } from './lines.ts'
import { isBig } from './reduce.ts'
import type { Reference, ReferenceArguments } from './reference.ts'

/**
 * Running sums along the last axis. The order of additions is that of native/kernels/cumsum.cc, so results are the same
 * bits: element i of a block of 16,384 is offset + (base + y), where y is its prefix in its group of eight, base the sum
 * of the groups before in the block, offset that of the blocks before in the line. First the sum of every block, then
 * the results.
 */
export const cumsumReference: Reference = {
  prepare({ inputs }) {
    const { count, length } = linesOf(inputs[0])
    const blocks = Math.ceil(length / scanBlock)
    if (count * blocks === 0) return { phases: [] }
    const lines = linesPerBlock(length)
    if (blocks === 1) return { phases: [{ blocks: Math.ceil(count / lines) }] }
    const units = { blocks: count * blocks }
    return { phases: [units, units], scratchBytes: count * blocks * 8 }
  },

  runBlock(args, phase, index) {
    const [input] = args.inputs
    const { count, length } = linesOf(input)
    const blocks = Math.ceil(length / scanBlock)
    const state = isBig(input.dtype) ? new BigInt64Array(2) : new Float64Array(2)
    if (blocks === 1) {
      const lines = linesPerBlock(length)
      const last = Math.min(count, (index + 1) * lines)
      for (let line = index * lines; line < last; line++) {
        state.fill(neutral(state) as never)
        scanBlockOf(args, line, 0, state)
      }
      return
    }
    const sums = sumsOf(args)
    const line = Math.floor(index / blocks)
    const block = index % blocks
    state[1] = neutral(state)
    if (phase === 0) {
      // Nobody asks for the sum of the last block of a line.
      if (block === blocks - 1) return
      sumBlock(args, line, block, state)
      sums[index] = state[1]
    } else {
      state[0] = sums[index]
      scanBlockOf(args, line, block, state)
    }
  },

  next(args, phase) {
    const blocks = Math.ceil(linesOf(args.inputs[0]).length / scanBlock)
    if (phase === 0 && blocks > 1) turnIntoOffsets(sumsOf(args), blocks)
    return phase + 1
  },
}

const scanBlock = 16384

function linesPerBlock(length: number): number {
  return Math.max(1, Math.floor(scanBlock / length))
}

/** By line and block: the sum of the block, after the first phase that of all blocks before it. */
function sumsOf({ inputs, scratch }: ReferenceArguments): Accumulators {
  return isBig(inputs[0].dtype) ? new BigInt64Array(scratch) : new Float64Array(scratch)
}

/** -0 is the one number that addition leaves as it finds it. */
function neutral(like: Accumulators): never {
  return (like instanceof BigInt64Array ? 0n : -0) as never
}

function turnIntoOffsets(sums: Accumulators, blocks: number): void {
  let offset = neutral(sums) as number
  for (let unit = 0; unit < sums.length; unit++) {
    if (unit % blocks === 0) offset = neutral(sums)
    const sum = sums[unit] as number
    sums[unit] = offset
    if (unit % blocks !== blocks - 1) {
      offset += sum
      if (sums instanceof BigInt64Array) offset = BigInt.asIntN(64, offset as never) as never
    }
  }
}

/** state: the offset of the block, and its base. */
function scanBlockOf({ inputs, outputs }: ReferenceArguments, line: number, block: number, state: Accumulators): void {
  const [input] = inputs
  const [output] = outputs
  const buffer = accumulatorsFor(input)
  const { length } = linesOf(input)
  const last = Math.min(length, (block + 1) * scanBlock)
  for (let first = block * scanBlock; first < last; first += piece) {
    const count = Math.min(piece, last - first)
    readLine(input, lineStart(input, line, first), count, buffer)
    if (buffer instanceof Float64Array) scanNumbers(buffer, count, state as Float64Array)
    else scanWords(buffer, count, state as BigInt64Array)
    writeLine(output, lineStart(output, line, first), count, buffer)
  }
}

function sumBlock({ inputs }: ReferenceArguments, line: number, block: number, state: Accumulators): void {
  const [input] = inputs
  const buffer = accumulatorsFor(input)
  for (let first = block * scanBlock; first < (block + 1) * scanBlock; first += piece) {
    readLine(input, lineStart(input, line, first), piece, buffer)
    if (buffer instanceof Float64Array) sumNumbers(buffer, piece, state as Float64Array)
    else scanWords(buffer, piece, state as BigInt64Array)
  }
}

/** Prefixes of a piece, in place; `state` is the offset and the base. What follows the last element up to a whole group is computed as well, and not used. */
export function scanNumbers(x: Float64Array, count: number, state: Float64Array): void {
  const offset = state[0]
  let base = state[1]
  for (let i = 0; i < count; i += 8) {
    const y1 = x[i] + x[i + 1]
    const y3 = y1 + (x[i + 2] + x[i + 3])
    const p = x[i + 4] + x[i + 5]
    const y7 = y3 + (p + (x[i + 6] + x[i + 7]))
    x[i + 7] = offset + (base + y7)
    x[i + 6] = offset + (base + (y3 + (p + x[i + 6])))
    x[i + 5] = offset + (base + (y3 + p))
    x[i + 4] = offset + (base + (y3 + x[i + 4]))
    x[i + 3] = offset + (base + y3)
    x[i + 2] = offset + (base + (y1 + x[i + 2]))
    x[i + 1] = offset + (base + y1)
    x[i] = offset + (base + x[i])
    base += y7
  }
  state[1] = base
}

function sumNumbers(x: Float64Array, count: number, state: Float64Array): void {
  let base = state[1]
  for (let i = 0; i < count; i += 8) {
    base += x[i] + x[i + 1] + (x[i + 2] + x[i + 3]) + (x[i + 4] + x[i + 5] + (x[i + 6] + x[i + 7]))
  }
  state[1] = base
}

/** 64-bit integers wrap, so that any order gives the same. */
function scanWords(x: BigInt64Array, count: number, state: BigInt64Array): void {
  let base = state[1]
  for (let i = 0; i < count; i++) {
    base = BigInt.asIntN(64, base + x[i])
    x[i] = state[0] + base
  }
  state[1] = base
}
