import type { Reference } from './reference.ts'
import { float16Key } from './sort.ts'
import { numbersOf, rowCount, rowLength, rowStart, rowStride } from './words.ts'

/**
 * Where each element of inputs[1] belongs in the sorted row inputs[0]; `scalars[0]` other than 0 after its equals. -0
 * equals +0, NaN is above all. A binary search each.
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
    const last = Math.min(line, first + chunk)
    const keyOf = sorted.dtype === 'float16' ? halfKey : (element: number) => element
    const elements = numbersOf(sorted)
    const wanted = numbersOf(values)
    const to = numbersOf(output)
    const after = args.scalars[0] === 1
    const [stride] = sorted.strides
    const { offset } = sorted
    const from = rowStart(values, row)
    const start = rowStart(output, row)
    for (let i = first; i < last; i++) {
      const value = keyOf(wanted[from + i * rowStride(values)])
      const isNaN = value !== value
      let least = 0
      let most = sorted.shape[0]
      while (least < most) {
        const middle = Math.floor((least + most) / 2)
        const key = keyOf(elements[offset + middle * stride])
        const isBelow = isNaN ? after || key === key : after ? key <= value : key < value
        if (isBelow) least = middle + 1
        else most = middle
      }
      to[start + i * rowStride(output)] = least
    }
  },
}

const chunk = 4096

/** Ordered integers for float16: -0 as +0, NaN the greatest. */
function halfKey(bits: number): number {
  return bits === 0x8000 ? 0 : float16Key(bits)
}
