import { accumulatorsFor, linesOf, lineStart, piece, readLine, writeLine } from './lines.ts'
import type { Accumulators } from './lines.ts'
import { isBig } from './reduce.ts'
import type { Reference } from './reference.ts'

/**
 * Running products along the last axis. The order of multiplications is that of native/kernels/cumprod.cc, so results
 * are the same bits: a line goes from group to group of eight, result = base · y, base the last result before the
 * group; a group with a factor outside 2^±120 is multiplied one factor after another. Long lines are done a part a
 * phase.
 */
export const cumprodReference: Reference = {
  prepare({ inputs }) {
    const { count, length } = linesOf(inputs[0])
    if (count * length === 0) return { phases: [] }
    const blocks = Math.ceil(count / linesPerBlock(length))
    return {
      phases: [{ blocks }],
      blocksMost: blocks * Math.ceil(length / linePart),
      scratchBytes: count * 8,
    }
  },

  runBlock(args, _phase, index) {
    const [input] = args.inputs
    const [output] = args.outputs
    const { count, length } = linesOf(input)
    const part = args.results[0]
    const bases: Accumulators = isBig(input.dtype) ? new BigInt64Array(args.scratch) : new Float64Array(args.scratch)
    const buffer = accumulatorsFor(input)
    const lines = linesPerBlock(length)
    const lastLine = Math.min(count, (index + 1) * lines)
    const last = Math.min(length, (part + 1) * linePart)
    for (let line = index * lines; line < lastLine; line++) {
      if (part === 0) bases[line] = buffer instanceof Float64Array ? 1 : (1n as never)
      for (let first = part * linePart; first < last; first += piece) {
        const size = Math.min(piece, last - first)
        readLine(input, lineStart(input, line, first), size, buffer)
        if (buffer instanceof Float64Array) multiplyNumbers(buffer, size, bases as Float64Array, line)
        else multiplyWords(buffer, size, bases as BigInt64Array, line)
        writeLine(output, lineStart(output, line, first), size, buffer)
      }
    }
  },

  next(args) {
    args.results[0]++
    return args.results[0] * linePart < linesOf(args.inputs[0]).length ? 0 : 1
  },
}

const linePart = 2 ** 18

function linesPerBlock(length: number): number {
  return Math.max(1, Math.floor(16384 / length))
}

/** Products of a piece, in place. */
export function multiplyNumbers(x: Float64Array, count: number, bases: Float64Array, line: number): void {
  let base = bases[line]
  x.fill(1, count, Math.ceil(count / 8) * 8)
  for (let i = 0; i < count; i += 8) {
    if (!isTame(x, i)) {
      for (let k = i; k < Math.min(count, i + 8); k++) x[k] = base *= x[k]
      continue
    }
    const y1 = x[i] * x[i + 1]
    const y3 = y1 * (x[i + 2] * x[i + 3])
    const p = x[i + 4] * x[i + 5]
    const y7 = y3 * (p * (x[i + 6] * x[i + 7]))
    x[i + 7] = base * y7
    x[i + 6] = base * (y3 * (p * x[i + 6]))
    x[i + 5] = base * (y3 * p)
    x[i + 4] = base * (y3 * x[i + 4])
    x[i + 3] = base * y3
    x[i + 2] = base * (y1 * x[i + 2])
    x[i + 1] = base * y1
    x[i] = base * x[i]
    base *= y7
  }
  bases[line] = base
}

const least = 2 ** -120
const most = 2 ** 121

/** Whether all factors of a group are so near to 1 that no product of eight of them leaves the range of float64. */
function isTame(x: Float64Array, i: number): boolean {
  for (let k = i; k < i + 8; k++) {
    const size = Math.abs(x[k])
    if (!(size >= least && size < most)) return false
  }
  return true
}

/** 64-bit integers wrap, so that any order gives the same. */
function multiplyWords(x: BigInt64Array, count: number, bases: BigInt64Array, line: number): void {
  let base = bases[line]
  for (let i = 0; i < count; i++) x[i] = base = BigInt.asIntN(64, base * x[i])
  bases[line] = base
}
