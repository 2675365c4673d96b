import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * C = A B over the last two axes, or C + A B when scalars[0] is 1. Products are summed in float64 whatever the dtype,
 * and rounded once a range of k; a range is all of k but for very long ones.
 */
export const matmulReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    const { items, itemsPerBlock, ranges } = cut(args)
    if (items === 0) return { phases: [] }
    return { phases: Array.from({ length: ranges }, () => ({ blocks: Math.ceil(items / itemsPerBlock) })) }
  },

  runBlock(args: ReferenceArguments, phase: number, index: number): void {
    const plan = cut(args)
    const last = Math.min(plan.items, (index + 1) * plan.itemsPerBlock)
    for (let item = index * plan.itemsPerBlock; item < last; item++) multiplyTile(args, plan, phase, item)
  },
}

/**
 * How far an element may be from the exact one. `magnitude` is the same product of absolute values, (|A| |B|)ij, with
 * |Cij| added when accumulating. Any order of summation, fused or not, stays within k + 1 roundings of half an epsilon
 * each (Higham, "Accuracy and Stability of Numerical Algorithms", section 3.1); twice that leaves room for comparing
 * two such results with one another. The last term is for results that underflow.
 */
export function tolerance(dtype: 'float32' | 'float64', k: number, magnitude: number): number {
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const smallest = dtype === 'float32' ? 2 ** -149 : 2 ** -1074
  return (k + 2) * (epsilon * magnitude + smallest)
}

/** Products that one block may take: about 2 ms. */
const blockWork = 1 << 21
const mostTile = 64
const leastTile = 8
const depth = 256
const mostRanges = 24

interface Cut {
  readonly m: number
  readonly n: number
  readonly k: number
  readonly tile: number
  readonly rowTiles: number
  readonly colTiles: number
  /** Tiles over all matrices. */
  readonly items: number
  readonly itemsPerBlock: number
  readonly range: number
  readonly ranges: number
}

function cut({ inputs, outputs }: ReferenceArguments): Cut {
  const [a] = inputs
  const [c] = outputs
  const rank = c.shape.length
  const m = c.shape[rank - 2]
  const n = c.shape[rank - 1]
  const k = a.shape[rank - 1]
  const ranges = Math.max(1, Math.min(mostRanges, Math.ceil((k * leastTile ** 2) / blockWork)))
  const range = Math.ceil(k / ranges)
  const tile = Math.min(mostTile, Math.max(leastTile, Math.floor(Math.sqrt(blockWork / Math.max(1, range)))))
  const rowTiles = Math.ceil(m / tile)
  const colTiles = Math.ceil(n / tile)
  const items = c.shape.slice(0, -2).reduce((product, length) => product * length, 1) * rowTiles * colTiles
  const itemWork = Math.min(tile, m) * Math.min(tile, n) * Math.max(1, range)
  const itemsPerBlock = Math.max(1, Math.floor(blockWork / (itemWork + 1)))
  return { m, n, k, tile, rowTiles, colTiles, items, itemsPerBlock, range, ranges }
}

