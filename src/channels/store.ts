// Records of any size in shared memory, changed all or nothing. Whoever is in the store is alone there (Guard). What it
// changes of what others rely on it changes by `set`, which notes the old value first; `commit` forgets the notes by one
// store. One that dies or throws in between leaves its notes, and the next to come in takes its changes back.
//
// Free memory: a list for each class of sizes, four classes to a doubling, and all that lies above `top`. Words are
// counted from the start of the memory, so 0 can stand for no record.
//
//   words: | guard | top | limit | notes | a free list per class | (the owner's words) |  records ... top      limit
//   record: | link | class | (the owner's fields) |
import type { AgentTable } from '../liveness.ts'
import { Guard } from '../sync/guard.ts'
import { Memory } from './memory.ts'

const at = { guard: 0, top: 1, limit: 2, noteCount: 3, notes: 4 } as const

/** Far more than a change of any structure here takes: twice the depth of a leftist heap of 2^26, times three. */
const mostNotes = 320
const classes = 108
const lists = at.notes + 2 * mostNotes

/** Words that a store takes in front of its owner's. */
export const storeWords = lists + classes

/** Fields that every record has, in words: its place in a list, and what sizes it is of. */
export const field = { link: 0, sizeClass: 1, own: 2 } as const

const leastBytes = 32

export class Store extends Memory {
  readonly #guard: Guard
  readonly #start: number
  readonly #forWhom: string

  /** Over memory whose first `controlWords` words are the store's and its owner's. */
  constructor(words: Int32Array, controlWords: number, agents: AgentTable, forWhom: string) {
    super(words.buffer as SharedArrayBuffer)
    this.#guard = new Guard(words, at.guard, agents)
    this.#start = controlWords
    this.#forWhom = forWhom
  }

  /** Once, in new memory: at most `bytes` for records. */
  setUp(bytes: number): void {
    this.words[at.top] = this.#start
    this.words[at.limit] = this.#start + (bytes >> 2)
  }

  /** Bytes for records, at most. */
  get mostBytes(): number {
    return (this.words[at.limit] - this.#start) * 4
  }

  enter(): void {
    this.#guard.enter()
    if (this.words[at.noteCount] !== 0) this.#takeBack()
    this.reach(this.words[at.top])
  }

  /** What was not committed is taken back. */
  leave(): void {
    if (this.words[at.noteCount] !== 0) this.#takeBack()
    this.#guard.leave()
  }

  /** Changes a word, until `commit` only for now. */
  set(word: number, value: number): void {
    const { words } = this
    const note = at.notes + 2 * words[at.noteCount]
    words[note] = word
    words[note + 1] = words[word]
    words[at.noteCount]++
    words[word] = value
  }

  /** Makes all changes count. */
  commit(): void {
    Atomics.store(this.words, at.noteCount, 0)
  }

  /** A new record of at least so many bytes; its words are of no meaning. 0 where there is no room now. */
  allocate(bytes: number): number {
    const sizeClass = classOf(bytes)
    const free = this.words[lists + sizeClass]
    if (free !== 0) return this.#reuse(sizeClass, free)
    const top = this.words[at.top]
    const end = top + (sizeOf(sizeClass) >> 2)
    if (end > this.words[at.limit]) return this.#largerThan(sizeClass)
    this.grow(end, this.#forWhom)
    this.set(at.top, end)
    this.words[top + field.sizeClass] = sizeClass
    return top
  }

  free(record: number): void {
    const list = lists + this.words[record + field.sizeClass]
    this.set(record + field.link, this.words[list])
    this.set(list, record)
  }

  /** Whether a record of so many bytes fits when there is no other. */
  canHold(bytes: number): boolean {
    return bytes <= this.mostBytes && sizeOf(classOf(bytes)) <= this.mostBytes
  }

  /** Makes one piece of all memory again, while there is no record in it. */
  clear(): void {
    for (let list = lists; list < storeWords; list++) if (this.words[list] !== 0) this.set(list, 0)
    this.set(at.top, this.#start)
  }

  #reuse(sizeClass: number, record: number): number {
    this.set(lists + sizeClass, this.words[record + field.link])
    // Noted, as the free list needs it back where this change is taken back.
    this.set(record + field.link, 0)
    return record
  }

  #largerThan(sizeClass: number): number {
    for (let larger = sizeClass + 1; larger < classes; larger++) {
      const free = this.words[lists + larger]
      if (free !== 0) return this.#reuse(larger, free)
    }
    return 0
  }

  #takeBack(): void {
    const { words } = this
    for (let count = words[at.noteCount]; count > 0; count--) {
      const note = at.notes + 2 * (count - 1)
      words[words[note]] = words[note + 1]
      words[at.noteCount] = count - 1
    }
  }
}

function classOf(bytes: number): number {
  if (bytes <= leastBytes) return 0
  const doubling = 31 - Math.clz32((bytes - 1) >> 5)
  return 4 * doubling + Math.ceil((bytes - (leastBytes << doubling)) / (8 << doubling))
}

function sizeOf(sizeClass: number): number {
  return (8 << (sizeClass >> 2)) * (4 + (sizeClass & 3))
}
