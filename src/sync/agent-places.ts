// Some words of shared memory for each thread, which it alone takes and which count no more when it has ended.
import { indexOf, mostAgents } from '../liveness.ts'
import type { AgentTable } from '../liveness.ts'

/** Words of `size` for each thread. */
export function agentPlaceWords(size: number): number {
  return 1 + mostAgents * (1 + size)
}

export class AgentPlaces {
  readonly #words: Int32Array
  /** How many places may be in use; then each with its agent first. */
  readonly #base: number
  readonly #size: number
  readonly #agents: AgentTable

  constructor(words: Int32Array, base: number, size: number, agents: AgentTable) {
    this.#words = words
    this.#base = base
    this.#size = size + 1
    this.#agents = agents
  }

  /** Where this thread's words begin; cleared of what a thread left that had the place before. */
  own(): number {
    const words = this.#words
    const { me } = this.#agents
    const at = this.#base + 1 + indexOf(me) * this.#size
    if (Atomics.load(words, at) === me) return at + 1
    for (let i = 1; i < this.#size; i++) Atomics.store(words, at + i, 0)
    Atomics.store(words, at, me)
    for (let used = Atomics.load(words, this.#base); used <= indexOf(me);) {
      const found = Atomics.compareExchange(words, this.#base, used, indexOf(me) + 1)
      if (found === used) break
      used = found
    }
    return at + 1
  }

  /** The agent whose words begin there. */
  agentAt(place: number): number {
    return Atomics.load(this.#words, place - 1)
  }

  /** Calls `visit` with where the words of each thread begin, as long as it gives true. */
  every(visit: (place: number) => boolean): boolean {
    const words = this.#words
    const end = this.#base + 1 + Atomics.load(words, this.#base) * this.#size
    for (let at = this.#base + 1; at < end; at += this.#size) {
      const agent = Atomics.load(words, at)
      if (agent !== 0 && this.#agents.isAlive(agent) && !visit(at + 1)) return false
    }
    return true
  }
}
