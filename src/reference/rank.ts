import type { Reference, ReferenceArguments } from './reference.ts'
import { numbersOf, rowCount, rowLength, rowStart, rowStride } from './words.ts'

/**
 * Ranks from the sorted order (inputs[0]), flags of what equals the one before (inputs[1]) and the elements (inputs[2],
 * looked at for NaN alone); `scalars[0]` is the method, as in native/kernels/rank.cc.
 */
export const rankReference: Reference = {
  prepare({ inputs }) {
    const n = rowLength(inputs[0])
    return { phases: [{ blocks: n === 0 ? 0 : Math.ceil(rowCount(inputs[0]) / rowsPerBlock(n)) }] }
  },

  runBlock(args, _phase, index) {
    const n = rowLength(args.inputs[0])
    const step = rowsPerBlock(n)
    const last = Math.min(rowCount(args.inputs[0]), (index + 1) * step)
    for (let row = index * step; row < last; row++) rankRow(args, row, n)
  },
}

function rowsPerBlock(n: number): number {
  return Math.max(1, Math.floor(65_536 / n))
}

function rankRow(args: ReferenceArguments, row: number, n: number): void {
  const [ordered, flagged, elements] = args.inputs
  const [output] = args.outputs
  const [method] = args.scalars
  const order = (ordered.data as Uint32Array).subarray(row * n, (row + 1) * n)
  const flags = (flagged.data as Uint8Array).subarray(row * n, (row + 1) * n)
  const to = output.data as Float64Array
  const start = rowStart(output, row)
  const stride = rowStride(output)
  const last = numbersOf(elements)[rowStart(elements, row) + order[n - 1] * rowStride(elements)]
  const endsWithNaN = elements.dtype === 'float16' ? (last & 0x7fff) > 0x7c00 : last !== last
  let value = 0
  for (let first = 0, end = 0; first < n; first = end) {
    end = first + 1
    while (end < n && flags[end] === 1) end++
    value++
    const isNaN = end === n && endsWithNaN
    let rank = first + 1
    if (isNaN) rank = NaN
    else if (method === 0) rank = (first + 1 + end) / 2
    else if (method === 2) rank = end
    else if (method === 3) rank = value
    for (let i = first; i < end; i++) to[start + order[i] * stride] = method === 4 && !isNaN ? i + 1 : rank
  }
}
