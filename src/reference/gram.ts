import { matmulReference } from './matmul.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * C = A Aᵀ over the last two axes, added to C when scalars[0] is 1: inputs are A and Aᵀ. The product of the two as any
 * other, then what is above the diagonal is copied below it.
 */
export const gramReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    const { phases } = matmulReference.prepare(args)
    return { phases: phases.length === 0 ? [] : [...phases, { blocks: Math.ceil(rowsOf(args) / rowsPerBlock(args)) }] }
  },

  runBlock(args: ReferenceArguments, phase: number, index: number, partial: Float64Array): void {
    if (phase < matmulReference.prepare(args).phases.length) matmulReference.runBlock(args, phase, index, partial)
    else mirrorRows(args, index)
  },
}

/** Rows of all matrices together. */
function rowsOf({ outputs }: ReferenceArguments): number {
  return outputs[0].shape.slice(0, -1).reduce((product, extent) => product * extent, 1)
}

function rowsPerBlock({ outputs }: ReferenceArguments): number {
  return Math.max(1, Math.floor((1 << 18) / outputs[0].shape[outputs[0].shape.length - 1]))
}

function mirrorRows(args: ReferenceArguments, index: number): void {
  const [{ data, shape, strides, offset }] = args.outputs
  const values = data as Float64Array
  const rank = shape.length
  const n = shape[rank - 1]
  const first = index * rowsPerBlock(args)
  const last = Math.min(rowsOf(args), first + rowsPerBlock(args))
  for (let row = first; row < last; row++) {
    const j = row % n
    let start = offset
    let batch = (row - j) / n
    for (let axis = rank - 3; axis >= 0; axis--) {
      start += (batch % shape[axis]) * strides[axis]
      batch = Math.floor(batch / shape[axis])
    }
    for (let i = 0; i < j; i++) {
      values[start + j * strides[rank - 2] + i * strides[rank - 1]] =
        values[start + i * strides[rank - 2] + j * strides[rank - 1]]
    }
  }
}
