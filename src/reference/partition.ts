import type { Reference, ReferenceArguments } from './reference.ts'
import { selectRanks } from './select.ts'
import { numbersOf, rowCount, rowLength, rowStart, rowStride } from './words.ts'
import { float16Bits, float16Key, float16NaN } from './sort.ts'

/**
 * The rows of inputs[0] with the element of rank `scalars[0]` in its place, what comes before it before and what comes
 * after it after, in the order of the input; `scalars[1]` other than 0 orders descending. NaN comes after all either way.
 */
export const partitionReference: Reference = {
  prepare({ inputs }) {
    const n = rowLength(inputs[0])
    return { phases: [{ blocks: n === 0 ? 0 : Math.ceil(rowCount(inputs[0]) / rowsPerBlock(n)) }] }
  },

  runBlock(args, _phase, index) {
    const step = rowsPerBlock(rowLength(args.inputs[0]))
    const last = Math.min(rowCount(args.inputs[0]), (index + 1) * step)
    for (let row = index * step; row < last; row++) partitionRow(args, row)
  },
}

function rowsPerBlock(n: number): number {
  return Math.max(1, Math.floor(16_384 / n))
}

/** Typed as numbers whatever they are; float16 as ordered integers. */
function readKeys({ inputs }: ReferenceArguments, row: number): Float64Array {
  const [input] = inputs
  const n = rowLength(input)
  const data = numbersOf(input)
  const start = rowStart(input, row)
  const stride = rowStride(input)
  const isHalf = input.dtype === 'float16'
  const Keys = (isHalf ? Int16Array : input.data.constructor) as Float64ArrayConstructor
  const keys = new Keys(n)
  for (let i = 0; i < n; i++) {
    const element = data[start + i * stride]
    keys[i] = isHalf ? float16Key(element) : element
  }
  return keys
}

function partitionRow(args: ReferenceArguments, row: number): void {
  const [output] = args.outputs
  const [k, descending] = args.scalars
  const isHalf = output.dtype === 'float16'
  const keys = readKeys(args, row)
  const isNaN = (key: number) => (isHalf ? key === float16NaN : key !== key)
  const selected = keys.filter((key) => !isNaN(key))
  const to = numbersOf(output)
  const stride = rowStride(output)
  let at = rowStart(output, row)
  const put = (key: number) => {
    to[at] = isHalf ? float16Bits(key) : key
    at += stride
  }
  let sides: Int8Array
  if (k >= selected.length) {
    sides = Int8Array.from(keys, (key) => (isNaN(key) ? 0 : -1))
  } else {
    const rank = descending === 1 ? selected.length - 1 - k : k
    selectRanks(selected, [rank])
    sides = sidesOf(keys, selected[rank], isHalf)
    if (descending === 1) sides.forEach((side, i) => (sides[i] = -side))
    keys.forEach((key, i) => isNaN(key) && (sides[i] = 1))
  }
  for (let side = -1; side <= 1; side++) {
    for (let i = 0; i < keys.length; i++) if (sides[i] === side) put(keys[i])
  }
}

/** -1 for what is below the pivot, 1 for what is above. */
function sidesOf(keys: Float64Array, pivot: number, isInteger: boolean): Int8Array {
  const sides = new Int8Array(keys.length)
  const isZero = !isInteger && typeof pivot === 'number' && pivot === 0
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]
    if (key < pivot) sides[i] = -1
    else if (key > pivot) sides[i] = 1
    else if (isZero) sides[i] = Math.sign(1 / key) === Math.sign(1 / pivot) ? 0 : Math.sign(1 / key)
  }
  return sides
}
