import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * out[r, c] = Σ x[r + scalars[0] + i, c + scalars[1] + j]·w[i, j], with zeros around x. A block makes some rows of the
 * result, or part of one. Sums are kept in float64 whatever the dtype, and rounded once. With scalars[2] = 1 it multiplies
 * spectra instead: rows of complex numbers, re and im in turn, by the one row w.
 */
export const convolveReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    if (args.scalars[2] === 1) return { phases: [{ blocks: args.outputs[0].shape[0] }] }
    const { rowTiles, colTiles } = cut(args)
    return { phases: rowTiles * colTiles === 0 ? [] : [{ blocks: rowTiles * colTiles }] }
  },

  runBlock(args: ReferenceArguments, _phase: number, index: number): void {
    if (args.scalars[2] === 1) {
      multiplySpectra(args, index)
      return
    }
    const { rowTile, colTile, colTiles } = cut(args)
    const [{ shape }] = args.outputs
    const row = Math.floor(index / colTiles) * rowTile
    const col = (index % colTiles) * colTile
    const cols = Math.min(colTile, shape[1] - col)
    const sums = new Float64Array(cols)
    for (let r = row; r < Math.min(shape[0], row + rowTile); r++) weighRow(args, r, col, sums)
  },
}

/**
 * How far an element may be from the exact one: `magnitude` is the same sum of absolute values, `products` how many
 * there are. Any order of summation, fused or not, stays within that many roundings of half an epsilon each (Higham,
 * "Accuracy and Stability of Numerical Algorithms", section 3.1); twice that leaves room for comparing two such results
 * with one another. The last term is for results that underflow.
 */
export function tolerance(dtype: 'float32' | 'float64', products: number, magnitude: number): number {
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const smallest = dtype === 'float32' ? 2 ** -149 : 2 ** -1074
  return (products + 2) * (epsilon * magnitude + smallest)
}

function multiplySpectra({ inputs, outputs }: ReferenceArguments, row: number): void {
  const [x, w] = inputs
  const [out] = outputs
  const from = x.data as Float64Array
  const by = w.data as Float64Array
  const to = out.data as Float64Array
  let at = x.offset + row * x.strides[0]
  let target = out.offset + row * out.strides[0]
  for (let i = w.offset; i < w.offset + w.shape[1]; i += 2) {
    const re = from[at] * by[i] - from[at + 1] * by[i + 1]
    const im = from[at] * by[i + 1] + from[at + 1] * by[i]
    to[target] = re
    to[target + 1] = im
    at += 2
    target += 2
  }
}

/** Products that one block may take: about 2 ms. */
const blockWork = 1 << 21

interface Cut {
  readonly rowTile: number
  readonly rowTiles: number
  readonly colTile: number
  readonly colTiles: number
}

function cut({ inputs, outputs }: ReferenceArguments): Cut {
  const [rows, cols] = outputs[0].shape
  const [height, width] = inputs[1].shape
  const area = Math.max(64, Math.floor(blockWork / (height * width)))
  const colTile = Math.max(1, Math.min(cols, area, 1 << 14))
  const rowTile = Math.max(1, Math.min(rows, Math.floor(area / colTile)))
  return { rowTile, rowTiles: Math.ceil(rows / rowTile), colTile, colTiles: Math.ceil(cols / colTile) }
}

function weighRow({ inputs, outputs, scalars }: ReferenceArguments, row: number, col: number, sums: Float64Array) {
  const [x, w] = inputs
  const [out] = outputs
  const weights = w.data as Float64Array
  sums.fill(0)
  for (let i = 0; i < w.shape[0]; i++) {
    const from = row + scalars[0] + i
    if (from < 0 || from >= x.shape[0]) continue
    const line = x.offset + from * x.strides[0]
    const weight = w.offset + i * w.strides[0]
    let j = 0
    for (; j + 4 <= w.shape[1]; j += 4) {
      // Four weights at once, where all four fall inside x; one by one at the ends.
      const at = col + scalars[1] + j
      const first = Math.min(sums.length, Math.max(0, -at))
      const last = Math.max(first, Math.min(sums.length, x.shape[1] - at - 3))
      const w0 = weights[weight + j * w.strides[1]]
      const w1 = weights[weight + (j + 1) * w.strides[1]]
      const w2 = weights[weight + (j + 2) * w.strides[1]]
      const w3 = weights[weight + (j + 3) * w.strides[1]]
      addFour(x, line + at * x.strides[1], w0, w1, w2, w3, sums, first, last)
      const four = [w0, w1, w2, w3]
      for (let v = 0; v < 4; v++) {
        addOne(x, line, at + v, four[v], sums, 0, first)
        addOne(x, line, at + v, four[v], sums, last, sums.length)
      }
    }
    for (; j < w.shape[1]; j++) {
      addOne(x, line, col + scalars[1] + j, weights[weight + j * w.strides[1]], sums, 0, sums.length)
    }
  }
  const to = out.data as Float64Array
  const start = out.offset + row * out.strides[0] + col * out.strides[1]
  for (let c = 0; c < sums.length; c++) to[start + c * out.strides[1]] = sums[c]
}

/** `start` is where the first weight of column 0 falls. */
function addFour(
  x: View,
  start: number,
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  sums: Float64Array,
  first: number,
  last: number,
): void {
  const data = x.data as Float64Array
  const step = x.strides[1]
  let at = start + first * step
  let [x0, x1, x2] = [data[at], data[at + step], data[at + 2 * step]]
  for (let c = first; c < last; c++) {
    const x3 = data[at + 3 * step]
    sums[c] += w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3
    x0 = x1
    x1 = x2
    x2 = x3
    at += step
  }
}

/** `at` is the column of x that the weight of column 0 falls on. */
function addOne(
  x: View,
  line: number,
  at: number,
  weight: number,
  sums: Float64Array,
  first: number,
  last: number,
): void {
  const data = x.data as Float64Array
  const from = Math.max(first, -at)
  const to = Math.min(last, x.shape[1] - at)
  for (let c = from; c < to; c++) sums[c] += weight * data[line + (at + c) * x.strides[1]]
}
