import type { Reference } from './reference.ts'
import { isWide, readWords, rowCount, rowLength, rowStart, rowStride } from './words.ts'

/**
 * Where each element of inputs[1] belongs in the sorted row inputs[0]; `scalars[0]` other than 0 after its equals. -0
 * equals +0, NaN is above all. A binary search each, over the keys of the sorted row, which the block reads once where
 * it has more values than that takes.
 */
export const searchsortedReference: Reference = {
  prepare({ inputs }) {
    return { phases: [{ blocks: rowCount(inputs[1]) * Math.ceil(rowLength(inputs[1]) / chunk) }] }
  },

  runBlock(args, _phase, index) {
    const [sorted, values] = args.inputs
    const [output] = args.outputs
    const line = rowLength(values)
    const chunks = Math.ceil(line / chunk)
    const row = Math.floor(index / chunks)
    const first = (index % chunks) * chunk
    const n = Math.min(chunk, line - first)
    const wanted = { high: new Uint32Array(n), low: new Uint32Array(n) }
    readWords(values, row, first, wanted, order)
    const one = { high: new Uint32Array(1), low: new Uint32Array(1) }
    const after = args.scalars[0] === 1
    const wide = isWide(sorted)
    const data = output.data as Uint32Array
    const start = rowStart(output, row) + first * rowStride(output)
    const length = sorted.shape[0]
    for (let i = 0; i < n; i++) {
      const high = wanted.high[i]
      const low = wanted.low[i]
      let least = 0
      let most = length
      while (least < most) {
        const middle = Math.floor((least + most) / 2)
        readWords(sorted, 0, middle, one, order)
        const isBelow = one.high[0] < high || (one.high[0] === high && wide && one.low[0] < low)
        const isEqual = one.high[0] === high && (!wide || one.low[0] === low)
        if (isBelow || (after && isEqual)) least = middle + 1
        else most = middle
      }
      data[start + i * rowStride(output)] = least
    }
  },
}

const chunk = 4096
const order = { descending: false, mergesZeros: true }
