// Where the ranks of a communicator meet: nobody goes on from a collective call before all have come to it. Each writes
// down what it calls, so that a rank that calls something else is an error for all, not a wait without end.
import { codedError } from '../errors.ts'
import { dtypes } from '../types.ts'
import type { Poll } from './bell.ts'
import { reductionNames } from './reduction.ts'
import type { World } from './world.ts'

// Words: arrivals, the meeting's number, why there are no more; then two sets of a slot a rank, in turn: one is read
// while the next one is written.
const at = { arrived: 0, generation: 1, broken: 2, slots: 16 } as const
const slotWords = 16
const callBits = 8
const of = { call: 1, root: 2, op: 3, kind: 4 } as const
/** In the slots of the first set alone: how many times a rank has come. */
const ofArrivals = 0
/** The same memory as numbers of 8 bytes. */
const ofNumbers = { count: 4, value: 5 } as const

export const calls = [
  '',
  'barrier',
  'broadcast',
  'scatter',
  'gather',
  'allgather',
  'reduce',
  'allreduce',
  'scan',
  'alltoall',
  'split',
] as const

export type CallName = Exclude<(typeof calls)[number], ''>

/** What a value is, where the ranks have to agree: arrays are `array` and the number of their dtype. */
export const kind = { any: 0, number: 1, bigint: 2, array: 16 } as const

/** What a rank calls. */
export interface Call {
  readonly name: CallName
  /** -1 where there is none. */
  readonly root: number
  /** Of the names of reductions, from 1; 0 where there is none, and one more than there are for a function. */
  readonly op: number
  readonly kind: number
  /** Elements of an array. */
  readonly count: number
  /** Where the kind is number. */
  readonly value: number
}

export const functionOp = reductionNames.length + 1

/** Calls in which the kinds of all ranks have to be the same. */
const alike: ReadonlySet<string> = new Set(['reduce', 'allreduce', 'scan'])

export class Meeting {
  /** Bytes of shared memory. */
  static bytes(size: number): number {
    return (at.slots + 2 * size * slotWords) * 4
  }

  readonly #words: Int32Array
  readonly #numbers: Float64Array
  readonly #world: World
  /** Of the communicator's ranks, those of the world. */
  readonly #members: readonly number[]
  readonly #me: number
  #step = 0
  #arrivals = 0
  #call: Call | undefined

  constructor(block: SharedArrayBuffer, world: World, members: readonly number[], me: number) {
    this.#words = new Int32Array(block)
    this.#numbers = new Float64Array(block)
    this.#world = world
    this.#members = members
    this.#me = me
  }

  /** Counts the calls, so that messages of one are not taken for those of another. */
  get step(): number {
    return this.#step
  }

