import type { DType, TypedArray, View } from '../types.ts'
import type { Layout, Phase, Reference, ReferenceArguments } from './reference.ts'

/**
 * Sorts along the last axis; `scalars[0]` other than 0 sorts descending. -0 is below +0, NaN is last either way.
 *
 * A short row is sorted in one block. A long one in chunks, a block each, by the engine's own sort in private
 * scratch; then pairs of runs are merged until one is left, every block making one chunk of the merged run, which it
 * finds by merge path (Green, McColl and Bader 2012); then chunks are written out. Always ascending in scratch: a
 * descending result is written from the other end.
 */
export const sortReference: Reference = {
  prepare(args) {
    const plan = planSort(args)
    if (plan.n === 0 || plan.rows === 0) return { phases: [] }
    const phases: Phase[] = []
    if (plan.chunks === 1) {
      phases.push({ blocks: Math.ceil(plan.rows / plan.rowsPerBlock) })
    } else {
      for (let phase = 0; phase < plan.merges + 2; phase++) phases.push({ blocks: plan.rows * plan.chunks })
    }
    const layout: Layout = { phases, scratchBytes: plan.bufferBytes * (plan.merges > 0 ? 2 : 1) }
    return layout
  },

  runBlock(args, phase, index) {
    const plan = planSort(args)
    if (plan.chunks === 1) {
      const last = Math.min(plan.rows, (index + 1) * plan.rowsPerBlock)
      for (let row = index * plan.rowsPerBlock; row < last; row++) {
        readAndSort(args, plan, row, 0)
        write(args, plan, row, 0, 0)
      }
      return
    }
    const row = Math.floor(index / plan.chunks)
    const chunk = index % plan.chunks
    if (phase === 0) readAndSort(args, plan, row, chunk)
    else if (phase <= plan.merges) mergeChunk(args, plan, row, chunk, phase - 1)
    else write(args, plan, row, chunk, plan.merges % 2)
  },
}

/** Rows up to this long are sorted whole. */
const longestWholeRow = 32768
const mostChunks = 16

interface SortPlan {
  readonly dtype: DType
  readonly descending: boolean
  readonly rows: number
  /** Elements in a row. */
  readonly n: number
  readonly rowsPerBlock: number
  /** Chunks of a row: a power of two. */
  readonly chunks: number
  readonly chunk: number
  /** Rounds of merging. */
  readonly merges: number
  /** Bytes of one of the two scratch buffers. */
  readonly bufferBytes: number
}

function planSort({ inputs, scalars }: ReferenceArguments): SortPlan {
  const { dtype, shape, data } = inputs[0]
  const n = shape.length === 0 ? 1 : shape[shape.length - 1]
  let rows = 1
  for (let axis = 0; axis < shape.length - 1; axis++) rows *= shape[axis]
  let merges = 0
  if (n > longestWholeRow) while (2 ** merges < mostChunks && n / 2 ** merges > longestWholeRow) merges++
  const chunks = 2 ** merges
  return {
    dtype,
    descending: (scalars[0] ?? 0) !== 0,
    rows,
    n,
    rowsPerBlock: Math.max(1, Math.floor(longestWholeRow / 2 / Math.max(1, n))),
    chunks,
    chunk: Math.ceil(n / chunks),
    merges,
    bufferBytes: Math.ceil((rows * n * data.BYTES_PER_ELEMENT) / 8) * 8,
  }
}

/**
 * The row in one of the scratch buffers. Typed as numbers whatever it holds: what is done with elements here
 * (`<`, `===`, moving) means the same for BigInt. Float16 is kept as ordered integers.
 */
function scratchRow(args: ReferenceArguments, plan: SortPlan, row: number, buffer: number): Float64Array {
  const bytes = args.inputs[0].data.BYTES_PER_ELEMENT
  const at = buffer * plan.bufferBytes + row * plan.n * bytes
  const Keys = scratchTypes[plan.dtype] as unknown as Float64ArrayConstructor
  return new Keys(args.scratch, at, plan.n)
}

const scratchTypes = {
  int8: Int8Array,
  uint8: Uint8Array,
  uint8clamped: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  float32: Float32Array,
  float64: Float64Array,
  bigint64: BigInt64Array,
  biguint64: BigUint64Array,
  float16: Int16Array,
} as const satisfies Record<DType, unknown>

function rowOffset({ shape, strides, offset }: View, row: number): number {
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    offset += (row % shape[axis]) * strides[axis]
    row = Math.floor(row / shape[axis])
  }
  return offset
}

function rowStride({ strides }: View): number {
  return strides.length === 0 ? 1 : strides[strides.length - 1]
}

