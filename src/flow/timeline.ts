import type { NextTime } from './calendar.ts'
import { book } from './timetable.ts'

/** When something is due, again and again. Times are milliseconds since 1970. */
export interface Timeline {
  /** Undefined after the last one. */
  readonly next: number | undefined
  /** Calls back when the next one is due; gives what takes that back. */
  wait(act: () => void, priority: number, ref: boolean): () => void
  /**
   * Moves on to the first time that is still to come, and gives those that have come: the first of them, or with `all`
   * each.
   */
  advance(all: boolean): number[]
}

/** So many milliseconds apart, by the monotonic clock. */
export class Beat implements Timeline {
  readonly #every: number
  readonly #start = performance.now()
  #index: number

  constructor(every: number, immediate: boolean) {
    this.#every = every
    this.#index = immediate ? 0 : 1
  }

  get next(): number {
    return this.#time(this.#index)
  }

  wait(act: () => void, priority: number, ref: boolean): () => void {
    return book(Math.max(this.#due(this.#index) - performance.now(), 0), priority, act, ref)
  }

  advance(all: boolean): number[] {
    const first = this.#index
    const last = Math.max(first, Math.floor((performance.now() - this.#start) / this.#every))
    this.#index = last + 1
    return Array.from({ length: all ? last - first + 1 : 1 }, (_, i) => this.#time(first + i))
  }

  #due(index: number): number {
    return this.#start + index * this.#every
  }

  #time(index: number): number {
    return Math.round(Date.now() - performance.now() + this.#due(index))
  }
}

/** The clock is looked at so often: it may be set, and stands still while the machine sleeps. */
const lookMs = 60_000

/** By the clock on the wall. */
export class Dates implements Timeline {
  next: number | undefined
  readonly #following: NextTime

  constructor(following: NextTime, first: number | undefined) {
    this.#following = following
    this.next = first
  }

  wait(act: () => void, priority: number, ref: boolean): () => void {
    let undo: () => void
    let seen = Date.now()
    const look = (): void => {
      const now = Date.now()
      // Set back by more than a correction: what the clock will show again comes again.
      if (now < seen - lookMs) this.next = this.#following(now) ?? this.next
      seen = now
      const left = (this.next as number) - now
      if (left <= 0) act()
      else undo = book(Math.min(left, lookMs), priority, look, ref)
    }
    // Not at once, even where it is due.
    undo = book(Math.min(Math.max((this.next as number) - seen, 0), lookMs), priority, look, ref)
    return () => undo()
  }

  advance(all: boolean): number[] {
    const now = Date.now()
    const first = this.next as number
    const times = [first]
    let following = this.#following(all ? first : now)
    for (; all && following !== undefined && following <= now; following = this.#following(following)) {
      times.push(following)
    }
    this.next = following
    return times
  }
}
