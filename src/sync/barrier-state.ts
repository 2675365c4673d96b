// The state of a barrier in one 64-bit word, so that each step is one compare-and-exchange: a round that has been broken
// can't be completed, nor the other way round. Who sleeps through what comes after must still learn how its own round
// ended: each thread has a word with the round that its calls wait in, and whoever repairs the barrier first marks those
// of the round that broke. A round that is over and was not marked has been passed.
import type { AgentTable } from '../liveness.ts'
import { agentPlaceWords, AgentPlaces } from './agent-places.ts'

/** Words: state (two of them), parties, and one for each thread. */
export const at = { state: 0, parties: 2, threads: 3 } as const
export const barrierWords = at.threads + agentPlaceWords(1)

/** The fields of the state, from below: broken 1 bit, waiting 16, round the rest. */
const waitingShift = 1n
const roundShift = 17n
const one = 1n << waitingShift

const waitingOf = (state: bigint): number => Number((state >> waitingShift) & 0xffffn)
const roundOf = (state: bigint): bigint => state >> roundShift
const isBroken = (state: bigint): boolean => (state & 1n) === 1n
const pack = (round: bigint): bigint => round << roundShift

/** A thread's word: the round's lower bits, and whether it broke. */
const wordOf = (round: bigint): number => Number(BigInt.asIntN(31, round)) << 1

type Outcome = 'passed' | 'broken'

/** A call that has arrived, and in which round. */
export interface Arrival {
  readonly index: number
  readonly round: bigint
  /** Once this thread has gone on to another round. */
  outcome: Outcome | undefined
}

export class BarrierState {
  readonly #words: Int32Array
  readonly #state: BigUint64Array
  readonly #places: AgentPlaces
  /** This thread's calls in the round of its word. */
  #arrivals: Arrival[] = []

  constructor(words: Int32Array, agents: AgentTable) {
    this.#words = words
    this.#state = new BigUint64Array(words.buffer, words.byteOffset, 1)
    this.#places = new AgentPlaces(words, at.threads, 1, agents)
  }

  get parties(): number {
    return Atomics.load(this.#words, at.parties)
  }

  get waiting(): number {
    const state = this.#load()
    return isBroken(state) ? 0 : waitingOf(state)
  }

  get broken(): boolean {
    return isBroken(this.#load())
  }

  /** Counts one more; the last one ends the round. Undefined when the barrier is broken. */
  arrive(): Arrival | undefined {
    for (;;) {
      const state = this.#load()
      if (isBroken(state)) return undefined
      const round = roundOf(state)
      this.#enter(round)
      const index = waitingOf(state)
      const next = index + 1 === this.parties ? pack(round + 1n) : state + one
      if (this.#exchange(state, next) !== state) continue
      const arrival: Arrival = { index, round, outcome: undefined }
      this.#arrivals.push(arrival)
      return arrival
    }
  }

  /** How the round of an arrival has ended; undefined when it has not. */
  outcome(arrival: Arrival): Outcome | undefined {
    if (arrival.outcome !== undefined) return arrival.outcome
    const state = this.#load()
    if (roundOf(state) === arrival.round) return isBroken(state) ? 'broken' : undefined
    return (Atomics.load(this.#words, this.#places.own()) & 1) === 1 ? 'broken' : 'passed'
  }

  /** Breaks the barrier: the round of an arrival, if it has not ended, or whatever round it is. Whether it did. */
  break(arrival?: Arrival): boolean {
    for (;;) {
      const state = this.#load()
      if (isBroken(state) || (arrival !== undefined && roundOf(state) !== arrival.round)) return false
      if (this.#exchange(state, state | 1n) === state) return true
    }
  }

  /** Makes it whole. Those who wait are broken off; whether there were any. */
  repair(): boolean {
    let someWaited = false
    for (;;) {
      const state = this.#load()
      if (isBroken(state)) {
        this.#mark(roundOf(state))
        if (this.#exchange(state, pack(roundOf(state) + 1n)) === state) return someWaited
      } else if (waitingOf(state) === 0) {
        return someWaited
      } else {
        someWaited = this.break() || someWaited
      }
    }
  }

  /** Before this thread goes on to another round: how that of its calls has ended. */
  #enter(round: bigint): void {
    const place = this.#places.own()
    const word = wordOf(round)
    if (Atomics.load(this.#words, place) === word) return
    for (const arrival of this.#arrivals) arrival.outcome = this.outcome(arrival)
    this.#arrivals = []
    Atomics.store(this.#words, place, word)
  }

  /** Nobody can enter the round any more, so all who wait in it are there. */
  #mark(round: bigint): void {
    const word = wordOf(round)
    this.#places.every((place) => {
      Atomics.compareExchange(this.#words, place, word, word | 1)
      return true
    })
  }

  #load(): bigint {
    return Atomics.load(this.#state, 0)
  }

  #exchange(from: bigint, to: bigint): bigint {
    return Atomics.compareExchange(this.#state, 0, from, to)
  }
}
