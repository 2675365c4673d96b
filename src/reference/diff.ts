import { accumulatorsFor, linesOf, lineStart, piece, readLine, roundTo, writeLine } from './lines.ts'
import { isBig } from './reduce.ts'
import type { Reference } from './reference.ts'

/** Differences of neighbours along the last axis, scalars[0] times over, each rounded to the dtype of the result. */
export const diffReference: Reference = {
  prepare({ outputs }) {
    const { count, length } = linesOf(outputs[0])
    if (count * length === 0) return { phases: [] }
    const blocks = Math.ceil(length / diffBlock)
    return { phases: [{ blocks: blocks > 1 ? count * blocks : Math.ceil(count / linesPerBlock(length)) }] }
  },

  runBlock({ inputs, outputs, scalars }, _phase, index) {
    const [input] = inputs
    const [output] = outputs
    const [order] = scalars
    const { count, length } = linesOf(output)
    const blocks = Math.ceil(length / diffBlock)
    const firstLine = blocks > 1 ? Math.floor(index / blocks) : index * linesPerBlock(length)
    const lastLine = Math.min(count, firstLine + (blocks > 1 ? 1 : linesPerBlock(length)))
    const start = blocks > 1 ? (index % blocks) * diffBlock : 0
    const end = Math.min(length, start + diffBlock)
    const buffer = accumulatorsFor(input)
    for (let line = firstLine; line < lastLine; line++) {
      for (let first = start; first < end; first += piece) {
        const size = Math.min(piece, end - first)
        readLine(input, lineStart(input, line, first), size + order, buffer)
        for (let round = order - 1; round >= 0; round--) {
          if (buffer instanceof Float64Array) {
            for (let i = 0; i < size + round; i++) buffer[i] = buffer[i + 1] - buffer[i]
            if (!isBig(output.dtype)) roundTo(output.dtype, buffer, size + round)
          } else {
            for (let i = 0; i < size + round; i++) buffer[i] = buffer[i + 1] - buffer[i]
          }
        }
        writeLine(output, lineStart(output, line, first), size, buffer)
      }
    }
  },
}

const diffBlock = 16384

function linesPerBlock(length: number): number {
  return Math.max(1, Math.floor(diffBlock / length))
}
