// Messages in a store, in an order of their own.
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import type { Shared } from '../sync/shared-words.ts'
import { waitListWords } from '../sync/wait-list.ts'
import type { WaitList } from '../sync/wait-list.ts'
import { newGrowable } from './memory.ts'
import { ended, kind, nothing, tooManyDone, unbounded } from './messages.ts'
import type { Messages } from './messages.ts'
import { message, orderWords } from './order.ts'
import type { Order } from './order.ts'
import { Store, storeWords } from './store.ts'
import { packNumber, read, write } from './value.ts'
import type { Packed, Raw } from './value.ts'

const at = {
  capacity: storeWords,
  closed: storeWords + 1,
  count: storeWords + 2,
  unfinished: storeWords + 3,
  tight: storeWords + 4,
  order: storeWords + 5,
  list: storeWords + 5 + orderWords,
} as const

/** Where the list of those who wait is. */
export const storeList = at.list
/** A multiple of 8 bytes, as records begin behind it. */
const controlWords = Math.ceil((at.list + waitListWords) / 2) * 2

/** Memory for at most `capacity` messages that take at most `bytes`. */
export function newStored(capacity: number, bytes: number): Shared {
  const shared = newGrowable(controlWords, bytes, 'a queue')
  new Store(shared.words, controlWords, shared.agents, 'a queue').setUp(bytes)
  shared.words[at.capacity] = capacity
  return shared
}

export class StoredMessages implements Messages {
  readonly capacity: number
  readonly #words: Int32Array
  readonly #store: Store
  readonly #order: Order
  readonly #list: WaitList

  constructor(words: Int32Array, agents: AgentTable, list: WaitList, makeOrder: (store: Store, at: number) => Order) {
    this.#words = words
    this.#store = new Store(words, controlWords, agents, 'a queue')
    this.#order = makeOrder(this.#store, at.order)
    this.#list = list
    this.capacity = words[at.capacity]
  }

  get size(): number {
    return Atomics.load(this.#words, at.count)
  }

  get unfinished(): number {
    return Atomics.load(this.#words, at.unfinished)
  }

  get isClosed(): boolean {
    return Atomics.load(this.#words, at.closed) !== 0
  }

  get mostBytes(): number {
    return this.#store.mostBytes
  }

  bytesOf(packed: Packed): number {
    return this.#order.header * 4 + packed.bytes
  }

  canHold(packed: Packed): boolean {
    return this.#store.canHold(this.bytesOf(packed))
  }

  push(packed: Packed, priority: number, thorough: boolean): boolean {
    const words = this.#words
    const store = this.#store
    // A look from outside, which is enough where there is no room. Now and then one looks from inside, as somebody may
    // have died there.
    if (!thorough && this.size >= this.capacity && !this.isClosed) return false
    store.enter()
    try {
      if (words[at.closed] !== 0) throw codedError('ERR_OFFLOOP_CLOSED', ['The queue'])
      if (words[at.count] >= this.capacity) return false
      const { header } = this.#order
      const record = this.#allocate(header * 4 + packed.bytes)
      if (record === 0) return false
      store.words[record + message.tag] = packed.tag
      store.words[record + message.bytes] = packed.bytes
      write(store, (record + header) * 4, packed)
      this.#order.push(record, priority)
      store.set(at.count, words[at.count] + 1)
      store.set(at.unfinished, words[at.unfinished] + 1)
      store.commit()
    } finally {
      store.leave()
    }
    this.#list.wake(1, kind.item)
    return true
  }

  pushNumber(value: number): boolean {
    return this.push(packNumber(value), 0, false)
  }

  pop(thorough: boolean): Raw {
    const words = this.#words
    const store = this.#store
    if (!thorough && this.size === 0 && !this.isClosed) return nothing
    let raw: Raw
    let isTight: boolean
    store.enter()
    try {
      const record = this.#order.first()
      if (record === 0) return words[at.closed] === 0 ? nothing : ended
      raw = read(
        store,
        (record + this.#order.header) * 4,
        store.words[record + message.tag],
        store.words[record + message.bytes],
      )
      isTight = words[at.tight] !== 0
      this.#order.pop()
      store.free(record)
      store.set(at.count, words[at.count] - 1)
      if (isTight) store.set(at.tight, 0)
      store.commit()
    } finally {
      store.leave()
    }
    if (isTight) this.#list.wake(Infinity, kind.room)
    else if (this.capacity !== unbounded) this.#list.wake(1, kind.room)
    return raw
  }

  close(): void {
    this.#store.enter()
    Atomics.store(this.#words, at.closed, 1)
    this.#store.leave()
    this.#list.wake(Infinity, kind.item)
    this.#list.wake(Infinity, kind.room)
  }

  finish(): void {
    this.#store.enter()
    let left: number
    try {
      left = this.#words[at.unfinished] - 1
      if (left < 0) throw tooManyDone()
      Atomics.store(this.#words, at.unfinished, left)
    } finally {
      this.#store.leave()
    }
    if (left === 0) this.#list.wake(Infinity, kind.allDone)
  }

  mend(): void {
    this.#store.enter()
    this.#store.leave()
  }

  #allocate(bytes: number): number {
    const record = this.#store.allocate(bytes)
    if (record !== 0) return record
    if (this.#words[at.count] === 0) {
      this.#store.clear()
      return this.#store.allocate(bytes)
    }
    this.#words[at.tight] = 1
    return 0
  }
}
