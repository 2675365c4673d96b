import { checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import type { Work } from '../steps.ts'
import { newResult } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { floatTypes } from './float.ts'
import type { Float, FloatOf } from './float.ts'
import { convolveFrames, cutFrames } from './overlap-save.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult } from './sort.ts'

const modes = ['full', 'same', 'valid'] as const
const methods = ['auto', 'direct', 'fft'] as const

/** Options of {@link convolve} and {@link correlate}. */
export interface ConvolveOptions extends TaskOptions {
  /**
   * Which sums are given. 'full': all in which `x` and `kernel` meet, n + m - 1 along an axis. 'same': the middle ones,
   * as many as `x` has; of two middles the first. 'valid': those in which the smaller lies wholly within the larger,
   * |n - m| + 1.
   * @default 'full'
   */
  mode?: 'full' | 'same' | 'valid' | undefined
  /**
   * How sums are made: 'direct' from their products, 'fft' by transforms of signals (one axis alone), whose rounding
   * errors are those of the greatest sums around, and where a NaN or an infinity spreads to them. 'auto' takes what is
   * faster, but transforms only from some hundred elements in the kernel up.
   * @default 'auto'
   */
  method?: 'auto' | 'direct' | 'fft' | undefined
  /**
   * Receives the result; of the result's shape and type, apart from `x` and `kernel` in memory.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** `convolve` and `correlate`. */
export interface Convolution {
  <X extends ArrayInput<Float>>(x: X, kernel: ArrayInput<FloatOf<X>>, options?: ConvolveOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(x: X, kernel: ArrayInput<FloatOf<X>>, options?: ConvolveOptions): ArrayResult<X>
}

/** Plans a convolution, or with `flipped` off a correlation: the kernel is the same one read the other way round. */
export function planConvolution(name: string, flipped: boolean, args: readonly unknown[], raw: object): Work<unknown> {
  const { view: x, isArray } = readInput('x', args[0], floatTypes)
  const kernel = readInput('kernel', args[1], floatTypes).view
  if (kernel.dtype !== x.dtype)
    throw typeMisuse('kernel', `of the same type as \`x\`, which is ${x.dtype}`, kernel.data)
  const rank = x.shape.length
  if (rank !== 1 && rank !== 2) throw rangeMisuse('x.shape', 'one or two lengths', x.shape)
  if (kernel.shape.length !== rank) throw rangeMisuse('kernel.shape', `${rank} lengths, as \`x\` has`, kernel.shape)
  checkElements('x', x)
  checkElements('kernel', kernel)
  const { mode, method: givenMethod } = raw as ConvolveOptions
  const method = givenMethod === undefined ? 'auto' : checkWord('method', givenMethod, methods)
  if (method === 'fft' && rank === 2) throw rangeMisuse('method', "'auto' or 'direct', as `x` has two axes", method)
  const spans = spansOf(mode === undefined ? 'full' : checkWord('mode', mode, modes), x.shape, kernel.shape)
  const shape = spans.map(({ length }) => length)
  const out = readOut(raw, x.dtype, shape, [x, kernel], false)
  const size = sizeOf(shape)
  const fresh = out === undefined ? newResult(x.dtype, size, name) : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, x.dtype, shape)

  // The shorter of the two slides over the longer, whichever is which.
  const turn = sizeOf(kernel.shape) > sizeOf(x.shape)
  const weights = flipped ? reversed(kernel) : kernel
  const [over, by] = turn ? [reversed(weights), reversed(x)] : [x, weights]
  const firsts = spans.map(({ start }, axis) => start - (by.shape[axis] - 1))
  const target = out?.given ?? (fresh as TypedArray)
  const given = isArray || target instanceof NDArray ? target : new NDArray(target, shape)
  const cost = 300 + size * sizeOf(by.shape) * (x.dtype === 'float32' ? 0.02 : 0.04) + size * 0.3
  if (method !== 'direct' && rank === 1 && isForTransforms(method, cost, size, by)) {
    return convolveFrames(name, { x: over, w: by, out: result, first: firsts[0] }, given)
  }
  return {
    plan: {
      kernel: 'convolve',
      inputs: [asMatrix(over), asMatrix(by)],
      outputs: [asMatrix(result)],
      scalars: rank === 1 ? [0, firsts[0]] : firsts,
      freshOutputs: out === undefined,
      cost,
    },
    value: () => given,
  }
}

/** Kernels shorter than this are never transformed: sums of few products keep their precision. */
const fewWeights = 128

function isForTransforms(method: 'auto' | 'fft', cost: number, sums: number, weights: View): boolean {
  const [length] = weights.shape
  if (method === 'fft') return length > 1
  return length >= fewWeights && cost > 200_000 && cutFrames(weights.dtype, sums, length).cost < cost
}

function checkElements(name: string, { shape }: View): void {
  if (sizeOf(shape) === 0) throw rangeMisuse(`${name}.shape`, 'at least one element', shape)
}

interface Span {
  readonly length: number
  /** Which of the full sums is the first. */
  readonly start: number
}

function spansOf(mode: (typeof modes)[number], x: readonly number[], kernel: readonly number[]): Span[] {
  if (mode === 'valid' && x.some((n, axis) => n < kernel[axis]) && x.some((n, axis) => n > kernel[axis])) {
    throw rangeMisuse('kernel.shape', `within or around [${x.join(', ')}] along every axis, as mode is 'valid'`, kernel)
  }
  return x.map((n, axis) => {
    const m = kernel[axis]
    if (mode === 'full') return { length: n + m - 1, start: 0 }
    if (mode === 'same') return { length: n, start: Math.floor((m - 1) / 2) }
    return { length: Math.abs(n - m) + 1, start: Math.min(n, m) - 1 }
  })
}

function reversed(view: View): View {
  const { shape, strides } = view
  const last = strides.reduce((at, stride, axis) => at + stride * (shape[axis] - 1), view.offset)
  return { ...view, strides: strides.map((stride) => 0 - stride), offset: last }
}

function asMatrix(view: View): View {
  if (view.shape.length === 2) return view
  return { ...view, shape: [1, view.shape[0]], strides: [0, view.strides[0]] }
}
