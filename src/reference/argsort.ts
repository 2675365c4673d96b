import type { Phase, Reference, ReferenceArguments } from './reference.ts'
import { isWide, orderOfWords, readWords, rowCount, rowLength, rowStart, rowStride } from './words.ts'
import type { Words } from './words.ts'

/**
 * The indices that sort the rows of inputs[0] (along the last axis) into outputs[0]; `scalars[0]` other than 0 sorts
 * descending, `scalars[1]` other than 0 takes -0 for +0. NaN is last either way, equal elements keep their order.
 * outputs[1], if any, has 1 where an element of the result equals the one before it.
 *
 * Chunks of a row are sorted by radix (`words.ts`) in private memory, with their keys; then runs are merged in pairs,
 * every block making one chunk of a merged run, which it finds by merge path (Green, McColl and Bader 2012).
 */
export const argsortReference: Reference = {
  prepare(args) {
    const plan = planArgsort(args)
    if (plan.n === 0 || plan.rows === 0) return { phases: [] }
    const phases: Phase[] = []
    if (plan.merges === 0) phases.push({ blocks: Math.ceil(plan.rows / plan.rowsPerBlock) })
    else for (let phase = 0; phase < plan.merges + 2; phase++) phases.push({ blocks: plan.rows * plan.chunks })
    return { phases, scratchBytes: plan.merges === 0 ? 0 : 2 * plan.bufferBytes }
  },

  runBlock(args, phase, index) {
    const plan = planArgsort(args)
    if (plan.merges === 0) {
      const last = Math.min(plan.rows, (index + 1) * plan.rowsPerBlock)
      for (let row = index * plan.rowsPerBlock; row < last; row++) {
        const keyed = allocate(plan.n)
        sortChunk(args, plan, row, 0, keyed)
        write(args, row, keyed, 0, plan.n)
      }
      return
    }
    const row = Math.floor(index / plan.chunks)
    const first = Math.min(plan.n, (index % plan.chunks) * plan.chunk)
    const last = Math.min(plan.n, first + plan.chunk)
    if (first >= last) return
    if (phase === 0) {
      sortChunk(args, plan, row, first, part(scratchRow(args, plan, row, 0), first, last))
    } else if (phase <= plan.merges) {
      const round = phase - 1
      merge(
        plan,
        scratchRow(args, plan, row, round % 2),
        scratchRow(args, plan, row, 1 - (round % 2)),
        first,
        last,
        round,
      )
    } else {
      write(args, row, scratchRow(args, plan, row, plan.merges % 2), first, last)
    }
  },
}

/** Rows up to this long are sorted whole. */
const longestWholeRow = 32768
const mostChunks = 16

interface ArgsortPlan {
  readonly rows: number
  readonly n: number
  readonly wide: boolean
  readonly rowsPerBlock: number
  /** Rounds of merging, 2 ** merges chunks. */
  readonly merges: number
  readonly chunks: number
  readonly chunk: number
  readonly bufferBytes: number
}

/** Keys and the indices of their elements. */
interface Keyed extends Words {
  readonly order: Uint32Array
}

function planArgsort({ inputs }: ReferenceArguments): ArgsortPlan {
  const [input] = inputs
  const n = rowLength(input)
  const rows = rowCount(input)
  let merges = 0
  if (n > longestWholeRow) while (2 ** merges < mostChunks && n / 2 ** merges > longestWholeRow) merges++
  const chunks = 2 ** merges
  return {
    rows,
    n,
    wide: isWide(input),
    rowsPerBlock: Math.max(1, Math.floor(longestWholeRow / 4 / Math.max(1, n))),
    merges,
    chunks,
    chunk: Math.ceil(n / chunks),
    bufferBytes: rows * n * 12,
  }
}

function allocate(n: number): Keyed {
  return { high: new Uint32Array(n), low: new Uint32Array(n), order: new Uint32Array(n) }
}

function scratchRow(args: ReferenceArguments, plan: ArgsortPlan, row: number, buffer: number): Keyed {
  const at = buffer * plan.bufferBytes + row * plan.n * 12
  const array = (index: number) => new Uint32Array(args.scratch, at + index * plan.n * 4, plan.n)
  return { high: array(0), low: array(1), order: array(2) }
}

function part({ high, low, order }: Keyed, first: number, last: number): Keyed {
  return { high: high.subarray(first, last), low: low.subarray(first, last), order: order.subarray(first, last) }
}

/** Reads a chunk that starts at `first`, and sorts it. */
function sortChunk(args: ReferenceArguments, plan: ArgsortPlan, row: number, first: number, keyed: Keyed): void {
  const read = allocate(keyed.high.length)
  const mergesZeros = args.scalars[1] === 1
  readWords(args.inputs[0], row, first, read, { descending: args.scalars[0] === 1, mergesZeros })
  orderOfWords(read, plan.wide, read.order)
  const { high, low, order } = keyed
  for (let i = 0; i < high.length; i++) {
    const index = read.order[i]
    high[i] = read.high[index]
    low[i] = read.low[index]
    order[i] = first + index
  }
}

/** Makes places first .. last - 1 of the merged runs: runs of 2 ** round chunks become runs of twice that. */
function merge(plan: ArgsortPlan, from: Keyed, to: Keyed, first: number, last: number, round: number): void {
  const run = plan.chunk * 2 ** round
  const start = Math.floor(first / (2 * run)) * 2 * run
  const middle = Math.min(plan.n, start + run)
  const end = Math.min(plan.n, start + 2 * run)
  const { high, low } = from
  let left = start + mergePath(from, start, middle, end, first - start)
  let right = first - (left - start) + (middle - start)
  for (let i = first; i < last; i++) {
    const takesLeft =
      right >= end ||
      (left < middle && (high[left] < high[right] || (high[left] === high[right] && low[left] <= low[right])))
    const at = takesLeft ? left++ : right++
    to.high[i] = high[at]
    to.low[i] = low[at]
    to.order[i] = from.order[at]
  }
}

/** How many of the first `count` merged elements come from the left run. */
function mergePath({ high, low }: Words, start: number, middle: number, end: number, count: number): number {
  let least = Math.max(0, count - (end - middle))
  let most = Math.min(count, middle - start)
  while (least < most) {
    const half = Math.floor((least + most) / 2)
    const left = start + half
    const right = middle + count - half - 1
    if (high[left] < high[right] || (high[left] === high[right] && low[left] <= low[right])) least = half + 1
    else most = half
  }
  return least
}

function write(args: ReferenceArguments, row: number, { high, low, order }: Keyed, first: number, last: number): void {
  const [output, flagged] = args.outputs
  const data = output.data as Uint32Array
  const stride = rowStride(output)
  const to = rowStart(output, row)
  for (let i = first; i < last; i++) data[to + i * stride] = order[i]
  if (flagged === undefined) return
  const flags = flagged.data as Uint8Array
  const at = rowStart(flagged, row)
  for (let i = first; i < last; i++) {
    flags[at + i] = i > 0 && high[i] === high[i - 1] && low[i] === low[i - 1] ? 1 : 0
  }
}
