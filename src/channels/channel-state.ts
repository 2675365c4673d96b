// What a channel is in memory: values that are in its buffer, senders that wait with their value, receivers that wait.
// All here is done by who is in the store.
//
// Who waits has put a record there, an offer, and takes it away itself: nobody else frees it, so that it can rely on it.
// Others only win its claim; a sender's record may thereby move into the buffer, and be read. The one exception is the
// record of a thread that is gone. Each step is made so that the next thread can tell what is missing when the one that
// makes it ends in the middle:
//
// - A receiver's offer gets its value first, then its claim is won. Without the second step the value is nobody's.
// - A sender's claim is won first, then its record moves. A claim that was won tells that it has to.
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import type { Shared } from '../sync/shared-words.ts'
import { claimsOf } from './claims.ts'
import type { Claim, Claims } from './claims.ts'
import { List, previous } from './list.ts'
import { newGrowable } from './memory.ts'
import { Store, storeWords } from './store.ts'
import { read, write } from './value.ts'
import type { Packed, Raw } from './value.ts'

const at = {
  id: storeWords,
  capacity: storeWords + 2,
  closed: storeWords + 3,
  buffered: storeWords + 4,
  records: storeWords + 5,
  buffer: storeWords + 6,
  senders: storeWords + 8,
  receivers: storeWords + 10,
} as const

const controlWords = storeWords + 12

/** Words of a record: whose claim it is and which case of that; `progress`, and its value, or where that is. */
const part = {
  claim: previous + 1,
  open: previous + 2,
  agent: previous + 3,
  index: previous + 4,
  progress: previous + 5,
  tag: previous + 6,
  bytes: previous + 7,
  value: previous + 6,
  end: previous + 9,
} as const
const header = Math.ceil(part.end / 2) * 2

/** The claim of a record that is the buffer's own. */
const nobody = -1

const progress = { waiting: 0, moved: 1, consumed: 2, refused: 3 } as const

/** What became of a case. */
export interface Outcome {
  readonly raw: Raw
  /** The channel is closed: there is nothing more to receive, or nothing was sent. */
  readonly isClosed: boolean
}

const sent: Outcome = { raw: undefined, isClosed: false }
const closed: Outcome = { raw: undefined, isClosed: true }

export class ChannelState {
  readonly #store: Store
  readonly #agents: AgentTable
  readonly claims: Claims
  readonly #buffer: List
  readonly #senders: List
  readonly #receivers: List

  constructor(shared: Pick<Shared, 'words' | 'agents'>) {
    const store = new Store(shared.words, controlWords, shared.agents, 'a channel')
    this.#store = store
    this.#agents = shared.agents
    this.claims = claimsOf(shared.agents)
    this.#buffer = new List(store, at.buffer)
    this.#senders = new List(store, at.senders)
    this.#receivers = new List(store, at.receivers)
  }

  get capacity(): number {
    return this.#store.words[at.capacity]
  }

