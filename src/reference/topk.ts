import type { Reference, ReferenceArguments } from './reference.ts'
import { isWide, numbersOf, orderOfWords, readWords, rowCount, rowLength, rowStart, rowStride } from './words.ts'
import type { Words } from './words.ts'

/**
 * The first `scalars[0]` elements of an argsort of each row, and their indices; `scalars[1]` other than 0 takes the
 * greatest first. One pass keeps what is better than the worst that is known to be needed, in twice the room; when that
 * is full, the better half stays. With `scalars[2]` the order is given, by inputs[1].
 */
export const topkReference: Reference = {
  prepare({ inputs, scalars }) {
    const n = rowLength(inputs[0])
    if (scalars[0] === 0 || n === 0) return { phases: [] }
    return { phases: [{ blocks: Math.ceil(rowCount(inputs[0]) / rowsPerBlock(n)) }] }
  },

  runBlock(args, _phase, index) {
    const step = rowsPerBlock(rowLength(args.inputs[0]))
    const last = Math.min(rowCount(args.inputs[0]), (index + 1) * step)
    for (let row = index * step; row < last; row++) write(args, row, bestOf(args, row))
  },
}

function rowsPerBlock(n: number): number {
  return Math.max(1, Math.floor(16_384 / n))
}

/** The indices of the best, best first. */
function bestOf(args: ReferenceArguments, row: number): Uint32Array {
  const [input, given] = args.inputs
  const [k] = args.scalars
  const n = rowLength(input)
  if (args.scalars[2] !== 0) return (given.data as Uint32Array).subarray(row * n, row * n + k)
  const wide = isWide(input)
  const order = { descending: args.scalars[1] !== 0, mergesZeros: false }
  const room = Math.min(n, 2 * k + 1024)
  const kept = words(room)
  const indices = new Uint32Array(room)
  const some = words(Math.min(n, 4096))
  let count = 0
  let worstHigh = 0xffffffff
  let worstLow = 0xffffffff
  const tighten = () => {
    count = keepBest(kept, indices, count, k, wide)
    if (count === k) {
      worstHigh = kept.high[k - 1]
      worstLow = kept.low[k - 1]
    }
  }
  for (let first = 0; first < n; first += 4096) {
    const length = Math.min(4096, n - first)
    const part = { high: some.high.subarray(0, length), low: some.low.subarray(0, length) }
    readWords(input, row, first, part, order)
    for (let i = 0; i < length; i++) {
      const high = part.high[i]
      const low = part.low[i]
      if (high > worstHigh || (high === worstHigh && low > worstLow)) continue
      if (count === room) tighten()
      kept.high[count] = high
      kept.low[count] = low
      indices[count++] = first + i
    }
  }
  keepBest(kept, indices, count, k, wide)
  return indices.subarray(0, k)
}

function words(n: number): Words {
  return { high: new Uint32Array(n), low: new Uint32Array(n) }
}

/** Sorts the first `count`, equals by index as they are, and says how many of them stay. */
function keepBest(kept: Words, indices: Uint32Array, count: number, k: number, wide: boolean): number {
  const old = { high: kept.high.slice(0, count), low: kept.low.slice(0, count) }
  const oldIndices = indices.slice(0, count)
  const order = new Uint32Array(count)
  orderOfWords(old, wide, order)
  const stay = Math.min(count, k)
  for (let i = 0; i < stay; i++) {
    kept.high[i] = old.high[order[i]]
    kept.low[i] = old.low[order[i]]
    indices[i] = oldIndices[order[i]]
  }
  return stay
}

function write({ inputs, outputs }: ReferenceArguments, row: number, best: Uint32Array): void {
  const [input] = inputs
  const [values, indices] = outputs
  const from = numbersOf(input)
  const isHalf = input.dtype === 'float16'
  const start = rowStart(input, row)
  const stride = rowStride(input)
  const at = rowStart(values, row)
  const indicesAt = rowStart(indices, row)
  for (let i = 0; i < best.length; i++) {
    const element = from[start + best[i] * stride]
    numbersOf(values)[at + i * rowStride(values)] = isHalf && (element & 0x7fff) > 0x7c00 ? 0x7e00 : element
    numbersOf(indices)[indicesAt + i * rowStride(indices)] = best[i]
  }
}
