import type { TypedArray } from '../types.ts'
import { domains, fillWords, groupWords, mantissa, MoreDraws, stateOf } from './draws.ts'
import { exp, log } from './math.ts'
import { upperWord } from './multiply.ts'
import { permutationBlock, preparePermutation } from './permutation.ts'
import type { Layout, Reference, ReferenceArguments } from './reference.ts'
import { exponentialZiggurat, normalZiggurat } from './ziggurat.ts'
import type { Ziggurat } from './ziggurat.ts'

/** The number of a distribution in scalars[0]; the scalars are described in native/kernels/random_plan.h. */
export const kinds = { uniform: 0, normal: 1, integers: 2, exponential: 3, permutation: 4 } as const

/** How an integer comes from random bits: 32 bits by multiplication, 32 bits as they are, 64 bits under a mask. */
export const methods = { multiply: 0, word: 1, mask: 2 } as const

/** Elements made at a time; a multiple of what a group of words gives. */
const piece = 1024
const blockElements = 65536

/**
 * Random numbers. Every element is a function of seed, stream and its index, made by the operations of
 * native/kernels/random.cc in their order: the same bits, a tolerance of zero.
 */
export const randomReference: Reference = {
  prepare(args: ReferenceArguments): Layout {
    if (args.scalars[0] === kinds.permutation) return preparePermutation(args)
    const n = args.outputs[0].shape[0]
    return { phases: n === 0 ? [] : [{ blocks: Math.ceil(n / blockElements) }] }
  },

  runBlock(args: ReferenceArguments, phase: number, index: number): void {
    const [kind] = args.scalars
    if (kind === kinds.permutation) return permutationBlock(args, phase, index)
    const fill = [fillUniform, fillNormal, fillIntegers, fillExponential][kind](args)
    const [{ data, offset, shape }] = args.outputs
    const last = Math.min(shape[0], (index + 1) * blockElements)
    for (let first = index * blockElements; first < last; first += piece) {
      const count = Math.min(piece, last - first)
      fill(first, count, data, offset + first)
    }
  },
}

/** Writes `count` elements from number `first` on to data[at...]. */
type Fill = (first: number, count: number, data: TypedArray, at: number) => void

const words = new Uint32Array(2 * piece)

/** The first draw of 64 bits of each of `count` elements, as pairs in `words`. */
function draw64(state: Int32Array, first: number, count: number): void {
  fillWords(state, (first * 2) / groupWords, Math.ceil((count * 2) / groupWords), words)
}

/** The first draw of 32 bits of each of `count` elements, in `words`. */
function draw32(state: Int32Array, first: number, count: number): void {
  fillWords(state, first / groupWords, Math.ceil(count / groupWords), words)
}

/** low + u (high - low), below high whatever the rounding. */
function fillUniform(args: ReferenceArguments): Fill {
  const [, , , low, range, last] = args.scalars
  if (args.outputs[0].dtype === 'float32') {
    const state = stateOf(args, domains.uniform32)
    return (first, count, data, at) => {
      draw32(state, first, count)
      for (let i = 0; i < count; i++) {
        const u = (words[i] >>> 8) * 2 ** -24
        data[at + i] = Math.min(Math.fround(low + Math.fround(u * range)), last)
      }
    }
  }
  const state = stateOf(args, domains.uniform64)
  return (first, count, data, at) => {
    draw64(state, first, count)
    for (let i = 0; i < count; i++) {
      const u = mantissa(words[2 * i], words[2 * i + 1]) * 2 ** -53
      data[at + i] = Math.min(low + u * range, last)
    }
  }
}

/** mean + std z. Of the 64 bits of a draw 8 choose the layer, one the sign, and 53 the place in the layer. */
function fillNormal(args: ReferenceArguments): Fill {
  const [, , , mean, std] = args.scalars
  const isStandard = mean === 0 && std === 1
  const { widths, limits } = normalZiggurat
  const state = stateOf(args, domains.normal)
  const more = new MoreDraws(state)
  return (first, count, data, at) => {
    draw64(state, first, count)
    for (let i = 0; i < count; i++) {
      const bits = words[2 * i]
      const place = mantissa(bits, words[2 * i + 1])
      let z = place * widths[bits & 255]
      if (!(place < limits[bits & 255])) z = resolveNormal(bits, place, more.open(first + i, (first + i) / 2 ** 32))
      else if ((bits & 256) !== 0) z = -z
      data[at + i] = isStandard ? z : mean + std * z
    }
  }
}

function resolveNormal(bits: number, place: number, more: MoreDraws): number {
  const { tail, widths, limits } = normalZiggurat
  for (;;) {
    const layer = bits & 255
    const sign = (bits & 256) === 0 ? 1 : -1
    const z = place * widths[layer]
    if (place < limits[layer]) return sign * z
    if (layer === 0) {
      // The tail, by Marsaglia ("Generating a variable from the tail of the normal distribution", 1964).
      let a: number
      let b: number
      do {
        a = -log(1 - more.unit()) / tail
        b = -log(1 - more.unit())
      } while (b + b < a * a)
      return sign * (tail + a)
    }
    if (isUnder(normalZiggurat, layer, more.unit(), exp(-0.5 * z * z))) return sign * z
    bits = more.next32()
    place = mantissa(bits, more.next32())
  }
}

