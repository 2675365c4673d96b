import { Fifo } from './fifo.ts'
import type { Place } from './fifo.ts'

/** So often at most others are served before the first of a rank, however high they are. */
const patience = 32

/** What waits, by priority and age: higher priorities first, first in, first out within, and nobody is forgotten. */
export class Line<T> {
  readonly #ranks: readonly { readonly entries: Fifo<T>; passed: number }[]
  #size = 0

  constructor(priorities: number) {
    this.#ranks = Array.from({ length: priorities }, () => ({ entries: new Fifo<T>(), passed: 0 }))
  }

  get size(): number {
    return this.#size
  }

  add(entry: T, priority: number): Place<T> {
    this.#size++
    return this.#ranks[priority].entries.push(entry)
  }

  /** Whether it was there. */
  leave(place: Place<T>, priority: number): boolean {
    const there = this.#ranks[priority].entries.leave(place)
    if (there) this.#size--
    return there
  }

  /** Takes out whose turn it is. */
  take(): T | undefined {
    const waiting = this.#ranks.filter(({ entries }) => entries.size > 0)
    const chosen = waiting.findLast(({ passed }) => passed >= patience) ?? waiting[0]
    if (chosen === undefined) return undefined
    for (const rank of waiting) rank.passed++
    chosen.passed = 0
    this.#size--
    return chosen.entries.shift()
  }
}