/** Reads a chunk of a row into the first buffer and sorts it there. */
function readAndSort(args: ReferenceArguments, plan: SortPlan, row: number, chunk: number): void {
  const input = args.inputs[0]
  const first = Math.min(plan.n, chunk * plan.chunk)
  const last = Math.min(plan.n, first + plan.chunk)
  const keys = scratchRow(args, plan, row, 0).subarray(first, last)
  const data = input.data as TypedArray as Float64Array
  const stride = rowStride(input)
  const from = rowOffset(input, row) + first * stride
  if (plan.dtype === 'float16') {
    for (let i = 0; i < keys.length; i++) keys[i] = float16Key(data[from + i * stride])
  } else if (stride === 1) {
    keys.set(data.subarray(from, from + keys.length))
  } else {
    for (let i = 0; i < keys.length; i++) keys[i] = data[from + i * stride]
  }
  keys.sort()
}

/** Makes chunk `chunk` of the merged runs of a row: runs of 2 ** round chunks become runs of twice that. */
function mergeChunk(args: ReferenceArguments, plan: SortPlan, row: number, chunk: number, round: number): void {
  const keys = scratchRow(args, plan, row, round % 2)
  const merged = scratchRow(args, plan, row, 1 - (round % 2))
  const run = plan.chunk * 2 ** round
  const start = Math.floor(chunk / 2 ** (round + 1)) * 2 * run
  const middle = Math.min(plan.n, start + run)
  const end = Math.min(plan.n, start + 2 * run)
  const first = Math.min(plan.n, chunk * plan.chunk)
  const last = Math.min(plan.n, first + plan.chunk)
  if (first >= last) return
  let left = start + mergePath(keys, start, middle, end, first - start)
  let right = first - (left - start) + (middle - start)
  let i = first
  while (i < last && left < middle && right < end) {
    const a = keys[left]
    const b = keys[right]
    if (isInOrder(a, b)) {
      merged[i++] = a
      left++
    } else {
      merged[i++] = b
      right++
    }
  }
  const rest = left < middle ? left : right
  merged.set(keys.subarray(rest, rest + last - i), i)
}

/** How many of the first `count` merged elements come from the left run. */
function mergePath(keys: Float64Array, start: number, middle: number, end: number, count: number): number {
  let least = Math.max(0, count - (end - middle))
  let most = Math.min(count, middle - start)
  while (least < most) {
    const left = Math.floor((least + most) / 2)
    if (isInOrder(keys[start + left], keys[middle + count - left - 1])) least = left + 1
    else most = left
  }
  return least
}

/** Whether `a` may stay before `b`. */
function isInOrder(a: number, b: number): boolean {
  return a < b || b !== b || (a === b && (a !== 0 || 1 / a < 0 || 1 / b > 0))
}

/** Writes a chunk of the sorted row out, from one of the scratch buffers. */
function write(args: ReferenceArguments, plan: SortPlan, row: number, chunk: number, buffer: number): void {
  const output = args.outputs[0]
  const keys = scratchRow(args, plan, row, buffer)
  const data = output.data as TypedArray as Float64Array
  const stride = rowStride(output)
  const first = Math.min(plan.n, chunk * plan.chunk)
  const last = Math.min(plan.n, first + plan.chunk)
  const to = rowOffset(output, row)
  const isHalf = plan.dtype === 'float16'
  if (!plan.descending && !isHalf && stride === 1) {
    data.set(keys.subarray(first, last), to + first)
    return
  }
  const numbers = plan.descending ? countNumbers(keys, isHalf) : plan.n
  for (let i = first; i < last; i++) {
    const key = keys[plan.descending && i < numbers ? numbers - 1 - i : i]
    data[to + i * stride] = isHalf ? float16Bits(key) : key
  }
}

/** Elements of a sorted row that are not NaN. */
function countNumbers(keys: Float64Array, isHalf: boolean): number {
  let least = 0
  let most = keys.length
  while (least < most) {
    const middle = Math.floor((least + most) / 2)
    const key = keys[middle]
    if (isHalf ? key === float16NaN : key !== key) most = middle
    else least = middle + 1
  }
  return least
}

/** NaN among the ordered integers of float16. */
export const float16NaN = 0x7fff

export function float16Key(bits: number): number {
  if ((bits & 0x7fff) > 0x7c00) return float16NaN
  return bits < 0x8000 ? bits : (bits ^ 0x7fff) - 0x10000
}

export function float16Bits(key: number): number {
  if (key === float16NaN) return 0x7e00
  return (key < 0 ? key ^ 0x7fff : key) & 0xffff
}
