import type { Planned } from '../plan.ts'
import { viewOf } from '../plan.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { DType, View } from '../types.ts'

/** A correlation along one axis: out[i] = Σⱼ x[i + first + j]·w[j], with zeros around x. */
export interface LongTask {
  readonly x: View
  readonly w: View
  readonly out: View
  readonly first: number
}

/** Elements of the frames that are transformed together, so that they stay in cache. */
const groupElements = 1 << 18

/** How long signals are cut up. */
interface Cut {
  /** Length of a transform, and of the step from one frame to the next: as many sums are whole in each. */
  readonly length: number
  readonly hop: number
  readonly frames: number
  /** Nanoseconds of it all, on one thread. */
  readonly cost: number
}

/** The cheapest length of transforms for `sums` sums of `weights` products. */
export function cutFrames(dtype: DType, sums: number, weights: number): Cut {
  let best: Cut | undefined
  for (let length = 2 ** Math.ceil(Math.log2(2 * weights)); ; length *= 2) {
    const hop = length - weights + 1
    const frames = Math.ceil(sums / hop)
    const cost = frames * (transformCost(dtype, length) * 2 + length * 2) + transformCost(dtype, length)
    if (best === undefined || cost < best.cost) best = { length, hop, frames, cost }
    if (frames === 1 || length >= 64 * weights) return best
  }
}

/**
 * Overlap-save (Stockham 1966; Helms 1967): frames of x that overlap by the length of the weights are transformed, their
 * spectra multiplied by that of the weights, and of what comes back the sums that did not wrap round are kept.
 */
export function* convolveFrames<T>(name: string, { x, w, out, first }: LongTask, value: T): Steps<T> {
  const { dtype } = x
  const sums = out.shape[0]
  const [count, weights] = [x.shape[0], w.shape[0]]
  const { length, hop, frames } = cutFrames(dtype, sums, weights)
  const bins = length / 2 + 1
  const group = Math.min(frames, Math.max(1, Math.floor(groupElements / length)))
  const make = (size: number, shape: readonly number[]): View => viewOf(newArray(dtype, size, name), dtype, shape)
  const zero = make(1, [1])
  const real = make(group * length, [group * length])
  const spectra = make(group * 2 * bins, [group, bins, 2])
  const response = make(2 * bins, [1, bins, 2])

  // The weights the other way round, from the end of a frame; the first of them at its start.
  yield* run(copy(part(w, 0, 1), part(real, 0, 1), 0))
  yield* run(copy(reversed(part(w, 1, weights - 1)), part(real, length - weights + 1, weights - 1), 0))
  yield* run(transform(rows(real, 1, length, length), response, 2, 0))

  for (let frame = 0; frame < frames; frame += group) {
    const here = Math.min(group, frames - frame)
    const at = frame / frames
    // What the frames of this group reach of x, with zeros before and after.
    const span = (here - 1) * hop + length
    const start = frame * hop + first
    const before = Math.min(span, Math.max(0, -start))
    const end = Math.max(before, Math.min(span, count - start))
    if (before > 0) yield* run(copy(repeated(zero, before), part(real, 0, before), at))
    if (end > before) yield* run(copy(part(x, start + before, end - before), part(real, before, end - before), at))
    if (span > end) yield* run(copy(repeated(zero, span - end), part(real, end, span - end), at))
    const some = { ...spectra, shape: [here, bins, 2] }
    yield* run(transform(rows(real, here, hop, length), some, 2, at))
    yield* run(multiply(some, response, at))
    yield* run(transform(some, rows(real, here, length, length), 3, at))
    // The last frame of all may be cut short.
    const whole = Math.min(here, Math.floor((sums - frame * hop) / hop))
    const to = frame * hop
    if (whole > 0) {
      const target = part(out, to, whole * hop)
      const [step] = out.strides
      yield* run(
        copy(rows(real, whole, length, hop), { ...target, shape: [whole, hop], strides: [hop * step, step] }, at),
      )
    }
    if (whole < here) {
      const rest = sums - to - whole * hop
      yield* run(copy(part(real, whole * length, rest), part(out, to + whole * hop, rest), at))
    }
  }
  return value
}

function transformCost(dtype: DType, length: number): number {
  const beyondCache = length > groupElements ? 1.5 : 1
  return length * Math.log2(length) * beyondCache * (dtype === 'float32' ? 0.08 : 0.15)
}

function part(view: View, from: number, length: number): View {
  return { ...view, shape: [length], offset: view.offset + from * view.strides[0] }
}

function reversed(view: View): View {
  const [step] = view.strides
  return { ...view, strides: [0 - step], offset: view.offset + step * (view.shape[0] - 1) }
}

function repeated(view: View, times: number): View {
  return { ...view, shape: [times], strides: [0] }
}

function rows(view: View, count: number, step: number, length: number): View {
  return { ...view, shape: [count, length], strides: [step, 1] }
}

function copy(from: View, to: View, at: number): Planned<void> {
  return planned(
    'transpose',
    [from],
    to,
    [],
    from.shape.reduce((size, extent) => size * extent, 1),
    at,
  )
}

/** Mode 2 is from reals to half a spectrum, 3 the inverse. */
function transform(from: View, to: View, mode: 2 | 3, at: number): Planned<void> {
  const { shape } = mode === 2 ? from : to
  const length = shape[shape.length - 1]
  return planned('fft', [from], to, [length, mode], shape[0] * transformCost(from.dtype, length), at)
}

function multiply(spectra: View, response: View, at: number): Planned<void> {
  const [count, bins] = spectra.shape
  const flat = (view: View): View => ({ ...view, shape: [view.shape[0], 2 * bins], strides: [2 * bins, 1] })
  return planned('convolve', [flat(spectra), flat(response)], flat(spectra), [0, 0, 1], count * bins, at)
}

function planned(
  kernel: string,
  inputs: readonly View[],
  output: View,
  scalars: readonly number[],
  cost: number,
  at: number,
): Planned<void> {
  const plan = { kernel, inputs, outputs: [output], scalars, freshOutputs: false, cost: 300 + cost }
  return { plan, part: [at, at], value: () => undefined }
}
