import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * Copies a view into another of the same shape, whose axes lie in memory in a different order. Blocks are tiles of a
 * plane, of the axis in which the input steps least and of that in which the output does, so that both sides stay in
 * cache. Exact.
 */
export const transposeReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    const plan = cut(args)
    const blocks = Math.ceil(plan.planes / plan.planesPerBlock) * plan.rowTiles * plan.colTiles
    return { phases: blocks === 0 ? [] : [{ blocks }] }
  },

  runBlock(args: ReferenceArguments, _phase: number, index: number): void {
    const plan = cut(args)
    const row = (index % plan.rowTiles) * plan.rowTile
    const col = (Math.floor(index / plan.rowTiles) % plan.colTiles) * plan.colTile
    const first = Math.floor(index / (plan.rowTiles * plan.colTiles)) * plan.planesPerBlock
    const last = Math.min(plan.planes, first + plan.planesPerBlock)
    for (let plane = first; plane < last; plane++) moveTile(args, plan, plane, row, col)
  },
}

const tileSide = 256
const blockElements = 1 << 18

interface Cut {
  /** The axis in which the output steps least, and that in which the input does. */
  readonly rowAxis: number
  readonly colAxis: number
  readonly rows: number
  readonly cols: number
  readonly others: readonly number[]
  readonly planes: number
  readonly planesPerBlock: number
  readonly rowTile: number
  readonly rowTiles: number
  readonly colTile: number
  readonly colTiles: number
}

function cut({ inputs, outputs }: ReferenceArguments): Cut {
  const [{ shape }] = outputs
  const rowAxis = finestAxis(outputs[0])
  const colAxis = finestAxis(inputs[0])
  const rows = rowAxis === colAxis ? 1 : shape[rowAxis]
  const cols = shape[colAxis]
  const others = Array.from(shape.keys()).filter((axis) => axis !== rowAxis && axis !== colAxis)
  const planes = others.reduce((product, axis) => product * shape[axis], 1)
  const rowTile = Math.max(1, Math.min(rows, tileSide))
  const colTile = Math.max(1, Math.min(cols, Math.floor(blockElements / rowTile)))
  const whole = rowTile >= rows && colTile >= cols
  const planesPerBlock = whole ? Math.max(1, Math.floor(blockElements / Math.max(1, rows * cols))) : 1
  return {
    rowAxis,
    colAxis,
    rows,
    cols,
    others,
    planes,
    planesPerBlock,
    rowTile,
    rowTiles: Math.ceil(rows / rowTile),
    colTile,
    colTiles: Math.ceil(cols / colTile),
  }
}

function finestAxis({ shape, strides }: View): number {
  let finest = shape.length - 1
  let least = Infinity
  for (let axis = 0; axis < shape.length; axis++) {
    const step = Math.abs(strides[axis])
    if (shape[axis] > 1 && step > 0 && step <= least) {
      least = step
      finest = axis
    }
  }
  return finest
}

function moveTile({ inputs, outputs }: ReferenceArguments, plan: Cut, plane: number, row: number, col: number): void {
  const [from] = inputs
  const [to] = outputs
  let source = from.offset + col * from.strides[plan.colAxis]
  let target = to.offset + col * to.strides[plan.colAxis]
  if (plan.rowAxis !== plan.colAxis) {
    source += row * from.strides[plan.rowAxis]
    target += row * to.strides[plan.rowAxis]
  }
  for (const axis of plan.others.toReversed()) {
    const at = plane % to.shape[axis]
    plane = Math.floor(plane / to.shape[axis])
    source += at * from.strides[axis]
    target += at * to.strides[axis]
  }
  // Typed as numbers whatever they hold: BigInts are moved all the same.
  const read = from.data as Float64Array
  const write = to.data as Float64Array
  const lastRow = Math.min(plan.rows, row + plan.rowTile) - row
  const lastCol = Math.min(plan.cols, col + plan.colTile) - col
  const [inRow, inCol] = [from.strides[plan.rowAxis], from.strides[plan.colAxis]]
  const [outRow, outCol] = [to.strides[plan.rowAxis], to.strides[plan.colAxis]]
  for (let c = 0; c < lastCol; c++) {
    for (let r = 0; r < lastRow; r++) write[target + r * outRow + c * outCol] = read[source + r * inRow + c * inCol]
  }
}
