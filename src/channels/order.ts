// In which order messages leave: two structures of records in a store, each of which changes by `store.set` alone.
import { field } from './store.ts'
import type { Store } from './store.ts'

/** Where the messages of a queue are. `push` and `pop` are for whoever is in the store, and are not committed here. */
export interface Order {
  /** Words of a record in front of its message. */
  readonly header: number
  push(record: number, priority: number): void
  /** The record that comes next; 0 where there is none. */
  first(): number
  /** Takes that out. */
  pop(): void
}

/** Words that either of them needs among those of the queue. */
export const orderWords = 3

/** Words of a message behind a record's own: what kind of value it is, and how many bytes of it there are. */
export const message = { tag: field.own, bytes: field.own + 1, end: field.own + 2 } as const

/** Last in, first out. */
export class Lifo implements Order {
  readonly header = message.end
  readonly #store: Store
  readonly #top: number

  constructor(store: Store, at: number) {
    this.#store = store
    this.#top = at
  }

  push(record: number): void {
    this.#store.set(record + field.link, this.first())
    this.#store.set(this.#top, record)
  }

  first(): number {
    return this.#store.words[this.#top]
  }

  pop(): void {
    this.#store.set(this.#top, this.#store.words[this.first() + field.link])
  }
}

// Words of a node: `left` is the link; `depth` is the number of nodes on the way down that keeps right.
const node = { left: field.link, right: message.end, depth: message.end + 1, turn: message.end + 2 } as const
const priorityAt = message.end + 4

/**
 * The smallest priority first, and of equal ones the oldest: a leftist heap (C. A. Crane, 1972). It needs no array that
 * would have to grow in one piece, and no change touches more than twice the logarithm of its size.
 */
export class ByPriority implements Order {
  readonly header = priorityAt + 2
  readonly #store: Store
  readonly #root: number
  readonly #turns: number

  constructor(store: Store, at: number) {
    this.#store = store
    this.#root = at
    this.#turns = at + 1
  }

  push(record: number, priority: number): void {
    const { words, floats } = this.#store
    const turn = words[this.#turns]
    floats[(record + priorityAt) >> 1] = priority
    words[record + node.turn] = turn
    words[record + node.right] = 0
    words[record + node.depth] = 1
    this.#store.set(record + node.left, 0)
    this.#store.set(this.#turns, turn + 1)
    this.#store.set(this.#root, this.#merge(this.first(), record))
  }

  first(): number {
    return this.#store.words[this.#root]
  }

  pop(): void {
    const { words } = this.#store
    const root = this.first()
    this.#store.set(this.#root, this.#merge(words[root + node.left], words[root + node.right]))
  }

  #merge(one: number, other: number): number {
    if (one === 0) return other
    if (other === 0) return one
    const [root, rest] = this.#isBefore(other, one) ? [other, one] : [one, other]
    const left = this.#store.words[root + node.left]
    const right = this.#merge(this.#store.words[root + node.right], rest)
    const swap = this.#depth(left) < this.#depth(right)
    this.#change(root + node.left, swap ? right : left)
    this.#change(root + node.right, swap ? left : right)
    this.#change(root + node.depth, this.#depth(swap ? left : right) + 1)
    return root
  }

  #isBefore(one: number, other: number): boolean {
    const { floats, words } = this.#store
    const [mine, theirs] = [floats[(one + priorityAt) >> 1], floats[(other + priorityAt) >> 1]]
    if (mine !== theirs) return mine < theirs
    return ((words[one + node.turn] - words[other + node.turn]) | 0) < 0
  }

  #depth(record: number): number {
    return record === 0 ? 0 : this.#store.words[record + node.depth]
  }

  #change(word: number, value: number): void {
    if (this.#store.words[word] !== value) this.#store.set(word, value)
  }
}
