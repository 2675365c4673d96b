// Waiting for shared state to change. Whoever can't go on takes a place in the list, looks once more and sleeps on a
// word of its own; whoever changes the state wakes the oldest. A wake-up is a hint, the state decides: what a waiter
// makes of it is `attempt`. One that leaves early hands a wake-up on that has reached it, and all look again every
// 100 ms, so that the death of a thread between two steps costs time, never a wait without end.
import type { AgentTable } from '../liveness.ts'
import { LocalWaiters } from './local-waiters.ts'
import { lookMs, mark, placelessMs } from './marks.ts'
import { blockingLook, remaining } from './waits.ts'
import type { Wait } from './waits.ts'

/** Tries to go on: gives undefined where it can't yet. `thorough` looks at what only needs looking at now and then. */
export type Attempt<T> = (thorough: boolean) => T | undefined

/** Places for threads that wait. Each thread takes one for all its promises, and one while it blocks. */
const places = 64
const maskWords = places / 32
const placeWords = 3

/** Words of shared memory that a list takes. */
export const waitListWords = 1 + maskWords + places * placeWords

const markBits = 3
const stateOf = (word: number): number => word & markBits
const agentOf = (word: number): number => word >>> 2

/** Beside the kind of a place: a thread sleeps there, and does nothing else. */
const blocked = 1 << 30

export interface WaitListOptions {
  /** First come, first served: nobody goes on while an older one waits. */
  readonly fifo?: boolean
  /** If one waiter can't go on, the younger ones can't either. */
  readonly headOnly?: boolean
  /** First come, first served, but several may go on at once: who does so wakes the next. */
  readonly several?: boolean
  /** Called where a thread is found that has ended while it waited. */
  readonly onDeath?: () => void
}

export class WaitList {
  readonly words: Int32Array
  readonly #base: number
  readonly #agents: AgentTable
  readonly isFifo: boolean
  readonly headOnly: boolean
  readonly several: boolean
  readonly #onDeath: (() => void) | undefined
  readonly #locals = new Map<number, LocalWaiters>()

  /** A list in `words` from `base` on. */
  constructor(words: Int32Array, base: number, agents: AgentTable, options: WaitListOptions = {}) {
    this.words = words
    this.#base = base
    this.#agents = agents
    this.isFifo = options.fifo ?? false
    this.headOnly = options.headOnly ?? this.isFifo
    this.several = options.several ?? false
    this.#onDeath = options.onDeath
  }

