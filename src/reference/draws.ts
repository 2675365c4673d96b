import { chachaGroup } from './chacha.ts'
import type { ReferenceArguments } from './reference.ts'

/** What draws are for: each has numbers of its own. As in native/kernels/random_plan.h. */
export const domains = {
  uniform64: 1,
  uniform32: 2,
  normal: 3,
  exponential: 4,
  integers32: 5,
  integers64: 6,
  buckets: 7,
  swaps: 8,
} as const

export const laneCount = 16
export const groupWords = 256

/** Added to the domain for what an element draws when its first draw did not do. */
const again = 0x80000000

/** ChaCha's input: a constant, seed and stream, a constant, the counter, the domain and the attempt. */
export function stateOf({ scalars }: ReferenceArguments, domain: number): Int32Array {
  const [, seed, stream] = scalars
  // Typed arrays take numbers modulo 2^32, without their fractions.
  const state = new Int32Array(16)
  state.set([0x61707865, 0x3320646e, 0x79622d32, 0x6b206574])
  state.set([seed, seed / 2 ** 32, stream, stream / 2 ** 32], 4)
  state.set([0x6c66666f, 0x20706f6f, 0x646e6172, 0x31206d6f], 8)
  state[14] = domain
  return state
}

const low = new Int32Array(laneCount)
const high = new Int32Array(laneCount)

/** The words of groups first to first + count - 1, 256 each: word w of block b of a group is number 16 w + b. */
export function fillWords(state: Int32Array, first: number, count: number, to: Uint32Array): void {
  for (let group = first; group < first + count; group++) {
    const counter = group * laneCount
    for (let lane = 0; lane < laneCount; lane++) low[lane] = counter + lane
    high.fill(counter / 2 ** 32)
    chachaGroup(state, low, high, laneCount, to, (group - first) * groupWords)
  }
}

/**
 * What one element draws after its first draw: the words of block `element` of the domain for that, from attempt 0 on.
 * One object serves element after element.
 */
export class MoreDraws {
  readonly #state: Int32Array
  readonly #words = new Uint32Array(groupWords)
  /** Words of the element's number. */
  #low = 0
  #high = 0
  #at = 0

  constructor(state: Int32Array) {
    this.#state = state.slice()
    this.#state[14] |= again
  }

  /** Begins with the draws of element elementLow + 2^32 elementHigh; more than 32 bits of either don't count. */
  open(elementLow: number, elementHigh: number): this {
    this.#low = elementLow
    this.#high = elementHigh
    this.#state[15] = 0
    this.#refill()
    return this
  }

  next32(): number {
    if (this.#at === 16) {
      this.#state[15]++
      this.#refill()
    }
    return this.#words[laneCount * this.#at++]
  }

  /** From 0 up to 1, excluded, in steps of 2^-53. */
  unit(): number {
    const low32 = this.next32()
    return mantissa(low32, this.next32()) * 2 ** -53
  }

  #refill(): void {
    low[0] = this.#low
    high[0] = this.#high
    chachaGroup(this.#state, low, high, 1, this.#words, 0)
    this.#at = 0
  }
}

/** The upper 53 of 64 random bits. */
export function mantissa(low32: number, high32: number): number {
  return high32 * 2 ** 21 + (low32 >>> 11)
}
