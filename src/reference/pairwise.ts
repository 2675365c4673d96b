import type { Layout, Reference, ReferenceArguments } from './reference.ts'
import { asideOf, readRows, scoreOf } from './vectors.ts'

/**
 * Every row of inputs[0] against every row of inputs[1], by the metric scalars[0]. Sums run in float64 whatever the
 * dtype. A block is a square of pairs: its rows are read, and copied where they must be, once. The tolerance is that of
 * nearest.
 */
export const pairwiseReference: Reference = {
  prepare(args): Layout {
    const { tilesDown, tilesAcross } = cut(args)
    const blocks = tilesDown * tilesAcross
    return { phases: blocks === 0 ? [] : [{ blocks }] }
  },

  runBlock(args, _phase, index) {
    const { side, tilesAcross } = cut(args)
    const [a, b] = args.inputs
    const [out] = args.outputs
    const by = args.scalars[0]
    const row = Math.floor(index / tilesAcross) * side
    const column = (index % tilesAcross) * side
    const rows = readRows(a, row, Math.min(side, a.shape[0] - row))
    const columns = readRows(b, column, Math.min(side, b.shape[0] - column))
    const asides = Float64Array.from({ length: Math.min(side, b.shape[0] - column) }, (_, j) => asideOf(by, columns, j))
    const to = out.data as Float64Array
    for (let i = 0; row + i < Math.min(row + side, a.shape[0]); i++) {
      const aside = asideOf(by, rows, i)
      let at = out.offset + (row + i) * out.strides[0] + column * out.strides[1]
      for (let j = 0; j < asides.length; j++, at += out.strides[1]) {
        to[at] = scoreOf(by, rows, i, aside, columns, j, asides[j])
      }
    }
  },
}

/** Products that a block takes: about 2 ms. */
const blockWork = 1 << 20

function cut({ inputs }: ReferenceArguments): { side: number; tilesDown: number; tilesAcross: number } {
  const [m, length] = inputs[0].shape
  const [n] = inputs[1].shape
  const side = Math.max(1, Math.min(128, Math.floor(Math.sqrt(blockWork / Math.max(length, 1)))))
  return { side, tilesDown: Math.ceil(m / side), tilesAcross: Math.ceil(n / side) }
}
