import type { View } from '../types.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'
import { makeFft } from './fourier.ts'

/**
 * Discrete Fourier transforms of lines; `scalars` are the length and the mode: 0 forward, 1 inverse, 2 of real numbers,
 * 3 back to real numbers. A block takes a few lines, each as a whole, in float64 whatever the dtype. Both parts change
 * places where the inverse is wanted.
 */
export const fftReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    const { lines, length, linesPerBlock } = cut(args)
    if (lines === 0 || length === 0) return { phases: [] }
    return { phases: [{ blocks: Math.ceil(lines / linesPerBlock) }] }
  },

  runBlock(args: ReferenceArguments, _phase: number, index: number): void {
    const { lines, length, mode, linesPerBlock } = cut(args)
    const [input] = args.inputs
    const [output] = args.outputs
    const last = Math.min(lines, (index + 1) * linesPerBlock)
    // Real numbers, an even number of them, are half as many complex ones (Cooley, Lewis and Welch 1970).
    const halved = mode >= realForward && length % 2 === 0
    const transform = makeFft(halved ? length / 2 : length)
    const roots = halved ? rootsOf(length) : none
    for (let line = index * linesPerBlock; line < last; line++) {
      if (mode === realForward) {
        const x = readReal(input, line, length, halved)
        const spectrum = transform(x)
        writeComplex(output, line, halved ? unpack(spectrum, roots) : spectrum, Math.floor(length / 2) + 1, 1)
      } else if (mode === realInverse) {
        const spectrum = readComplex(input, line, Math.floor(length / 2) + 1, false)
        const whole = halved ? pack(spectrum, length / 2, roots) : mirror(spectrum, length)
        writeReal(output, line, transform(swap(whole)), length, halved)
      } else {
        const result = transform(readComplex(input, line, length, mode === inverse))
        if (mode === inverse) writeComplex(output, line, swap(result), length, 1 / length)
        else writeComplex(output, line, result, length, 1)
      }
    }
  },
}

const inverse = 1
const realForward = 2
const realInverse = 3

/** Numbers that one block may take, where lines are short. */
const blockNumbers = 8192

const none = new Float64Array(0)

function cut({ inputs, scalars }: ReferenceArguments) {
  const [length, mode] = scalars
  const { shape } = inputs[0]
  let lines = 1
  for (let axis = 0; axis < shape.length - (mode === realForward ? 1 : 2); axis++) lines *= shape[axis]
  return { length, mode, lines, linesPerBlock: Math.max(1, Math.floor(blockNumbers / Math.max(1, length))) }
}

/** Index of the first element of a line, `inner` being how many axes the line has. */
function startOf({ shape, strides, offset }: View, line: number, inner: number): number {
  for (let axis = shape.length - inner - 1; axis >= 0; axis--) {
    offset += (line % shape[axis]) * strides[axis]
    line = Math.floor(line / shape[axis])
  }
  return offset
}

function readComplex(view: View, line: number, count: number, swapped: boolean): Float64Array {
  const { data, strides } = view
  const from = data as Float64Array
  const [step, part] = strides.slice(-2)
  const start = startOf(view, line, 2)
  const x = new Float64Array(2 * count)
  const first = swapped ? 1 : 0
  for (let i = 0, at = start; i < count; i++, at += step) {
    x[2 * i + first] = from[at]
    x[2 * i + 1 - first] = from[at + part]
  }
  return x
}

function writeComplex(view: View, line: number, x: Float64Array, count: number, scale: number): void {
  const { data, strides } = view
  const to = data as Float64Array
  const [step, part] = strides.slice(-2)
  const start = startOf(view, line, 2)
  for (let i = 0, at = start; i < count; i++, at += step) {
    to[at] = x[2 * i] * scale
    to[at + part] = x[2 * i + 1] * scale
  }
}

/** Real numbers as complex ones: two together where `halved`. */
function readReal(view: View, line: number, length: number, halved: boolean): Float64Array {
  const from = view.data as Float64Array
  const step = view.strides[view.strides.length - 1]
  const start = startOf(view, line, 1)
  const x = new Float64Array(halved ? length : 2 * length)
  const every = halved ? 1 : 2
  for (let i = 0; i < length; i++) x[every * i] = from[start + i * step]
  return x
}

/** The other way, from a transform of swapped numbers. */
function writeReal(view: View, line: number, x: Float64Array, length: number, halved: boolean): void {
  const to = view.data as Float64Array
  const step = view.strides[view.strides.length - 1]
  const start = startOf(view, line, 1)
  const scale = 1 / (halved ? length / 2 : length)
  for (let i = 0; i < length; i++) to[start + i * step] = x[halved ? i ^ 1 : 2 * i + 1] * scale
}

function swap(x: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i += 2) {
    const re = x[i]
    x[i] = x[i + 1]
    x[i + 1] = re
  }
  return x
}

/** exp(-2πi·k/n) for k up to n / 4. */
function rootsOf(n: number): Float64Array {
  const roots = new Float64Array(2 * (Math.floor(n / 4) + 1))
  for (let k = 0; 2 * k < roots.length; k++) {
    const angle = (-2 * Math.PI * k) / n
    roots[2 * k] = 4 * k === n ? 0 : Math.cos(angle)
    roots[2 * k + 1] = Math.sin(angle)
  }
  return roots
}

/** The spectrum of 2n real numbers from that of n pairs of them. */
function unpack(z: Float64Array, roots: Float64Array): Float64Array {
  const n = z.length / 2
  const x = new Float64Array(2 * n + 2)
  x[0] = z[0] + z[1]
  x[2 * n] = z[0] - z[1]
  for (let k = 1; 2 * k <= n; k++) {
    const a = 2 * k
    const b = 2 * (n - k)
    const evenRe = (z[a] + z[b]) / 2
    const evenIm = (z[a + 1] - z[b + 1]) / 2
    const oddRe = (z[a] - z[b]) / 2
    const oddIm = (z[a + 1] + z[b + 1]) / 2
    const re = oddRe * roots[a] - oddIm * roots[a + 1]
    const im = oddRe * roots[a + 1] + oddIm * roots[a]
    x[b] = evenRe - im
    x[b + 1] = -evenIm - re
    x[a] = evenRe + im
    x[a + 1] = evenIm - re
  }
  return x
}

/** The other way. */
function pack(x: Float64Array, n: number, roots: Float64Array): Float64Array {
  const z = new Float64Array(2 * n)
  z[0] = (x[0] + x[2 * n]) / 2
  z[1] = (x[0] - x[2 * n]) / 2
  for (let k = 1; 2 * k <= n; k++) {
    const a = 2 * k
    const b = 2 * (n - k)
    const evenRe = (x[a] + x[b]) / 2
    const evenIm = (x[a + 1] - x[b + 1]) / 2
    const oddRe = (x[a] - x[b]) / 2
    const oddIm = (x[a + 1] + x[b + 1]) / 2
    const re = oddRe * roots[a] + oddIm * roots[a + 1]
    const im = oddIm * roots[a] - oddRe * roots[a + 1]
    z[b] = evenRe + im
    z[b + 1] = re - evenIm
    z[a] = evenRe - im
    z[a + 1] = evenIm + re
  }
  return z
}

/** The whole spectrum of an odd number of real ones. */
function mirror(x: Float64Array, length: number): Float64Array {
  const whole = new Float64Array(2 * length)
  whole.set(x)
  whole[1] = 0
  for (let k = 1; 2 * k < length; k++) {
    whole[2 * (length - k)] = x[2 * k]
    whole[2 * (length - k) + 1] = -x[2 * k + 1]
  }
  return whole
}
