// Messages in a ring of bytes, first in, first out. Each end has a guard of its own, so that who puts and who gets do not
// wait for each other: the queue with two locks of M. M. Michael and M. L. Scott, "Simple, Fast, and Practical
// Non-Blocking and Blocking Concurrent Queue Algorithms" (PODC 1996). Each end has a line of the caches to itself, and
// notes there how far it has seen the other get, so that it has to look there only once in a while.
//
// Places are counted in units of 8 bytes, from 0 on and past 2^32; a place of the ring is the rest of that by its size. A
// message is a unit that says what it is, and its bytes. Who puts writes it behind all others and then moves `tail`,
// which alone counts; who gets moves `head`. A thread that ends inside leaves a count one off, which the next one puts
// right by its notes:
//
//   put:  notePuts = puts,  noteTail = new tail,  puts + 1,  tail = noteTail     tail !== noteTail: puts = notePuts
//   get:  noteHead = new head,  noteGots = gots,  head = noteHead,  gots + 1     head and gots as noted: gots + 1
//
// A ring that is full becomes larger by powers of two, while nobody is inside. Places that the old one had gone round to
// are copied behind it, and all others stay where they are, until one store makes the new size count.
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { Guard } from '../sync/guard.ts'
import type { Shared } from '../sync/shared-words.ts'
import { waitListWords } from '../sync/wait-list.ts'
import type { WaitList } from '../sync/wait-list.ts'
import { Memory, newGrowable } from './memory.ts'
import { ended, kind, nothing, tooManyDone, unbounded } from './messages.ts'
import type { Messages } from './messages.ts'
import { numberTag, read, write } from './value.ts'
import type { Packed, Raw } from './value.ts'

/** Words by where they are: what is hardly ever written, the end where one puts, that where one gets, and the rest. */
const at = {
  capacity: 0,
  closed: 1,
  mask: 2,
  limit: 3,
  tight: 4,
  back: 16,
  tail: 17,
  puts: 18,
  noteTail: 19,
  notePuts: 20,
  seenHead: 21,
  seenGots: 22,
  front: 32,
  head: 33,
  gots: 34,
  noteHead: 35,
  noteGots: 36,
  seenTail: 37,
  done: 48,
  list: 64,
} as const

/** Where the list of those who wait is. */
export const ringList = at.list
const startUnit = Math.ceil((at.list + waitListWords) / 16) * 8
const leastUnits = 1024
/** A ring has room for this many of its messages, so that few of them go round its end, unless they are long. */
const plenty = 8
const longUnits = 2 ** 14

/** Memory for a ring of at most `capacity` messages that take at most `bytes`. */
export function newRing(capacity: number, bytes: number): Shared {
  const units = bytes >> 3
  const most = Math.max(leastUnits, 2 ** Math.ceil(Math.log2(units)))
  const shared = newGrowable(startUnit * 2, most * 8, 'a queue')
  shared.words[at.capacity] = capacity
  shared.words[at.limit] = units
  shared.words[at.mask] = leastUnits - 1
  shared.words[at.noteGots] = -1
  return shared
}

export class Ring extends Memory implements Messages {
  readonly #back: Guard
  readonly #front: Guard
  readonly #list: WaitList
  readonly capacity: number
  readonly #limit: number
  /** As this thread knows it. */
  #mask = leastUnits - 1

  constructor(words: Int32Array, agents: AgentTable, list: WaitList) {
    super(words.buffer as SharedArrayBuffer)
    this.#back = new Guard(words, at.back, agents)
    this.#front = new Guard(words, at.front, agents)
    this.#list = list
    this.capacity = words[at.capacity]
    this.#limit = words[at.limit]
  }

  get size(): number {
    return Math.max(0, (Atomics.load(this.words, at.puts) - Atomics.load(this.words, at.gots)) | 0)
  }

  get unfinished(): number {
    return (Atomics.load(this.words, at.puts) - Atomics.load(this.words, at.done)) | 0
  }

  get isClosed(): boolean {
    return Atomics.load(this.words, at.closed) !== 0
  }

  get mostBytes(): number {
    return this.#limit * 8
  }

