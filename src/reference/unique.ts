import type { View } from '../types.ts'
import type { Reference, ReferenceArguments } from './reference.ts'
import { numbersOf, rowStart, rowStride } from './words.ts'

/**
 * The different values of a sorted row, in two calls: `scalars[0]` 0 counts them, else they are written. What goes in
 * and out is as in native/kernels/unique.cc.
 */
export const uniqueReference: Reference = {
  prepare(args) {
    const { n } = rowOf(args)
    const blocks = Math.ceil(n / chunk)
    if (args.scalars[0] === 0 || args.scalars[2] === 0) return { phases: [{ blocks }] }
    const found = args.outputs[0].shape[0]
    return { phases: [{ blocks }, { blocks: Math.ceil(found / chunk) }], scratchBytes: Math.ceil(found / 2) * 8 }
  },

  runBlock(args, phase, index) {
    const first = index * chunk
    if (phase === 1) {
      takeCounts(args, first)
      return
    }
    const row = rowOf(args)
    const last = Math.min(row.n, first + chunk)
    if (args.scalars[0] === 0) {
      let values = 0
      for (let i = first; i < last; i++) if (!row.equalsLast(i)) values++
      numbersOf(args.outputs[0])[index] = values
    } else {
      writeValues(args, row, first, last, numbersOf(args.inputs[0])[index])
    }
  },

  finish({ outputs, scalars, results }) {
    if (scalars[0] !== 0) return
    const starts = numbersOf(outputs[0])
    let sum = 0
    for (let i = 0; i < starts.length; i++) {
      const count = starts[i]
      starts[i] = sum
      sum += count
    }
    results[0] = sum
  },
}

/** `kUniqueChunk` in native/kernels/unique.cc, and `chunk` in src/kernels/unique.ts. */
const chunk = 32_768

interface Row {
  readonly n: number
  /** Absent for a sorted row. */
  readonly order: Uint32Array | undefined
  readonly elements: View
  equalsLast(i: number): boolean
}

function rowOf({ inputs, scalars }: ReferenceArguments): Row {
  const given = scalars[0] === 0 ? inputs : inputs.slice(1)
  const n = given[0].shape[0]
  if (scalars[1] !== 0) {
    const flags = given[0].data as Uint8Array
    const order = given[1]?.data as Uint32Array | undefined
    return { n, order, elements: given[2] ?? given[0], equalsLast: (i) => flags[i] === 1 }
  }
  const [elements] = given
  const keys = numbersOf(elements)
  if (elements.dtype === 'float16') {
    const value = (bits: number) => ((bits & 0x7fff) > 0x7c00 ? 0x7fff : (bits & 0x7fff) === 0 ? 0 : bits)
    return { n, order: undefined, elements, equalsLast: (i) => i > 0 && value(keys[i]) === value(keys[i - 1]) }
  }
  const equalsLast = (i: number) =>
    i > 0 && (keys[i] === keys[i - 1] || (keys[i] !== keys[i] && keys[i - 1] !== keys[i - 1]))
  return { n, order: undefined, elements, equalsLast }
}

function writeValues(args: ReferenceArguments, row: Row, first: number, last: number, before: number): void {
  const [values, ...others] = args.outputs
  const counts = args.scalars[2] !== 0
  const starts = counts ? new Uint32Array(args.scratch, 0, values.shape[0]) : undefined
  const inverse = args.scalars[3] !== 0 ? (others[counts ? 1 : 0].data as Uint32Array) : undefined
  const to = numbersOf(values)
  const from = numbersOf(row.elements)
  const start = rowStart(row.elements, 0)
  const stride = rowStride(row.elements)
  const isHalf = values.dtype === 'float16'
  const isFloat = isHalf || values.dtype.startsWith('float')
  let value = before
  for (let i = first; i < last; i++) {
    if (!row.equalsLast(i)) {
      let element = from[start + (row.order === undefined ? i : row.order[i]) * stride]
      if (isHalf) {
        if ((element & 0x7fff) > 0x7c00) element = 0x7e00
        else if ((element & 0x7fff) === 0) element = 0
      } else if (isFloat && element === 0) {
        element = 0
      }
      to[value] = element
      if (starts !== undefined) starts[value] = i
      value++
    }
    if (inverse !== undefined && row.order !== undefined) inverse[row.order[i]] = value - 1
  }
}

function takeCounts({ inputs, outputs, scratch }: ReferenceArguments, first: number): void {
  const n = inputs[1].shape[0]
  const found = outputs[0].shape[0]
  const starts = new Uint32Array(scratch, 0, found)
  const counts = outputs[1].data as Uint32Array
  const last = Math.min(found, first + chunk)
  for (let i = first; i < last; i++) counts[i] = (i + 1 < found ? starts[i + 1] : n) - starts[i]
}