  /** Comes to a call, waits for all others, and compares. */
  *enter(call: Call): Generator<Poll, void, unknown> {
    this.checkWhole(call.name)
    this.#step++
    this.#call = call
    const slot = this.#slot(this.#me)
    this.#words[slot + of.call] = calls.indexOf(call.name)
    this.#words[slot + of.root] = call.root
    this.#words[slot + of.op] = call.op
    this.#words[slot + of.kind] = call.kind
    this.#numbers[slot / 2 + ofNumbers.count] = call.count
    this.#numbers[slot / 2 + ofNumbers.value] = call.value
    yield* this.sync()
    for (let rank = 1; rank < this.#members.length; rank++) {
      if (!this.#agree(rank)) throw misfit(`${this.#describe(0)}, but ${this.#describe(rank)}`)
    }
  }

  /** Waits until all have come here. */
  *sync(): Generator<Poll, void, unknown> {
    const words = this.#words
    const size = this.#members.length
    words[this.#arrivalsAt(this.#me)] = ++this.#arrivals
    const generation = Atomics.load(words, at.generation)
    if (Atomics.add(words, at.arrived, 1) < size - 1) {
      const come = () => Atomics.load(words, at.generation) !== generation
      yield () => come() || this.#check(come)
      return
    }
    Atomics.store(words, at.arrived, 0)
    Atomics.add(words, at.generation, 1)
    for (let rank = 0; rank < size; rank++) if (rank !== this.#me) this.#world.ring(this.#members[rank])
  }

  /** After enter(): what a rank gave. */
  kindOf(rank: number): number {
    return this.#words[this.#slot(rank) + of.kind]
  }

  numberOf(rank: number): number {
    return this.#numbers[this.#slot(rank) / 2 + ofNumbers.value]
  }

  /**
   * This rank left a call before its end, so nobody can know what the next ones would be worth. Its function may end by
   * the same error, which is what everybody should hear of then; the others are told when it goes on with something else.
   */
  breakUp(): void {
    this.#world.tellLater(() => this.#tell())
  }

  #tell(): void {
    const word = ((this.#me + 1) << callBits) | calls.indexOf((this.#call as Call).name)
    if (Atomics.compareExchange(this.#words, at.broken, 0, word) !== 0) return
    for (const member of this.#members) this.#world.ring(member)
  }

  /** False while others may still come; throws where they won't, unless all have come by then. */
  #check(come: () => boolean): boolean {
    const { name } = this.#call as Call
    if (Atomics.load(this.#words, at.broken) !== 0) {
      if (come()) return true
      this.checkWhole(name)
    }
    if (!this.#world.anyReturned) return false
    for (let rank = 0; rank < this.#members.length; rank++) {
      const missing = this.#words[this.#arrivalsAt(rank)] !== this.#arrivals
      if (!missing || !this.#world.hasReturned(this.#members[rank])) continue
      if (come()) return true
      throw misfit(`rank ${rank} has returned, while rank ${this.#me} waits for it in ${name}`)
    }
    return false
  }

  /** Throws where a rank has left a call before its end. */
  checkWhole(name: string): void {
    const broken = Atomics.load(this.#words, at.broken)
    if (broken === 0) return
    const where = calls[broken & ((1 << callBits) - 1)]
    const by = (broken >> callBits) - 1
    throw misfit(`rank ${by} left ${where} before its end, so rank ${this.#me} can't go on with ${name}`)
  }

  #agree(rank: number): boolean {
    const first = this.#slot(0)
    const other = this.#slot(rank)
    const same = (word: number) => this.#words[first + word] === this.#words[other + word]
    if (!same(of.call) || !same(of.root) || !same(of.op)) return false
    if (!alike.has(calls[this.#words[first + of.call]])) return true
    if (!same(of.kind)) return false
    return this.#numbers[first / 2 + ofNumbers.count] === this.#numbers[other / 2 + ofNumbers.count]
  }

  #describe(rank: number): string {
    const slot = this.#slot(rank)
    const name = calls[this.#words[slot + of.call]]
    const root = this.#words[slot + of.root]
    const op = this.#words[slot + of.op]
    const type = this.#words[slot + of.kind]
    const parts = [`rank ${rank} calls ${name}`]
    if (op > 0) parts.push(op === functionOp ? 'by a function' : `by '${reductionNames[op - 1]}'`)
    if (type >= kind.array) parts.push(`of ${this.#numbers[slot / 2 + ofNumbers.count]} ${dtypes[type - kind.array]}`)
    else if (op > 0 && type !== kind.any) parts.push(`of a ${type === kind.number ? 'number' : 'bigint'}`)
    if (root >= 0) parts.push(`with root ${root}`)
    return parts.join(' ')
  }

  #arrivalsAt(rank: number): number {
    return at.slots + rank * slotWords + ofArrivals
  }

  #slot(rank: number): number {
    return at.slots + ((this.#step & 1) * this.#members.length + rank) * slotWords
  }
}

/** The error of ranks that can't come together. */
export function misfit(how: string): Error {
  return codedError('ERR_OFFLOOP_COLLECTIVE', [how])
}
