import { checkInteger } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { NDArray, rowMajor, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { permute, readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import { newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** @inline */
type Float = Float32Array | Float64Array

/** Options of `fft`, `ifft`, `rfft` and `irfft`. */
export interface FftOptions extends TaskOptions {
  /**
   * The length of a transform: a flat array of many such is a batch, and every one is transformed by itself. For
   * `irfft` the length of its result, which may be odd.
   * @default one transform of all there is; for `irfft` 2 (m - 1) of m complex numbers
   */
  n?: number | undefined
  /**
   * The axis of an n-d view to transform along. The axis of re and im does not count.
   * @default -1, the last
   */
  axis?: number | undefined
  /**
   * Receives the result. For `fft` and `ifft` it may be `x` itself, to transform in place.
   * @default a new array
   */
  out?: ArrayInput<Float> | undefined
}

/** The modes of native/kernels/fft_plan.h. */
export type FftMode = 0 | 1 | 2 | 3

/** What a transform takes and gives, and its number. */
export interface FftShape {
  readonly mode: FftMode
  readonly name: string
  readonly realInput: boolean
  readonly realOutput: boolean
}

const floats: readonly DType[] = ['float64', 'float32']
const mostLength = 2 ** 48

/** Plans any of the transforms. */
export function planFft(shape: FftShape, args: readonly unknown[], raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', args[0], floats)
  const options = raw as FftOptions
  return isArray ? planFlat(shape, view, options) : planAxis(shape, view, options)
}

// A bare array: transforms one after another.
function planFlat(shape: FftShape, view: View, options: FftOptions): Planned<unknown> {
  const { realInput, realOutput } = shape
  const total = view.shape[0]
  if (!realInput && total % 2 !== 0) {
    throw rangeMisuse('x.length', 'an even number, as re and im take turns', total)
  }
  if (options.axis !== undefined) checkInteger('axis', options.axis, -1, 0)
  const n = readLength(shape, options, realInput ? total : total / 2)
  const half = Math.floor(n / 2) + 1
  const taken = realInput ? n : 2 * (realOutput ? half : n)
  if (taken > 0 && total % taken !== 0) {
    throw rangeMisuse('x.length', `a multiple of ${taken}, as \`n\` is ${n}`, total)
  }
  const lines = taken === 0 ? 0 : total / taken
  const given = realOutput ? n : 2 * (realInput ? half : n)
  const size = lines * given
  const out = readOut(options, view.dtype, [size], [view], !realInput && !realOutput)
  const fresh = out === undefined ? newArray(view.dtype, size, shape.name) : undefined
  const { data, offset, strides } = out?.view ?? viewOf(fresh as TypedArray, view.dtype, [size])
  const result = out === undefined ? fresh : out.given
  const step = strides[0]
  return {
    plan: {
      kernel: 'fft',
      inputs: [lined(view, lines, realInput ? [n] : [taken / 2, 2], 1)],
      outputs: [lined({ ...view, data, offset }, lines, realOutput ? [n] : [given / 2, 2], step)],
      scalars: [n, shape.mode],
      freshOutputs: out === undefined,
      cost: costOf(shape, n, lines, view.dtype),
    },
    value: () => result,
  }
}

function lined(view: View, lines: number, line: readonly number[], step: number): View {
  const shape = [lines, ...line]
  const strides = rowMajor(shape)
  return { ...view, shape, strides: step === 1 ? strides : strides.map((stride) => stride * step) }
}

function readLength(shape: FftShape, options: FftOptions, count: number): number {
  if (options.n !== undefined) return checkInteger('n', options.n, 1, mostLength)
  if (shape.realOutput) {
    if (count < 2) throw rangeMisuse('x.length', 'at least 4, or `n` to be given', 2 * count)
    return 2 * (count - 1)
  }
  if (shape.realInput && count === 0) throw rangeMisuse('x.length', 'at least 1', count)
  return count
}

// An n-d view: transforms along one axis of it.
function planAxis(shape: FftShape, view: View, options: FftOptions): Planned<unknown> {
  const { realInput, realOutput } = shape
  const rank = view.shape.length - (realInput ? 0 : 1)
  if (rank < 1 || (!realInput && view.shape[rank] !== 2)) {
    throw rangeMisuse('x.shape', realInput ? 'at least one axis' : '[..., n, 2], with re and im along the last axis', [
      ...view.shape,
    ])
  }
  const given = options.axis === undefined ? -1 : checkInteger('axis', options.axis, -rank, rank - 1)
  const axis = given < 0 ? given + rank : given
  const extent = view.shape[axis]
  const n = readExtent(shape, options, extent)
  const outExtent = realOutput ? n : realInput ? Math.floor(n / 2) + 1 : n
  const axes = view.shape.slice(0, rank)
  axes[axis] = outExtent
  const outShape = realOutput ? axes : [...axes, 2]
  const out = readOut(options, view.dtype, outShape, [view], !realInput && !realOutput)
  const size = sizeOf(outShape)
  const fresh = out === undefined ? newArray(view.dtype, size, shape.name) : undefined
  const output = out?.view ?? viewOf(fresh as TypedArray, view.dtype, outShape)
  const result = out?.given ?? new NDArray(fresh as TypedArray, outShape)
  const order = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)
  order.push(axis)
  return {
    plan: {
      kernel: 'fft',
      inputs: [permute(view, realInput ? order : [...order, rank])],
      outputs: [permute(output, realOutput ? order : [...order, rank])],
      scalars: [n, shape.mode],
      freshOutputs: out === undefined,
      cost: costOf(shape, n, outExtent === 0 ? 0 : size / outExtent / (realOutput ? 1 : 2), view.dtype),
    },
    value: () => result,
  }
}

function readExtent(shape: FftShape, options: FftOptions, extent: number): number {
  const { n } = options
  if (shape.realOutput) {
    if (n === undefined) {
      if (extent < 2) throw rangeMisuse('x.shape', 'at least 2 along `axis`, or `n` to be given', extent)
      return 2 * (extent - 1)
    }
    const length = checkInteger('n', n, 1, mostLength)
    if (Math.floor(length / 2) + 1 !== extent) {
      throw rangeMisuse('n', `${2 * (extent - 1)} or ${2 * extent - 1}, as \`x\` has ${extent} along \`axis\``, n)
    }
    return length
  }
  if (n !== undefined && checkInteger('n', n, 1, mostLength) !== extent) {
    throw rangeMisuse('n', `${extent}, the extent of \`x\` along \`axis\``, n)
  }
  if (shape.realInput && extent === 0) throw rangeMisuse('x.shape', 'at least 1 along `axis`', extent)
  return extent
}

const radices = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31]

// Nanoseconds at AVX2: about log2 n steps a number; prime lengths take three transforms of more than twice the length.
function costOf({ realInput, realOutput }: FftShape, n: number, lines: number, dtype: DType): number {
  if (n <= 1) return 200 + lines
  let rest = n
  for (const radix of radices) while (rest % radix === 0) rest /= radix
  const step = (dtype === 'float32' ? 0.06 : 0.12) * (rest === 1 ? 1 : 7)
  const half = (realInput || realOutput) && n % 2 === 0 ? 0.6 : 1
  return 400 + 10 * Math.min(n, 1024) ** 0.75 + n * lines * (1 + Math.log2(n) * step) * half
}
