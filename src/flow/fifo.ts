/** A place in a Fifo. */
export interface Place<T> {
  readonly value: T
  before: Place<T> | undefined
  behind: Place<T> | undefined
  taken: boolean
}

/** First in, first out, and any of them may leave, each in constant time: a linked list. */
export class Fifo<T> {
  #first: Place<T> | undefined
  #last: Place<T> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  push(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, behind: undefined, taken: false }
    if (this.#last === undefined) this.#first = place
    else this.#last.behind = place
    this.#last = place
    this.#size++
    return place
  }

  /** Whether it was there. */
  leave(place: Place<T>): boolean {
    if (place.taken) return false
    place.taken = true
    if (place.before === undefined) this.#first = place.behind
    else place.before.behind = place.behind
    if (place.behind === undefined) this.#last = place.before
    else place.behind.before = place.before
    this.#size--
    return true
  }

  shift(): T | undefined {
    const place = this.#first
    if (place === undefined) return undefined
    this.leave(place)
    return place.value
  }
}
