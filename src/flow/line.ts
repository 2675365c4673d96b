/** So often at most others are served before the first of a line, however high they are. */
const patience = 32

interface Rank<T> {
  // Sets keep the order, and let go of any of them in constant time.
  readonly entries: Set<T>
  passed: number
}

/** What waits, by priority and age: higher priorities first, first in, first out within, and nobody is forgotten. */
export class Line<T> {
  readonly #lines: readonly Rank<T>[]
  #size = 0

  constructor(priorities: number) {
    this.#lines = Array.from({ length: priorities }, () => ({ entries: new Set(), passed: 0 }))
  }

  get size(): number {
    return this.#size
  }

  add(entry: T, priority: number): void {
    this.#lines[priority].entries.add(entry)
    this.#size++
  }

  delete(entry: T, priority: number): boolean {
    const there = this.#lines[priority].entries.delete(entry)
    if (there) this.#size--
    return there
  }

  /** Takes out whose turn it is. */
  take(): T | undefined {
    let chosen: Rank<T> | undefined
    for (const line of this.#lines) {
      if (line.entries.size > 0 && (chosen === undefined || line.passed >= patience)) chosen = line
    }
    if (chosen === undefined) return undefined
    for (const line of this.#lines) {
      if (line === chosen || line.entries.size === 0) line.passed = 0
      else line.passed++
    }
    const [entry] = chosen.entries
    chosen.entries.delete(entry)
    this.#size--
    return entry
  }

  /** Takes out everything. */
  drain(): T[] {
    const all = this.#lines.flatMap(({ entries }) => Array.from(entries))
    for (const { entries } of this.#lines) entries.clear()
    this.#size = 0
    return all
  }
}
