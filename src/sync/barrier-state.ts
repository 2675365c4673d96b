// The state of a barrier in one 64-bit word, so that each step is one compare-and-exchange: a round that has been broken
// can't be completed, nor the other way round. Who sleeps through what comes after must still learn how its own round
// ended, so each repair notes which round it was that broke, before it is over.

/** Words: state (two of them), parties, and the rounds that broke, by the number of the break. */
export const at = { state: 0, parties: 2, broken: 3 } as const
const noted = 64
export const barrierWords = at.broken + noted

/** The fields of the word, from below: broken 1 bit, waiting 16, breaks 15, round 32. */
const waitingShift = 1n
const breaksShift = 17n
const roundShift = 32n
const one = 1n << waitingShift

const waitingOf = (state: bigint): number => Number((state >> waitingShift) & 0xffffn)
const breaksOf = (state: bigint): number => Number((state >> breaksShift) & 0x7fffn)
const roundOf = (state: bigint): number => Number((state >> roundShift) & 0xffffffffn)
const isBroken = (state: bigint): boolean => (state & 1n) === 1n
const pack = (round: number, breaks: number): bigint =>
  (BigInt(round >>> 0) << roundShift) | (BigInt(breaks & 0x7fff) << breaksShift)

/** One that has arrived, and in which round. */
export interface Arrival {
  readonly index: number
  readonly round: number
  readonly breaks: number
}

export class BarrierState {
  readonly #words: Int32Array
  readonly #state: BigUint64Array

  constructor(words: Int32Array) {
    this.#words = words
    this.#state = new BigUint64Array(words.buffer, words.byteOffset, 1)
  }

  get parties(): number {
    return Atomics.load(this.#words, at.parties)
  }

  get waiting(): number {
    return waitingOf(this.#load())
  }

  get broken(): boolean {
    return isBroken(this.#load())
  }

  /** Counts one more; the last one ends the round. Undefined when the barrier is broken. */
  arrive(): Arrival | undefined {
    for (let state = this.#load(); ;) {
      if (isBroken(state)) return undefined
      const index = waitingOf(state)
      const round = roundOf(state)
      const breaks = breaksOf(state)
      const next = index + 1 === this.parties ? pack(round + 1, breaks) : state + one
      const found = this.#exchange(state, next)
      if (found === state) return { index, round, breaks }
      state = found
    }
  }

  /** How the round of an arrival has ended; undefined when it has not. */
  outcome({ round, breaks }: Arrival): 'passed' | 'broken' | undefined {
    const state = this.#load()
    if (breaksOf(state) !== breaks) return this.#noted(breaks) === round ? 'broken' : 'passed'
    if (roundOf(state) !== round) return 'passed'
    return isBroken(state) ? 'broken' : undefined
  }

  /** Breaks the barrier: the round of an arrival, if it has not ended, or whatever round it is. Whether it did. */
  break(arrival?: Arrival): boolean {
    for (let state = this.#load(); ;) {
      if (isBroken(state) || (arrival !== undefined && !isOf(state, arrival))) return false
      const found = this.#exchange(state, state | 1n)
      if (found === state) return true
      state = found
    }
  }

  /** Makes it whole. Those who wait are broken off; whether there were any. */
  repair(): boolean {
    let someWaited = false
    for (let state = this.#load(); ;) {
      if (!isBroken(state)) {
        if (waitingOf(state) === 0) return someWaited
        someWaited = this.break() || someWaited
        state = this.#load()
        continue
      }
      // No more can this round be completed, so whoever repairs it notes the same.
      const round = roundOf(state)
      const breaks = breaksOf(state)
      Atomics.store(this.#words, at.broken + (breaks % noted), round | 0)
      const found = this.#exchange(state, pack(round + 1, breaks + 1))
      if (found === state) return someWaited
      state = found
    }
  }

  #noted(breaks: number): number {
    return Atomics.load(this.#words, at.broken + (breaks % noted)) >>> 0
  }

  #load(): bigint {
    return Atomics.load(this.#state, 0)
  }

  #exchange(from: bigint, to: bigint): bigint {
    return Atomics.compareExchange(this.#state, 0, from, to)
  }
}

function isOf(state: bigint, { round, breaks }: Arrival): boolean {
  return roundOf(state) === round && breaksOf(state) === breaks
}
