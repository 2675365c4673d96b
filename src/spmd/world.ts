// What all ranks of one call share: whether it still goes on, who has returned, a bell for each rank, and how many
// messages each has posted to each. The thread that called spmd() is the one that says how a rank ended.

const at = { state: 0, contexts: 1, returned: 2, ranks: 16 } as const
/** A cache line for each rank: its bell, whether it sleeps, and whether its function has returned. */
const rankWords = 16
const of = { bell: 0, asleep: 1, returned: 2 } as const

/** Of a world: `stopped` where a rank failed or the task was cancelled, `over` when all have returned. */
export const state = { running: 0, stopped: 1, over: 2 } as const

export class World {
  readonly words: Int32Array
  readonly size: number
  /** What this rank has to tell the others before it goes on. */
  readonly #untold: (() => void)[] = []

  constructor(words: Int32Array, size: number) {
    this.words = words
    this.size = size
  }

  static create(size: number): World {
    return new World(new Int32Array(new SharedArrayBuffer((at.ranks + size * rankWords + size * size) * 4)), size)
  }

  get state(): number {
    return Atomics.load(this.words, at.state)
  }

  /** Wakes all that wait: nothing will come any more. */
  end(how: number): void {
    Atomics.store(this.words, at.state, how)
    for (let rank = 0; rank < this.size; rank++) this.ring(rank)
  }

  /** Says that a rank will neither send nor meet the others any more. */
  markReturned(rank: number): void {
    Atomics.store(this.words, this.#rank(rank) + of.returned, 1)
    Atomics.add(this.words, at.returned, 1)
    for (let other = 0; other < this.size; other++) this.ring(other)
  }

  /** Whether any rank has returned, which is quicker to know than which. */
  get anyReturned(): boolean {
    return Atomics.load(this.words, at.returned) > 0
  }

  hasReturned(rank: number): boolean {
    return Atomics.load(this.words, this.#rank(rank) + of.returned) === 1
  }

  tellLater(tell: () => void): void {
    this.#untold.push(tell)
  }

  /** Called by a rank whenever it has to do with others. */
  tell(): void {
    if (this.#untold.length > 0) for (const tell of this.#untold.splice(0)) tell()
  }

  /** The number of a new communicator. */
  newContext(): number {
    return Atomics.add(this.words, at.contexts, 1) + 1
  }

  /** Where a rank sleeps: a count of the times that it was rung. */
  bellAt(rank: number): number {
    return this.#rank(rank) + of.bell
  }

  /** A rank says so before it looks for the last time. */
  setAsleep(rank: number, asleep: boolean): void {
    Atomics.store(this.words, this.#rank(rank) + of.asleep, asleep ? 1 : 0)
  }

  /** Something that a rank may wait for has changed. */
  ring(rank: number): void {
    const base = this.#rank(rank)
    Atomics.add(this.words, base + of.bell, 1)
    if (Atomics.load(this.words, base + of.asleep) === 1) Atomics.notify(this.words, base + of.bell)
  }

  /** Messages that `from` has posted to `to`. */
  posted(from: number, to: number): number {
    return Atomics.load(this.words, this.#mail(from, to))
  }

  /** One more is in the port. */
  notePost(from: number, to: number): void {
    Atomics.add(this.words, this.#mail(from, to), 1)
    this.ring(to)
  }

  #rank(rank: number): number {
    return at.ranks + rank * rankWords
  }

  #mail(from: number, to: number): number {
    return at.ranks + this.size * rankWords + to * this.size + from
  }
}
