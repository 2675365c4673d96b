// What the queues have in common: a store of messages, how many there are, and who waits for one, for room, or for the
// end of all work.
import { checkInteger } from '../check.ts'
import { codedError, timeoutError, typeMisuse } from '../errors.ts'
import { SharedWords } from '../sync/shared-words.ts'
import type { Shared } from '../sync/shared-words.ts'
import { WaitList, waitListWords } from '../sync/wait-list.ts'
import { checkMayBlock, readWait } from '../sync/waits.ts'
import type { Wait, WaitOptions } from '../sync/waits.ts'
import { newGrowable } from './memory.ts'
import { message, orderWords } from './order.ts'
import type { Order } from './order.ts'
import { Store, storeWords } from './store.ts'
import { keep, open, pack, read, write } from './value.ts'
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

/** A multiple of 8 bytes, as records begin behind it. */
const controlWords = Math.ceil((at.list + waitListWords) / 2) * 2

/** What one can wait for. */
const kind = { item: 0, room: 1, allDone: 2 } as const

const unbounded = 2 ** 31 - 1
/** What `maxBytes` may be. */
export const leastBytes = 2 ** 12
export const mostBytes = 2 ** 30

/** Options of queues and of {@link Pipe}. */
export interface QueueOptions {
  /**
   * How many items it holds; `put` waits while it is full.
   * @default Infinity
   */
  readonly capacity?: number
  /**
   * How many bytes its items may take together, from 4096 to 2^30. An item takes its own bytes and some 16 more. `put`
   * waits while there is no room. It is address space at first, and becomes memory as it fills.
   * @default 2 ** 30
   */
  readonly maxBytes?: number
}

/** Stands for no item, as any value may be one. */
const nothing = Symbol('nothing')
const ended = Symbol('ended')

export abstract class MessageQueue<T, P extends WaitOptions> extends SharedWords {
  readonly #store: Store
  readonly #order: Order
  readonly #list: WaitList
  /** Promises of this object that wait, which later calls must not overtake. */
  #putting = 0
  #getting = 0

  protected constructor(shared: Shared, makeOrder: (store: Store, at: number) => Order) {
    super(shared)
    this.#store = new Store(this.words, controlWords, this.agents, 'a queue')
    this.#order = makeOrder(this.#store, at.order)
    this.#list = new WaitList(this.words, at.list, this.agents, { headOnly: true })
  }

  /** How many items it holds at most; Infinity where there is no limit. */
  get capacity(): number {
    const capacity = this.words[at.capacity]
    return capacity === unbounded ? Infinity : capacity
  }

  /** How many items it holds now; it may be another matter a moment later. */
  get size(): number {
    return Atomics.load(this.words, at.count)
  }

  /** Whether it takes no more; what is in it can still be got. */
  get closed(): boolean {
    return Atomics.load(this.words, at.closed) !== 0
  }

  /**
   * Adds an item, a copy of `value`, and waits while there is no room. What one thread puts stays in its order. Rejects
   * with TimeoutError or the signal's reason, and then the item was not added.
   * @throws ERR_OFFLOOP_CLOSED when it is closed. TypeError for what can't be copied into a message: functions, shared
   * memory and offloop's objects over it. RangeError for more bytes than it could ever hold.
   */
  async put(value: T, options?: P): Promise<void> {
    const wait = readWait(options)
    const priority = this.priorityOf(options)
    const packed = this.#pack(value)
    wait.signal?.throwIfAborted()
    if (this.#putting === 0 && this.#insert(packed, priority, false)) return
    const kept = keep(packed)
    this.#putting++
    try {
      const done = await this.#list.wait(
        (thorough) => this.#insert(kept, priority, thorough) || undefined,
        wait,
        kind.room,
      )
      if (done === undefined) throw timeoutError(wait.timeout)
    } finally {
      this.#putting--
    }
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  putSync(value: T, options?: P): void {
    checkMayBlock('putSync')
    const wait = readWait(options)
    const priority = this.priorityOf(options)
    const packed = this.#pack(value)
    wait.signal?.throwIfAborted()
    const done = this.#list.waitSync(
      (thorough) => this.#insert(packed, priority, thorough) || undefined,
      wait,
      kind.room,
    )
    if (done === undefined) throw timeoutError(wait.timeout)
  }

  /** Adds an item if there is room now, and says whether there was. @throws As put(). */
  tryPut(value: T, options?: P): boolean {
    const priority = this.priorityOf(options)
    return this.#putting === 0 && this.#insert(this.#pack(value), priority, false)
  }

