// What the queues have in common: what is asked of their messages, and who waits for one, for room, or for the end of all
// work.
import { checkInteger } from '../check.ts'
import { codedError, timeoutError, typeMisuse } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { SharedWords } from '../sync/shared-words.ts'
import type { Shared } from '../sync/shared-words.ts'
import { WaitList } from '../sync/wait-list.ts'
import { checkMayBlock, forever, readWait } from '../sync/waits.ts'
import type { Wait, WaitOptions } from '../sync/waits.ts'
import { ended, kind, nothing, unbounded } from './messages.ts'
import type { Messages } from './messages.ts'
import { keep, open, pack } from './value.ts'
import type { Packed, Raw } from './value.ts'

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
   * How many bytes its items may take together, from 4096 to 2^30. An item takes its own bytes and 8 to 48 more. `put`
   * waits while there is no room. It is address space at first, and becomes memory as it fills.
   * @default 2 ** 30
   */
  readonly maxBytes?: number
}

/** Makes what the messages are in, over its memory. */
export type OpenMessages = (words: Int32Array, agents: AgentTable, list: WaitList) => Messages

export abstract class MessageQueue<T, P extends WaitOptions> extends SharedWords {
  readonly #messages: Messages
  readonly #list: WaitList
  /** Promises of this object that wait, which later calls must not overtake. */
  #putting = 0
  #getting = 0

  /** `listAt` is where the memory has words for a list of those who wait. */
  protected constructor(shared: Shared, listAt: number, openMessages: OpenMessages) {
    super(shared)
    this.#list = new WaitList(this.words, listAt, this.agents, { headOnly: true })
    this.#messages = openMessages(this.words, this.agents, this.#list)
  }

  /** How many items it holds at most; Infinity where there is no limit. */
  get capacity(): number {
    const { capacity } = this.#messages
    return capacity === unbounded ? Infinity : capacity
  }

  /** How many items it holds now; it may be another matter a moment later. */
  get size(): number {
    return this.#messages.size
  }

  /** Whether it takes no more; what is in it can still be got. */
  get closed(): boolean {
    return this.#messages.isClosed
  }

  /**
   * Adds an item, a copy of `value`, and waits while there is no room. What one thread puts stays in its order. Rejects
   * with TimeoutError or the signal's reason, and then the item was not added.
   * @throws ERR_OFFLOOP_CLOSED when it is closed. TypeError for what can't be copied into a message: functions, shared
   * memory and offloop's objects over it. RangeError for more bytes than it could ever hold.
   */
  async put(value: T, options?: P): Promise<void> {
    if (this.#putting === 0 && this.#putNumber(value, options)) return
    const wait = readWait(options)
    const priority = this.priorityOf(options)
    const packed = this.#pack(value)
    wait.signal?.throwIfAborted()
    if (this.#putting === 0 && this.#messages.push(packed, priority, false)) return
    const kept = keep(packed)
    this.#putting++
    try {
      const done = await this.#list.wait(
        (thorough) => this.#messages.push(kept, priority, thorough) || undefined,
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
    if (this.#putNumber(value, options)) return
    const wait = readWait(options)
    const priority = this.priorityOf(options)
    const packed = this.#pack(value)
    wait.signal?.throwIfAborted()
    const done = this.#list.waitSync(
      (thorough) => this.#messages.push(packed, priority, thorough) || undefined,
      wait,
      kind.room,
    )
    if (done === undefined) throw timeoutError(wait.timeout)
  }

  /** Adds an item if there is room now, and says whether there was. @throws As put(). */
  tryPut(value: T, options?: P): boolean {
    if (this.#putting === 0 && this.#putNumber(value, options)) return true
    const priority = this.priorityOf(options)
    return this.#putting === 0 && this.#messages.push(this.#pack(value), priority, false)
  }

  /**
   * Takes an item out, and waits while there is none. Rejects with TimeoutError or the signal's reason, and then no item
   * was taken.
   * @throws ERR_OFFLOOP_CLOSED when it is empty and closed.
   */
  async get(options?: WaitOptions): Promise<T> {
    const wait = readWait(options)
    wait.signal?.throwIfAborted()
    const raw = this.#now()
    return this.#item(raw === nothing ? await this.#later(wait) : raw)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  getSync(options?: WaitOptions): T {
    checkMayBlock('getSync')
    return this.#item(this.#nextSync(readWait(options)))
  }

  /** Takes an item out if there is one now; undefined if not. @throws ERR_OFFLOOP_CLOSED when it is empty and closed. */
  tryGet(): T | undefined {
    const raw = this.#now()
    return raw === nothing ? undefined : this.#item(raw)
  }

  /** Takes no more items; those that are in it can still be got. Whoever waits to put is refused. */
  close(): void {
    this.#messages.close()
  }

  /**
   * Says that the work on an item that was got is finished: see join().
   * @throws RangeError when that was said of all items before.
   */
  taskDone(): void {
    this.#messages.finish()
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
      const now = this.#now()
      const raw = now === nothing ? await this.#later(forever) : now
      if (raw === ended) return
      yield open(raw) as T
    }
  }

  /** The same, blocking: for workers. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    checkMayBlock('[Symbol.iterator]')
    for (;;) {
      const raw = this.#nextSync(forever)
      if (raw === ended) return
      yield open(raw) as T
    }
  }

  /** What an item's options say of its place. */
  protected abstract priorityOf(options: P | undefined): number

  #pack(value: T): Packed {
    const packed = pack(value)
    const messages = this.#messages
    if (messages.canHold(packed)) return packed
    throw new RangeError(
      `Expected \`value\` to fit into \`maxBytes\` of ${messages.mostBytes}, got one that takes ` +
        `${messages.bytesOf(packed)} bytes`,
    )
  }

  /** The common case, which needs neither an object for the message nor a look at options. */
  #putNumber(value: T, options: P | undefined): boolean {
    return options === undefined && typeof value === 'number' && this.#messages.pushNumber(value)
  }

  #now(): Raw {
    return this.#getting === 0 ? this.#messages.pop(false) : nothing
  }

  async #later(wait: Wait): Promise<Raw> {
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
    const raw = this.#messages.pop(false)
    if (raw !== nothing) return raw
    const found = this.#list.waitSync((thorough) => this.#takeBoxed(thorough), wait, kind.item)
    if (found === undefined) throw timeoutError(wait.timeout)
    return found[0]
  }

  #item(raw: Raw): T {
    if (raw === ended) throw codedError('ERR_OFFLOOP_CLOSED', ['The queue is empty, and it'])
    return open(raw) as T
  }

  #takeBoxed(thorough: boolean): [Raw] | undefined {
    const raw = this.#messages.pop(thorough)
    return raw === nothing ? undefined : [raw]
  }

  #isAllDone(thorough: boolean): true | undefined {
    if (thorough) this.#messages.mend()
    return this.#messages.unfinished === 0 || undefined
  }
}

/** Reads a queue's options, and makes memory for it. */
export function newQueue(options: QueueOptions, make: (capacity: number, bytes: number) => Shared): Shared {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { capacity = Infinity, maxBytes = mostBytes } = options
  const items = capacity === Infinity ? unbounded : checkInteger('capacity', capacity, 1, unbounded - 1)
  return make(items, checkInteger('maxBytes', maxBytes, leastBytes, mostBytes))
}