  bytesOf(packed: Packed): number {
    return unitsOf(packed) * 8
  }

  canHold(packed: Packed): boolean {
    return unitsOf(packed) <= this.#limit
  }

  push(packed: Packed, _priority: number, thorough: boolean): boolean {
    // The end where one gets may lack a count of room.
    if (thorough) this.#mendFront()
    const units = unitsOf(packed)
    this.#enterBack()
    try {
      const tail = this.#placeFor(units)
      if (tail === undefined) return false
      const unit = this.#unitOf(tail)
      this.words[2 * unit] = packed.tag
      this.words[2 * unit + 1] = packed.bytes
      this.#write(tail + 1, packed)
      this.#putUntil(tail + units)
    } finally {
      this.#back.leave()
    }
    this.#list.wake(1, kind.item)
    return true
  }

  /** What push() does with a number, without an object for it. */
  pushNumber(value: number): boolean {
    this.#enterBack()
    try {
      const tail = this.#placeFor(2)
      if (tail === undefined) return false
      const unit = this.#unitOf(tail)
      this.words[2 * unit] = numberTag
      this.words[2 * unit + 1] = 8
      this.floats[this.#unitOf(tail + 1)] = value
      this.#putUntil(tail + 2)
    } finally {
      this.#back.leave()
    }
    this.#list.wake(1, kind.item)
    return true
  }

  pop(): Raw {
    let raw: Raw
    this.#enterFront()
    try {
      const { words } = this
      const head = words[at.head]
      if (head === words[at.seenTail]) {
        // In this order: after the end nothing is put.
        const wasClosed = this.isClosed
        const tail = Atomics.load(words, at.tail)
        if (head === tail) return wasClosed ? ended : nothing
        words[at.seenTail] = tail
      }
      const unit = this.#unitOf(head)
      const tag = words[2 * unit]
      const bytes = words[2 * unit + 1]
      raw = tag === numberTag ? this.floats[this.#unitOf(head + 1)] : this.#read(head + 1, tag, bytes)
      const next = (head + 1 + unitsFor(bytes)) | 0
      const gots = words[at.gots]
      words[at.noteHead] = next
      words[at.noteGots] = gots
      Atomics.store(words, at.head, next)
      words[at.gots] = gots + 1
    } finally {
      this.#front.leave()
    }
    if (this.capacity !== unbounded) this.#list.wake(1, kind.room)
    if (Atomics.load(this.words, at.tight) !== 0) {
      Atomics.store(this.words, at.tight, 0)
      this.#list.wake(Infinity, kind.room)
    }
    return raw
  }

  close(): void {
    this.#enterBack()
    Atomics.store(this.words, at.closed, 1)
    this.#back.leave()
    this.#list.wake(Infinity, kind.item)
    this.#list.wake(Infinity, kind.room)
  }

  finish(): void {
    const { words } = this
    for (;;) {
      const done = Atomics.load(words, at.done)
      const left = (Atomics.load(words, at.puts) - done - 1) | 0
      if (left < 0) throw tooManyDone()
      if (Atomics.compareExchange(words, at.done, done, (done + 1) | 0) !== done) continue
      if (left === 0) this.#list.wake(Infinity, kind.allDone)
      return
    }
  }

  mend(): void {
    this.#enterBack()
    this.#back.leave()
  }

  // --- where one puts

  #enterBack(): void {
    const { words } = this
    if (this.#back.enter() && words[at.tail] !== words[at.noteTail]) words[at.puts] = words[at.notePuts]
    if (words[at.mask] !== this.#mask) this.#follow()
  }

  /** Where a message of so many units goes; undefined where there is no room. */
  #placeFor(units: number): number | undefined {
    const { words } = this
    if (words[at.closed] !== 0) throw codedError('ERR_OFFLOOP_CLOSED', ['The queue'])
    if (this.capacity !== unbounded && !this.#mayCount()) return undefined
    const tail = words[at.tail]
    if (units > this.#mask / plenty && units < longUnits) this.#enlarge(tail, Math.min(units * plenty, this.#limit))
    if (this.#used(tail) + units > Math.min(this.#mask + 1, this.#limit)) {
      words[at.seenHead] = Atomics.load(words, at.head)
      if (this.#used(tail) + units > this.#limit) {
        // Said before the last look: who makes room from now on tells.
        Atomics.store(words, at.tight, 1)
        words[at.seenHead] = Atomics.load(words, at.head)
        if (this.#used(tail) + units > this.#limit) return undefined
      }
      this.#enlarge(tail, this.#used(tail) + units)
    }
    return tail
  }

  #mayCount(): boolean {
    const { words } = this
    const puts = words[at.puts]
    if (((puts - words[at.seenGots]) | 0) < this.capacity) return true
    words[at.seenGots] = Atomics.load(words, at.gots)
    return ((puts - words[at.seenGots]) | 0) < this.capacity
  }

  #used(tail: number): number {
    return (tail - this.words[at.seenHead]) | 0
  }

  #putUntil(end: number): void {
    const { words } = this
    const puts = words[at.puts]
    words[at.notePuts] = puts
    words[at.noteTail] = end
    words[at.puts] = puts + 1
    Atomics.store(words, at.tail, end | 0)
  }

  /** Makes room for `needed` units, where there is not. */
  #enlarge(tail: number, needed: number): void {
    if (needed <= this.#mask + 1) return
    this.#enterFront()
    try {
      const old = this.#mask + 1
      let size = old
      while (size < needed) size *= 2
      this.grow((startUnit + size) * 2, 'a queue')
      for (let place = this.words[at.head]; place !== tail;) {
        const from = place & (old - 1)
        const to = place & (size - 1)
        const units = Math.min(old - from, (tail - place) | 0)
        if (from !== to) this.longs.copyWithin(startUnit + to, startUnit + from, startUnit + from + units)
        place = (place + units) | 0
      }
      Atomics.store(this.words, at.mask, size - 1)
      this.#mask = size - 1
    } finally {
      this.#front.leave()
    }
  }

  // --- where one gets

  #enterFront(): void {
    const { words } = this
    if (this.#front.enter() && words[at.head] === words[at.noteHead] && words[at.gots] === words[at.noteGots]) {
      words[at.gots]++
    }
    if (words[at.mask] !== this.#mask) this.#follow()
  }

  #mendFront(): void {
    this.#enterFront()
    this.#front.leave()
  }

  // --- the ring

  /** Another thread has made the ring larger. */
  #follow(): void {
    this.#mask = this.words[at.mask]
    this.reach((startUnit + this.#mask + 1) * 2)
  }

  #unitOf(place: number): number {
    return startUnit + (place & this.#mask)
  }

  #write(place: number, packed: Packed): void {
    const first = this.#unitsBefore(place, packed.bytes)
    const to = this.#unitOf(place) * 8
    if (first === undefined) return write(this, to, packed)
    const whole = new Memory(new SharedArrayBuffer(unitsFor(packed.bytes) * 8))
    write(whole, 0, packed)
    this.bytes.set(whole.bytes.subarray(0, first * 8), to)
    this.bytes.set(whole.bytes.subarray(first * 8), startUnit * 8)
  }

  #read(place: number, tag: number, bytes: number): Raw {
    const first = this.#unitsBefore(place, bytes)
    const from = this.#unitOf(place) * 8
    if (first === undefined) return read(this, from, tag, bytes)
    const whole = new Memory(new SharedArrayBuffer(unitsFor(bytes) * 8))
    whole.bytes.set(this.bytes.subarray(from, from + first * 8))
    whole.bytes.set(this.bytes.subarray(startUnit * 8, startUnit * 8 + whole.bytes.length - first * 8), first * 8)
    return read(whole, 0, tag, bytes)
  }

  /** How many units of so many bytes come before the ring goes round; undefined where it does not. */
  #unitsBefore(place: number, bytes: number): number | undefined {
    const first = this.#mask + 1 - (place & this.#mask)
    return unitsFor(bytes) > first ? first : undefined
  }
}

function unitsOf(packed: Packed): number {
  return 1 + unitsFor(packed.bytes)
}

function unitsFor(bytes: number): number {
  return (bytes + 7) >>> 3
}