  get buffered(): number {
    return Atomics.load(this.#store.words, at.buffered)
  }

  get isClosed(): boolean {
    return Atomics.load(this.#store.words, at.closed) !== 0
  }

  /** Before which other channels this one is entered, where several are. */
  isBefore(other: ChannelState): boolean {
    const [mine, theirs] = [this.#store.words, other.#store.words]
    return mine[at.id] < theirs[at.id] || (mine[at.id] === theirs[at.id] && mine[at.id + 1] < theirs[at.id + 1])
  }

  /** Whether it is the same channel, opened twice. */
  isSame(other: ChannelState): boolean {
    return this === other || (!this.isBefore(other) && !other.isBefore(this))
  }

  enter(): void {
    this.#store.enter()
  }

  leave(): void {
    this.#store.leave()
  }

  /** Whether a value could ever be sent. */
  canHold(packed: Packed): boolean {
    return this.#store.canHold(header * 4 + packed.bytes)
  }

  get mostBytes(): number {
    return this.#store.mostBytes
  }

  // --- what can happen now

  /** Sends a value if a receiver waits or the buffer has room. */
  trySend(packed: Packed): Outcome | undefined {
    if (this.isClosed) return closed
    this.#promote()
    const receiver = this.buffered === 0 ? this.#openIn(this.#receivers, 0) : 0
    const hasRoom = this.buffered < this.capacity
    if (receiver === 0 && !hasRoom) return undefined
    const value = this.#newValue(packed)
    if (this.#hand(value, receiver)) return sent
    if (hasRoom) {
      this.#buffer.push(value)
      this.#count(1)
      this.#store.commit()
      return sent
    }
    this.#discard(value)
    this.#store.commit()
    return undefined
  }

  /** Receives what is in the buffer, or what a sender waits with; or finds that there will be nothing more. */
  tryReceive(): Outcome | undefined {
    this.#promote()
    const record = this.#buffer.first
    if (record !== 0) return { raw: this.#consume(record), isClosed: false }
    if (this.isClosed) return closed
    if (this.capacity > 0) return undefined
    for (let sender = this.#openIn(this.#senders, 0); sender !== 0; sender = this.#openIn(this.#senders, sender)) {
      const raw = this.#valueOf(sender)
      if (this.#win(sender)) return { raw, isClosed: false }
    }
    return undefined
  }

  // --- those who wait

  /** Puts up an offer to send a value, for a case of a claim. */
  offerValue(packed: Packed, claim: Claim, index: number): number {
    const record = this.#newValue(packed)
    this.#mark(record, claim, index)
    this.#senders.push(record)
    this.#store.commit()
    return record
  }

  /** Puts up an offer to receive one. */
  offerRoom(claim: Claim, index: number): number {
    const record = this.#allocate(header * 4)
    this.#mark(record, claim, index)
    this.#store.words[record + part.value] = 0
    this.#receivers.push(record)
    this.#store.commit()
    return record
  }

  /** Takes away the offer to send, whose case may have won. */
  endValue(record: number, hasWon: boolean): Outcome {
    const { words } = this.#store
    const was = words[record + part.progress]
    if (hasWon && was === progress.waiting && this.capacity > 0) this.#move(record)
    if (words[record + part.progress] === progress.moved) {
      // From now on it is the buffer's.
      this.#store.set(record + part.claim, nobody)
    } else {
      if (was !== progress.consumed) this.#senders.remove(record)
      this.#discard(record)
    }
    this.#store.commit()
    return was === progress.refused && hasWon ? closed : sent
  }

  /** Takes away the offer to receive; gives what was received where its case has won. */
  endRoom(record: number, hasWon: boolean): Outcome {
    const { words } = this.#store
    const value = words[record + part.value]
    const outcome = hasWon && value !== 0 ? { raw: this.#valueOf(value), isClosed: false } : closed
    if (value !== 0) this.#discard(value)
    this.#receivers.remove(record)
    this.#discard(record)
    this.#store.commit()
    return outcome
  }

  // Now and then those who wait look whether a thread that ended has left undone what would let them go on.

  /** For one who waits to receive: whether there is something, or the end. From outside. */
  get hasForReceiver(): boolean {
    return this.buffered > 0 || this.isClosed
  }

  /** For one who waits to send: the same of room. */
  get hasForSender(): boolean {
    return this.isClosed || this.buffered < this.capacity
  }

  /** Lets waiting senders into the buffer, or away where it is closed. */
  tend(): void {
    if (this.isClosed) this.#refuseAll()
    else this.#promote()
  }

  close(): void {
    Atomics.store(this.#store.words, at.closed, 1)
    this.#refuseAll()
  }

  #refuseAll(): void {
    const { words } = this.#store
    for (let one = this.#openIn(this.#senders, 0); one !== 0; one = this.#openIn(this.#senders, one)) {
      this.#store.set(one + part.progress, progress.refused)
      this.#store.commit()
      this.#win(one)
    }
    for (let one = this.#openIn(this.#receivers, 0); one !== 0; one = this.#openIn(this.#receivers, one)) {
      if (this.buffered > 0) return
      if (words[one + part.value] !== 0) this.#detach(one)
      this.#win(one)
    }
  }

  /** Gives a value to the first waiting receiver that takes it. */
  #hand(value: number, first: number): boolean {
    for (let receiver = first; receiver !== 0; receiver = this.#openIn(this.#receivers, receiver)) {
      if (this.#store.words[receiver + part.value] !== 0) this.#detach(receiver)
      this.#store.set(receiver + part.value, value)
      this.#store.commit()
      if (this.#win(receiver)) return true
      this.#store.set(receiver + part.value, 0)
    }
    return false
  }

  /** Away with a value that somebody wanted to hand over who did not live to do it. */
  #detach(receiver: number): void {
    this.#discard(this.#store.words[receiver + part.value])
    this.#store.set(receiver + part.value, 0)
    this.#store.commit()
  }

  /** Lets the oldest of the waiting senders into the buffer, as far as there is room. */
  #promote(): void {
    if (this.capacity === 0) return
    const { words } = this.#store
    let next: number
    for (let sender = this.#senders.first; sender !== 0; sender = next) {
      next = this.#senders.after(sender)
      const [claim, open, index] = [words[sender + part.claim], words[sender + part.open], words[sender + part.index]]
      if (words[sender + part.progress] === progress.waiting && this.claims.hasWon(claim, open, index)) {
        this.#move(sender)
        this.#store.commit()
      } else if (this.buffered >= this.capacity || this.isClosed) {
        return
      } else if (this.claims.isOpen(claim, open) && !this.#bury(this.#senders, sender) && this.#win(sender)) {
        this.#move(sender)
        this.#store.commit()
      }
    }
  }

  #move(sender: number): void {
    this.#senders.remove(sender)
    this.#store.set(sender + part.progress, progress.moved)
    this.#buffer.push(sender)
    this.#count(1)
  }

  /** Takes the first out of the buffer. */
  #consume(record: number): Raw {
    const { words } = this.#store
    const raw = this.#valueOf(record)
    this.#buffer.remove(record)
    this.#count(-1)
    if (words[record + part.claim] === nobody || !this.#agents.isAlive(words[record + part.agent]))
      this.#discard(record)
    else this.#store.set(record + part.progress, progress.consumed)
    this.#store.commit()
    this.#promote()
    return raw
  }

  // --- records

  /** The first behind `record`, or in the list, whose claim nobody has won. */
  #openIn(list: List, record: number): number {
    const { words } = this.#store
    let next = record === 0 ? list.first : list.after(record)
    while (next !== 0) {
      const one = next
      next = list.after(one)
      if (this.claims.isOpen(words[one + part.claim], words[one + part.open]) && !this.#bury(list, one)) return one
    }
    return 0
  }

  /** Removes the record of a thread that is gone, and says whether it is. */
  #bury(list: List, record: number): boolean {
    const { words } = this.#store
    if (this.#agents.isAlive(words[record + part.agent])) return false
    if (list === this.#receivers && words[record + part.value] !== 0) this.#discard(words[record + part.value])
    list.remove(record)
    this.#discard(record)
    this.#store.commit()
    return true
  }

  #win(record: number): boolean {
    const { words } = this.#store
    return this.claims.win(words[record + part.claim], words[record + part.open], words[record + part.index])
  }

  #newValue(packed: Packed): number {
    const record = this.#allocate(header * 4 + packed.bytes)
    const { words } = this.#store
    words[record + part.claim] = nobody
    words[record + part.progress] = progress.waiting
    words[record + part.tag] = packed.tag
    words[record + part.bytes] = packed.bytes
    write(this.#store, (record + header) * 4, packed)
    return record
  }

  #valueOf(record: number): Raw {
    const { words } = this.#store
    return read(this.#store, (record + header) * 4, words[record + part.tag], words[record + part.bytes])
  }

  #mark(record: number, claim: Claim, index: number): void {
    const { words } = this.#store
    words[record + part.claim] = claim.at
    words[record + part.open] = claim.open
    words[record + part.agent] = this.#agents.me
    words[record + part.index] = index
    words[record + part.progress] = progress.waiting
  }

  #count(change: 1 | -1): void {
    this.#store.set(at.buffered, this.#store.words[at.buffered] + change)
  }

  #allocate(bytes: number): number {
    let record = this.#store.allocate(bytes)
    if (record === 0 && this.#store.words[at.records] === 0) {
      this.#store.clear()
      record = this.#store.allocate(bytes)
    }
    if (record === 0) throw codedError('ERR_OFFLOOP_MEMORY', ['a channel: its `maxBytes` are taken'])
    this.#store.set(at.records, this.#store.words[at.records] + 1)
    return record
  }

  #discard(record: number): void {
    this.#store.free(record)
    this.#store.set(at.records, this.#store.words[at.records] - 1)
  }
}

/** Memory for a new channel. */
export function newChannel(capacity: number, maxBytes: number): Shared {
  const shared = newGrowable(controlWords, maxBytes, 'a channel')
  new Store(shared.words, controlWords, shared.agents, 'a channel').setUp(maxBytes)
  for (const word of [at.id, at.id + 1]) shared.words[word] = Math.random() * 2 ** 32
  shared.words[at.capacity] = capacity
  return shared
}
