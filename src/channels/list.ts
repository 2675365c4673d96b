import { field } from './store.ts'
import type { Store } from './store.ts'

/** Where a record of a list has the one before it; the one behind it is its link. */
export const previous = field.own

/** Records of a store one behind the other, from which any can be taken out. */
export class List {
  readonly #store: Store
  readonly #head: number
  readonly #tail: number

  /** With its two ends in two words from `at` on. */
  constructor(store: Store, at: number) {
    this.#store = store
    this.#head = at
    this.#tail = at + 1
  }

  /** 0 where the list is empty. */
  get first(): number {
    return this.#store.words[this.#head]
  }

  after(record: number): number {
    return this.#store.words[record + field.link]
  }

  push(record: number): void {
    const store = this.#store
    const last = store.words[this.#tail]
    store.set(record + field.link, 0)
    store.set(record + previous, last)
    store.set(last === 0 ? this.#head : last + field.link, record)
    store.set(this.#tail, record)
  }

  remove(record: number): void {
    const store = this.#store
    const next = store.words[record + field.link]
    const before = store.words[record + previous]
    store.set(before === 0 ? this.#head : before + field.link, next)
    store.set(next === 0 ? this.#tail : next + previous, before)
  }
}
