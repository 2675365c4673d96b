// The lock behind larger shared structures: held for microseconds, by code that calls no one, and broken open when its
// holder has died. What it protects must therefore change by one last store, before which nothing counts.
// Ulrich Drepper, "Futexes Are Tricky" (2011), mutex 2, with the holder in place of 1.
import type { AgentTable } from '../liveness.ts'

const spins = 200
const contended = 1 << 30
/** Short, as the main thread may be what waits; it has to wait for microseconds only. */
const sleepMs = 5

export class Guard {
  readonly #words: Int32Array
  readonly #at: number
  readonly #agents: AgentTable

  /** One word of shared memory. */
  constructor(words: Int32Array, at: number, agents: AgentTable) {
    this.#words = words
    this.#at = at
    this.#agents = agents
  }

  /** Runs `act` while nobody else does. */
  run<T>(act: () => T): T {
    this.enter()
    try {
      return act()
    } finally {
      this.leave()
    }
  }

  /** Whether the one before died inside: what it did there may lack its end. */
  enter(): boolean {
    const { me } = this.#agents
    for (let i = 0; i < spins; i++) {
      if (Atomics.compareExchange(this.#words, this.#at, 0, me) === 0) return false
    }
    for (;;) {
      const word = Atomics.load(this.#words, this.#at)
      const holder = word & ~contended
      const free = holder === 0 || !this.#agents.isAlive(holder)
      // As others may sleep too, whoever got here leaves the lock marked.
      if (free && Atomics.compareExchange(this.#words, this.#at, word, me | contended) === word) return holder !== 0
      if (free) continue
      if (
        word !== (holder | contended) &&
        Atomics.compareExchange(this.#words, this.#at, word, holder | contended) !== word
      )
        continue
      Atomics.wait(this.#words, this.#at, holder | contended, sleepMs)
    }
  }

  /** Whether the one that is inside has died there. */
  get isAbandoned(): boolean {
    const holder = Atomics.load(this.#words, this.#at) & ~contended
    return holder !== 0 && !this.#agents.isAlive(holder)
  }

  leave(): void {
    if (Atomics.exchange(this.#words, this.#at, 0) & contended) Atomics.notify(this.#words, this.#at, 1)
  }
}
