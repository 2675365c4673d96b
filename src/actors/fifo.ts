/** First in, first out; taking costs the same however many there are. */
export class Fifo<T> {
  #items: (T | undefined)[] = []
  #at = 0

  get length(): number {
    return this.#items.length - this.#at
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (this.#at === this.#items.length) return undefined
    const item = this.#items[this.#at]
    this.#items[this.#at++] = undefined
    if (this.#at === this.#items.length) {
      this.#items = []
      this.#at = 0
    } else if (this.#at > 1024 && this.#at * 2 > this.#items.length) {
      this.#items.splice(0, this.#at)
      this.#at = 0
    }
    return item
  }

  /** Takes all. */
  drain(): T[] {
    const all = this.#items.slice(this.#at) as T[]
    this.#items = []
    this.#at = 0
    return all
  }

  *[Symbol.iterator](): Generator<T> {
    for (let i = this.#at; i < this.#items.length; i++) yield this.#items[i] as T
  }
}