function multiplyTile(args: ReferenceArguments, plan: Cut, phase: number, item: number): void {
  const [a, b] = args.inputs
  const [c] = args.outputs
  const rank = c.shape.length
  const col = (item % plan.colTiles) * plan.tile
  const row = (Math.floor(item / plan.colTiles) % plan.rowTiles) * plan.tile
  const batch = Math.floor(item / (plan.colTiles * plan.rowTiles))
  const rows = Math.min(plan.tile, plan.m - row)
  const cols = Math.min(plan.tile, plan.n - col)
  const first = phase * plan.range
  const last = Math.min(plan.k, first + plan.range)

  // Panels are padded to fours with zeros: the product of padding is never read.
  const rowPanel = new Float64Array(Math.ceil(rows / 4) * 4 * Math.min(depth, last - first))
  const colPanel = new Float64Array(Math.ceil(cols / 4) * 4 * Math.min(depth, last - first))
  const width = Math.ceil(cols / 4) * 4
  const sums = new Float64Array(Math.ceil(rows / 4) * 4 * width)
  const aStart = startOf(a, batch) + row * a.strides[rank - 2]
  const bStart = startOf(b, batch) + col * b.strides[rank - 1]
  for (let p = first; p < last; p += depth) {
    const steps = Math.min(depth, last - p)
    pack(a, aStart + p * a.strides[rank - 1], a.strides[rank - 2], a.strides[rank - 1], rows, steps, rowPanel)
    pack(b, bStart + p * b.strides[rank - 2], b.strides[rank - 1], b.strides[rank - 2], cols, steps, colPanel)
    multiplyPanels(rowPanel, colPanel, rows, cols, steps, sums, width)
  }

  const add = args.scalars[0] !== 0 || phase > 0
  const cStart = startOf(c, batch) + row * c.strides[rank - 2] + col * c.strides[rank - 1]
  const to = c.data as Float32Array | Float64Array
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const at = cStart + i * c.strides[rank - 2] + j * c.strides[rank - 1]
      const sum = sums[i * width + j]
      to[at] = add ? to[at] + sum : sum
    }
  }
}

/** Index of element [batch, 0, 0] of a view, `batch` counted over all leading axes. */
function startOf(view: View, batch: number): number {
  let start = view.offset
  for (let axis = view.shape.length - 3; axis >= 0; axis--) {
    start += (batch % view.shape[axis]) * view.strides[axis]
    batch = Math.floor(batch / view.shape[axis])
  }
  return start
}

/** Copies lines (rows of A, columns of B) into panels of four: step p of a panel is four numbers from 4 p. */
function pack(view: View, start: number, line: number, step: number, lines: number, steps: number, to: Float64Array) {
  const from = view.data as Float32Array | Float64Array
  for (let i = 0; i < lines; i++) {
    let at = (i >> 2) * 4 * steps + (i & 3)
    let source = start + i * line
    for (let p = 0; p < steps; p++) {
      to[at] = from[source]
      at += 4
      source += step
    }
  }
}

function multiplyPanels(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  cols: number,
  steps: number,
  sums: Float64Array,
  width: number,
): void {
  for (let i = 0; i < rows; i += 4) {
    for (let j = 0; j < cols; j += 4) {
      for (let r = 0; r < 4; r += 2)
        multiplyTwoRows(a, b, i * steps + r, j * steps, steps, sums, (i + r) * width + j, width)
    }
  }
}

/** Two rows by four columns: eight sums are what the registers of an engine hold. */
function multiplyTwoRows(
  a: Float64Array,
  b: Float64Array,
  aStart: number,
  bStart: number,
  steps: number,
  sums: Float64Array,
  at: number,
  width: number,
): void {
  let s00 = sums[at]
  let s01 = sums[at + 1]
  let s02 = sums[at + 2]
  let s03 = sums[at + 3]
  let s10 = sums[at + width]
  let s11 = sums[at + width + 1]
  let s12 = sums[at + width + 2]
  let s13 = sums[at + width + 3]
  for (let p = 0; p < 4 * steps; p += 4) {
    const a0 = a[aStart + p]
    const a1 = a[aStart + p + 1]
    const b0 = b[bStart + p]
    const b1 = b[bStart + p + 1]
    const b2 = b[bStart + p + 2]
    const b3 = b[bStart + p + 3]
    s00 += a0 * b0
    s01 += a0 * b1
    s02 += a0 * b2
    s03 += a0 * b3
    s10 += a1 * b0
    s11 += a1 * b1
    s12 += a1 * b2
    s13 += a1 * b3
  }
  sums[at] = s00
  sums[at + 1] = s01
  sums[at + 2] = s02
  sums[at + 3] = s03
  sums[at + width] = s10
  sums[at + width + 1] = s11
  sums[at + width + 2] = s12
  sums[at + width + 3] = s13
}
