// Who waits for a Condition, and who has been notified: for each thread how many of its calls wait, and how many notices
// it has for them. Both are one word, so a call that gives up either takes a notice with it that had reached it, or
// leaves before any could. In a thread the oldest call gets the first notice; between threads they go round.
import { codedError } from '../errors.ts'
import { indexOf } from '../liveness.ts'
import type { AgentTable } from '../liveness.ts'
import { agentPlaceWords, AgentPlaces } from './agent-places.ts'

/** Words: a count for the order, then for each thread its counts and its turn. */
const places = 1
export const noticeWords = places + agentPlaceWords(2)

const oneNotice = 1 << 16
const waitingOf = (counts: number): number => counts & 0xffff
const noticesOf = (counts: number): number => counts >>> 16

/** A call that waits. */
export interface Waiter {
  notified: boolean
}

export class Notices {
  readonly #words: Int32Array
  readonly #places: AgentPlaces
  /** Oldest first; as many as the word says that wait. */
  readonly #waiters: Waiter[] = []

  constructor(words: Int32Array, agents: AgentTable) {
    this.#words = words
    this.#places = new AgentPlaces(words, places, 2, agents)
  }

  join(): Waiter {
    if (this.#waiters.length === 0xffff) throw codedError('ERR_OFFLOOP_MEMORY', ['more waits in one thread'])
    const at = this.#places.own()
    const before = Atomics.add(this.#words, at, 1)
    if (waitingOf(before) === noticesOf(before)) Atomics.store(this.#words, at + 1, this.#turn())
    const waiter = { notified: false }
    this.#waiters.push(waiter)
    return waiter
  }

  /** Whether the call has been notified. */
  check(waiter: Waiter): boolean {
    this.#collect()
    return waiter.notified
  }

  /** Gives up; true where a notice has come before that. */
  leave(waiter: Waiter): boolean {
    const at = this.#places.own()
    for (;;) {
      const counts = this.#collect()
      if (waiter.notified) return true
      if (Atomics.compareExchange(this.#words, at, counts, counts - 1) !== counts) continue
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
      return false
    }
  }

  /** Gives one notice to a thread whose turn it is: its agent's index, or -1 where nobody waits. */
  give(): number {
    const words = this.#words
    for (;;) {
      const at = this.#next()
      if (at < 0) return -1
      const counts = Atomics.load(words, at)
      if (waitingOf(counts) <= noticesOf(counts)) continue
      if (Atomics.compareExchange(words, at, counts, counts + oneNotice) !== counts) continue
      Atomics.store(words, at + 1, this.#turn())
      return indexOf(this.#places.agentAt(at))
    }
  }

  /** Hands the notices that are here to the oldest calls; gives the counts that are left. */
  #collect(): number {
    const at = this.#places.own()
    for (let counts = Atomics.load(this.#words, at); ;) {
      const notices = noticesOf(counts)
      if (notices === 0) return counts
      const rest = waitingOf(counts) - notices
      const found = Atomics.compareExchange(this.#words, at, counts, rest)
      if (found !== counts) {
        counts = found
        continue
      }
      for (const waiter of this.#waiters.splice(0, notices)) waiter.notified = true
      return rest
    }
  }

  #next(): number {
    const words = this.#words
    let next = -1
    this.#places.every((at) => {
      const counts = Atomics.load(words, at)
      const waits = waitingOf(counts) > noticesOf(counts)
      if (waits && (next < 0 || ((Atomics.load(words, at + 1) - Atomics.load(words, next + 1)) | 0) < 0)) next = at
      return true
    })
    return next
  }

  #turn(): number {
    return Atomics.add(this.#words, 0, 1)
  }
}