/** Whether a point at height u of the part of a layer that the density crosses is under the density. */
function isUnder({ heights }: Ziggurat, layer: number, u: number, density: number): boolean {
  return heights[layer] + u * (heights[layer + 1] - heights[layer]) < density
}

/** scale times a number of the exponential distribution. */
function fillExponential(args: ReferenceArguments): Fill {
  const [, , , scale] = args.scalars
  const { widths, limits } = exponentialZiggurat
  const state = stateOf(args, domains.exponential)
  const more = new MoreDraws(state)
  return (first, count, data, at) => {
    draw64(state, first, count)
    for (let i = 0; i < count; i++) {
      const bits = words[2 * i]
      const place = mantissa(bits, words[2 * i + 1])
      const x =
        place < limits[bits & 255]
          ? place * widths[bits & 255]
          : resolveExponential(bits, place, more.open(first + i, (first + i) / 2 ** 32))
      data[at + i] = scale * x
    }
  }
}

function resolveExponential(bits: number, place: number, more: MoreDraws): number {
  const { tail, widths, limits } = exponentialZiggurat
  let start = 0
  for (;;) {
    const layer = bits & 255
    const x = place * widths[layer]
    if (place < limits[layer]) return start + x
    // What lies beyond the tail's edge is distributed as the whole.
    if (layer === 0) start += tail
    else if (isUnder(exponentialZiggurat, layer, more.unit(), exp(-x))) return start + x
    bits = more.next32()
    place = mantissa(bits, more.next32())
  }
}

/** low + an integer from 0 to `most`, each as likely as any other. */
function fillIntegers(args: ReferenceArguments): Fill {
  const [, , , method, mostLow, mostHigh, lowLow, lowHigh] = args.scalars
  const { dtype } = args.outputs[0]
  const draw = method === methods.mask ? maskedOffsets(args, mostLow, mostHigh) : wordOffsets(args, method, mostLow)
  if (dtype === 'bigint64' || dtype === 'biguint64') {
    const low = BigInt(lowHigh) * 2n ** 32n + BigInt(lowLow)
    return (first, count, data, at) => {
      draw(first, count)
      const numbers = data as BigInt64Array
      for (let i = 0; i < count; i++) {
        numbers[at + i] = low + BigInt(words[2 * i + 1]) * 2n ** 32n + BigInt(words[2 * i])
      }
    }
  }
  // Of 2^32 and more, an unsigned word is what a signed one means too.
  const low = (lowHigh >= 2 ** 31 ? lowHigh - 2 ** 32 : lowHigh) * 2 ** 32 + lowLow
  return (first, count, data, at) => {
    draw(first, count)
    for (let i = 0; i < count; i++) data[at + i] = low + (words[2 * i + 1] * 2 ** 32 + words[2 * i])
  }
}

/**
 * Offsets of at most 32 bits, as pairs of words: the upper word of draw · range, unless the lower one shows a draw that
 * would favour some offsets (Lemire, "Fast Random Integer Generation in an Interval", 2019).
 */
function wordOffsets(args: ReferenceArguments, method: number, most: number): (first: number, count: number) => void {
  const state = stateOf(args, domains.integers32)
  const more = new MoreDraws(state)
  const range = most + 1
  const threshold = method === methods.word ? 0 : 2 ** 32 % range
  return (first, count) => {
    draw32(state, first, count)
    for (let i = count - 1; i >= 0; i--) {
      let word = words[i]
      if (method === methods.multiply) {
        if (Math.imul(word, range) >>> 0 < threshold) {
          more.open(first + i, (first + i) / 2 ** 32)
          do word = more.next32()
          while (Math.imul(word, range) >>> 0 < threshold)
        }
        word = upperWord(word, range)
      }
      words[2 * i] = word
      words[2 * i + 1] = 0
    }
  }
}

/** Offsets of up to 64 bits: random bits of the length of the greatest offset, again while they are above it. */
function maskedOffsets(
  args: ReferenceArguments,
  mostLow: number,
  mostHigh: number,
): (first: number, count: number) => void {
  const state = stateOf(args, domains.integers64)
  const more = new MoreDraws(state)
  const mask = mostHigh === 0 ? 0 : 0xffffffff >>> Math.clz32(mostHigh)
  return (first, count) => {
    draw64(state, first, count)
    for (let i = 0; i < count; i++) {
      let low = words[2 * i]
      let high = (words[2 * i + 1] & mask) >>> 0
      if (high > mostHigh || (high === mostHigh && low > mostLow)) {
        more.open(first + i, (first + i) / 2 ** 32)
        do {
          low = more.next32()
          high = (more.next32() & mask) >>> 0
        } while (high > mostHigh || (high === mostHigh && low > mostLow))
        words[2 * i] = low
      }
      words[2 * i + 1] = high
    }
  }
}