  /** Whether nobody waits. */
  get isEmpty(): boolean {
    for (let i = 0; i < maskWords; i++) if (Atomics.load(this.words, this.#base + 1 + i) !== 0) return false
    return true
  }

  /** Wakes one who may go on. */
  wakeOne(kind: number): void {
    if (this.isFifo) this.wakeNext(kind)
    else this.wake(1, kind)
  }

  /** Whether one that arrives now may try before it queues. */
  get mayPass(): boolean {
    if (!this.isFifo || this.isEmpty) return true
    this.clean()
    return this.isEmpty
  }

  /**
   * Blocks this thread until the attempt succeeds; undefined when the time is over. `kind` tells apart those who wait
   * for different things in one list.
   */
  waitSync<T>(attempt: Attempt<T>, wait: Wait, kind = 0): T | undefined {
    wait.signal?.throwIfAborted()
    const first = this.mayPass ? attempt(false) : undefined
    if (first !== undefined || remaining(wait) <= 0) return first
    const place = this.take(kind | blocked, this.ticket())
    let thorough = false
    try {
      for (;;) {
        const woken = this.stand(place)
        const mayTry = this.mayTry(place, kind)
        const result = mayTry ? attempt(thorough) : undefined
        if (result !== undefined) return result
        if (woken && !mayTry) this.wakeNext(kind)
        const left = remaining(wait)
        if (left <= 0) return undefined
        const rest = Math.min(left, place < 0 ? placelessMs : lookMs)
        thorough = this.#sleep(place, rest) === 'timed-out'
        blockingLook(wait)
        if (thorough) this.clean()
      }
    } finally {
      this.leave(place, kind)
    }
  }

  /** The same as a promise. */
  wait<T>(attempt: Attempt<T>, wait: Wait, kind = 0): Promise<T | undefined> {
    let local = this.#locals.get(kind)
    if (local === undefined) {
      local = new LocalWaiters(this, kind)
      this.#locals.set(kind, local)
    }
    return local.wait(attempt as Attempt<unknown>, wait) as Promise<T | undefined>
  }

  /** Whether a living thread waits for `kind`. */
  has(kind: number): boolean {
    if (this.isEmpty || this.#oldest(kind, true) < 0) return false
    this.clean()
    return this.#oldest(kind, true) >= 0
  }

  /** Wakes the oldest `count` that wait for `kind`. */
  wake(count = 1, kind = 0): void {
    for (let left = count; left > 0; left--) {
      // Where a place was left meanwhile, another is looked for.
      for (;;) {
        const place = this.isEmpty ? -1 : this.#oldest(kind, false)
        if (place < 0) return
        if (this.#notify(place, kind)) break
      }
    }
  }

  /**
   * Wakes the one who goes on next, for what only one can have, who wakes another when it is done with it. None where one
   * is awake that has not tried yet: that saves a system call for each time that a thread takes the same thing again
   * while another wakes up. Promises count for that only where nobody may pass them: their thread may be busy for long.
   */
  wakeNext(kind = 0): void {
    while (!this.isEmpty) {
      if (!this.isFifo && this.#hasNotified(kind)) return
      const place = this.#oldest(kind, this.isFifo)
      if (place < 0 || this.#notify(place, kind)) return
      if (stateOf(Atomics.load(this.words, this.#at(place))) === mark.notified) return
    }
  }

  /** Wakes everybody who waits for `kind` now. */
  wakeAll(kind = 0): void {
    this.#forEach((place) => {
      if (this.#kindAt(place) === kind) this.#notify(place, kind)
    })
  }

  // --- for those who wait

  /** Who comes first: a count that goes round. */
  ticket(): number {
    return Atomics.add(this.words, this.#base, 1)
  }

  /** A free place, or -1 when all are taken. */
  take(kind: number, ticket: number): number {
    for (let place = 0; place < places; place++) {
      const at = this.#at(place)
      if (Atomics.load(this.words, at) !== 0) continue
      if (Atomics.compareExchange(this.words, at, 0, this.#word(mark.taken)) !== 0) continue
      Atomics.store(this.words, at + 1, ticket)
      Atomics.store(this.words, at + 2, kind)
      Atomics.or(this.words, this.#maskOf(place), 1 << (place & 31))
      return place
    }
    return -1
  }

  /** From here on the place can be notified. Whether it was, since the last time: who can't use that hands it on. */
  stand(place: number): boolean {
    return (
      place >= 0 && stateOf(Atomics.exchange(this.words, this.#at(place), this.#word(mark.waiting))) === mark.notified
    )
  }

  setTicket(place: number, ticket: number): void {
    if (place >= 0) Atomics.store(this.words, this.#at(place) + 1, ticket)
  }

  mayTry(place: number, kind: number): boolean {
    return !this.isFifo || place < 0 || this.#oldest(kind, true) === place
  }

  /** The promise of a wake-up at a place; undefined where one has come already. */
  sleepAsync(place: number): Promise<unknown> | undefined {
    const slept = Atomics.waitAsync(this.words, this.#at(place), this.#word(mark.waiting))
    return slept.async ? slept.value : undefined
  }

  /** Whether no wake-up has come to a place. */
  isWaiting(place: number): boolean {
    return stateOf(Atomics.load(this.words, this.#at(place))) === mark.waiting
  }

  /** Gives the place back, and a wake-up on that is not used. */
  leave(place: number, kind: number): void {
    if (place < 0) return
    const left = this.#release(place)
    // A promise of this thread's may still hang on the word.
    Atomics.notify(this.words, this.#at(place))
    // The next one may be able to do what this one could not, or may do the same.
    if (stateOf(left) === mark.notified || this.several) this.wakeOne(kind)
  }

  /** Frees the places of threads that are gone: of all places, as a thread may end before it has marked its own. */
  clean(): void {
    for (let place = 0; place < places; place++) {
      const at = this.#at(place)
      const word = Atomics.load(this.words, at)
      if (word === 0 || this.#agents.isAlive(agentOf(word))) continue
      if (Atomics.compareExchange(this.words, at, word, this.#word(mark.taken)) !== word) continue
      const kind = this.#kindAt(place)
      this.#release(place)
      if (stateOf(word) === mark.waiting) this.#onDeath?.()
      this.wakeOne(kind)
    }
  }

  #release(place: number): number {
    Atomics.and(this.words, this.#maskOf(place), ~(1 << (place & 31)))
    return Atomics.exchange(this.words, this.#at(place), 0)
  }

  #sleep(place: number, ms: number): string {
    if (place >= 0) return Atomics.wait(this.words, this.#at(place), this.#word(mark.waiting), ms)
    return Atomics.wait(pause, 0, 0, ms)
  }

  /** Whether the place was waiting until now. */
  #notify(place: number, kind: number): boolean {
    const at = this.#at(place)
    const word = Atomics.load(this.words, at)
    if (stateOf(word) !== mark.waiting) return false
    if (Atomics.compareExchange(this.words, at, word, word | mark.notified) !== word) return false
    if (!this.#wakeHere(place, kind)) Atomics.notify(this.words, at)
    return true
  }

  /** Promises of this thread need no wake-up through shared memory. */
  #wakeHere(place: number, kind: number): boolean {
    const local = this.#locals.get(kind)
    if (local === undefined || local.place !== place) return false
    local.runSoon()
    return true
  }

  #hasNotified(kind: number): boolean {
    let found = false
    this.#forEach((place) => {
      const at = this.#at(place)
      if (stateOf(Atomics.load(this.words, at)) !== mark.notified) return
      if (Atomics.load(this.words, at + 2) === (kind | blocked)) found = true
    })
    return found
  }

  #oldest(kind: number, notifiedToo: boolean): number {
    let oldest = -1
    let best = 0
    this.#forEach((place) => {
      const at = this.#at(place)
      const state = stateOf(Atomics.load(this.words, at))
      if (state !== mark.waiting && !(notifiedToo && state === mark.notified)) return
      if (this.#kindAt(place) !== kind) return
      const ticket = Atomics.load(this.words, at + 1)
      if (oldest >= 0 && ((ticket - best) | 0) >= 0) return
      oldest = place
      best = ticket
    })
    return oldest
  }

  #forEach(visit: (place: number) => void): void {
    for (let i = 0; i < maskWords; i++) {
      for (let mask = Atomics.load(this.words, this.#base + 1 + i); mask !== 0; mask &= mask - 1) {
        visit(i * 32 + 31 - Math.clz32(mask & -mask))
      }
    }
  }

  #kindAt(place: number): number {
    return Atomics.load(this.words, this.#at(place) + 2) & ~blocked
  }

  #word(state: number): number {
    return (this.#agents.me << 2) | state
  }

  #maskOf(place: number): number {
    return this.#base + 1 + (place >> 5)
  }

  #at(place: number): number {
    return this.#base + 1 + maskWords + place * placeWords
  }
}

const pause = new Int32Array(new SharedArrayBuffer(4))