  /**
   * Takes an item out, and waits while there is none. Rejects with TimeoutError or the signal's reason, and then no item
   * was taken.
   * @throws ERR_OFFLOOP_CLOSED when it is empty and closed.
   */
  async get(options?: WaitOptions): Promise<T> {
    return this.#item(await this.#next(readWait(options)))
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  getSync(options?: WaitOptions): T {
    checkMayBlock('getSync')
    return this.#item(this.#nextSync(readWait(options)))
  }

  /** Takes an item out if there is one now; undefined if not. @throws ERR_OFFLOOP_CLOSED when it is empty and closed. */
  tryGet(): T | undefined {
    const raw = this.#getting === 0 ? this.#take(false) : nothing
    return raw === nothing ? undefined : this.#item(raw)
  }

  /** Takes no more items; those that are in it can still be got. Whoever waits to put is refused. */
  close(): void {
    this.#store.enter()
    Atomics.store(this.words, at.closed, 1)
    this.#store.leave()
    this.#list.wake(Infinity, kind.item)
    this.#list.wake(Infinity, kind.room)
  }

  /**
   * Says that the work on an item that was got is finished: see join().
   * @throws RangeError when that was said of all items before.
   */
  taskDone(): void {
    this.#store.enter()
    let left: number
    try {
      left = this.words[at.unfinished] - 1
      if (left < 0) throw new RangeError('Expected one call of `taskDone` for each item, got more of them')
      Atomics.store(this.words, at.unfinished, left)
    } finally {
      this.#store.leave()
    }
    if (left === 0) this.#list.wake(Infinity, kind.allDone)
  }

  /** Waits until taskDone() was called for every item that was put. */
  async join(options?: WaitOptions): Promise<void> {
    const wait = readWait(options)
    const done = await this.#list.wait((thorough) => this.#isAllDone(thorough), wait, kind.allDone)
    if (done === undefined) throw timeoutError(wait.timeout)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  joinSync(options?: WaitOptions): void {
    checkMayBlock('joinSync')
    const wait = readWait(options)
    const done = this.#list.waitSync((thorough) => this.#isAllDone(thorough), wait, kind.allDone)
    if (done === undefined) throw timeoutError(wait.timeout)
  }

  /** Takes items out until it is closed and empty. Leaving the loop loses none. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const raw = await this.#next(readWait(undefined))
      if (raw === ended) return
      yield open(raw) as T
    }
  }

  /** The same, blocking: for workers. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    checkMayBlock('[Symbol.iterator]')
    for (;;) {
      const raw = this.#nextSync(readWait(undefined))
      if (raw === ended) return
      yield open(raw) as T
    }
  }

  /** What an item's options say of its place. */
  protected abstract priorityOf(options: P | undefined): number

  #pack(value: T): Packed {
    const packed = pack(value)
    const bytes = this.#order.header * 4 + packed.bytes
    if (this.#store.canHold(bytes)) return packed
    throw new RangeError(
      `Expected \`value\` to fit into \`maxBytes\` of ${this.#store.mostBytes}, got one that takes ${bytes} bytes`,
    )
  }

  #insert(packed: Packed, priority: number, thorough: boolean): boolean {
    const { words } = this
    const store = this.#store
    const capacity = words[at.capacity]
    // A look from outside, which is enough where there is no room. Now and then one looks from inside, as somebody may
    // have died there.
    if (!thorough && Atomics.load(words, at.count) >= capacity && !this.closed) return false
    store.enter()
    try {
      if (words[at.closed] !== 0) throw codedError('ERR_OFFLOOP_CLOSED', ['The queue'])
      if (words[at.count] >= capacity) return false
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

  #allocate(bytes: number): number {
    const record = this.#store.allocate(bytes)
    if (record !== 0) return record
    if (this.words[at.count] === 0) {
      this.#store.clear()
      return this.#store.allocate(bytes)
    }
    this.words[at.tight] = 1
    return 0
  }

  async #next(wait: Wait): Promise<Raw> {
    wait.signal?.throwIfAborted()
    const raw = this.#getting === 0 ? this.#take(false) : nothing
    if (raw !== nothing) return raw
    this.#getting++
    try {
      const found = await this.#list.wait((thorough) => this.#takeBoxed(thorough), wait, kind.item)
      if (found === undefined) throw timeoutError(wait.timeout)
      return found[0]
    } finally {
      this.#getting--
    }
  }

  #nextSync(wait: Wait): Raw {
    wait.signal?.throwIfAborted()
    const found = this.#list.waitSync((thorough) => this.#takeBoxed(thorough), wait, kind.item)
    if (found === undefined) throw timeoutError(wait.timeout)
    return found[0]
  }

  #item(raw: Raw): T {
    if (raw === ended) throw codedError('ERR_OFFLOOP_CLOSED', ['The queue is empty, and it'])
    return open(raw) as T
  }

  #takeBoxed(thorough: boolean): [Raw] | undefined {
    const raw = this.#take(thorough)
    return raw === nothing ? undefined : [raw]
  }

  #take(thorough: boolean): Raw {
    const { words } = this
    const store = this.#store
    if (!thorough && Atomics.load(words, at.count) === 0 && !this.closed) return nothing
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
    else if (words[at.capacity] !== unbounded) this.#list.wake(1, kind.room)
    return raw
  }

  #isAllDone(thorough: boolean): true | undefined {
    if (thorough) {
      this.#store.enter()
      this.#store.leave()
    }
    return Atomics.load(this.words, at.unfinished) === 0 || undefined
  }
}

/** Memory for a new queue. */
export function newQueue(options: QueueOptions): Shared {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { capacity = Infinity, maxBytes = mostBytes } = options
  const items = capacity === Infinity ? unbounded : checkInteger('capacity', capacity, 1, unbounded - 1)
  const bytes = checkInteger('maxBytes', maxBytes, leastBytes, mostBytes)
  const shared = newGrowable(controlWords, bytes, 'a queue')
  new Store(shared.words, controlWords, shared.agents, 'a queue').setUp(bytes)
  shared.words[at.capacity] = items
  return shared
}
