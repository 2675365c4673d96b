import { checkInteger } from '../check.ts'
import { codedError, timeoutError, typeMisuse } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { opened, openShared, SharedWords } from '../sync/shared-words.ts'
import type { Shared } from '../sync/shared-words.ts'
import { checkMayBlock, readWait } from '../sync/waits.ts'
import type { Wait, WaitOptions } from '../sync/waits.ts'
import { ChannelState, newChannel } from './channel-state.ts'
import { choose, chooseNow, chooseSync } from './choice.ts'
import type { Case, Happened } from './choice.ts'
import { leastBytes, mostBytes } from './message-queue.ts'
import { open, pack } from './value.ts'
import type { Packed } from './value.ts'

/** Options of {@link Channel}. */
export interface ChannelOptions {
  /**
   * How many bytes the values in it may take together, with those of senders that wait, from 4096 to 2^30. An error says
   * when that is not enough. It is address space at first, and becomes memory as it fills.
   * @default 2 ** 30
   */
  readonly maxBytes?: number
}

/** Receiving from a channel, as a case of {@link select}. */
export interface Receiving<T> {
  /** The channel that is received from. */
  readonly receives: Channel<T>
}

/** Sending a value into a channel, as a case of {@link select}. */
export interface Sending<T> {
  /** The channel that is sent into. */
  readonly sends: Channel<T>
}

/**
 * A channel between threads, as in Go: a value goes from one sender to one receiver, and a send without a buffer waits
 * until it was received. See {@link select}, which waits at several.
 * @example
 * const channel = new Channel()
 * const task = pool.submit(async (results) => { await results.send(42) }, channel)
 * await channel.receive() // 42
 */
export class Channel<T = unknown> extends SharedWords {
  readonly #state: ChannelState

  /**
   * With room for `capacity` values that nobody has received yet.
   * @throws TypeError or RangeError for other arguments. ERR_OFFLOOP_MEMORY where there is no address space.
   */
  constructor(capacity = 0, options: ChannelOptions = {}) {
    super(opened() ?? create(capacity, options))
    this.#state = new ChannelState({ words: this.words, agents: this.agents })
  }

  /** The channel that a handle stands for. */
  static from<T = unknown>(handle: unknown): Channel<T> {
    return openShared(handle, 'Channel', () => new Channel<T>())
  }

  /** The most values in its buffer; 0 where sender and receiver meet. */
  get capacity(): number {
    return this.#state.capacity
  }

  /** How many values are in its buffer now; it may be another matter a moment later. */
  get size(): number {
    return this.#state.buffered
  }

  /** Whether it takes no more. */
  get closed(): boolean {
    return this.#state.isClosed
  }

  /**
   * Sends a copy of `value`: waits until it is received, or is in the buffer. Rejects with TimeoutError or the signal's
   * reason, and then it was not sent.
   * @throws ERR_OFFLOOP_CLOSED when the channel is closed, before or meanwhile. TypeError for what can't be copied into
   * a message: functions, shared memory and offloop's objects over it. RangeError for more bytes than it could ever hold.
   */
  async send(value: T, options?: WaitOptions): Promise<void> {
    const wait = readWait(options)
    sentOrClosed(await choose([this.#sendCase(value)], wait), wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  sendSync(value: T, options?: WaitOptions): void {
    checkMayBlock('sendSync')
    const wait = readWait(options)
    sentOrClosed(chooseSync([this.#sendCase(value)], wait), wait)
  }

  /** Sends if a receiver waits or the buffer has room, and says whether it did. @throws As send(). */
  trySend(value: T): boolean {
    const happened = chooseNow([this.#sendCase(value)])
    if (happened?.isClosed === true) throw closedError('The channel')
    return happened !== undefined
  }

  /**
   * Receives a value, and waits for one. Rejects with TimeoutError or the signal's reason, and then none was received.
   * @throws ERR_OFFLOOP_CLOSED when the channel is closed and its buffer empty.
   */
  async receive(options?: WaitOptions): Promise<T> {
    const wait = readWait(options)
    return received(orTimeout(await choose([this.#receiveCase], wait), wait)) as T
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  receiveSync(options?: WaitOptions): T {
    checkMayBlock('receiveSync')
    const wait = readWait(options)
    return received(orTimeout(chooseSync([this.#receiveCase], wait), wait)) as T
  }

  /** Receives if there is a value now; undefined if not. @throws ERR_OFFLOOP_CLOSED when it is closed and empty. */
  tryReceive(): T | undefined {
    const happened = chooseNow([this.#receiveCase])
    return happened === undefined ? undefined : (received(happened) as T)
  }

  /** Takes no more values; those in the buffer can still be received. Senders that wait are refused. */
  close(): void {
    this.#state.enter()
    try {
      this.#state.close()
    } finally {
      this.#state.leave()
    }
  }

  /** Receiving from this channel, as a case of {@link select}. */
  receiving(): Receiving<T> {
    const receiving: Receiving<T> = { receives: this }
    casesOf.set(receiving, this.#receiveCase)
    return receiving
  }

  /** Sending a copy of `value` into this channel, as a case of {@link select}. @throws As send(). */
  sending(value: T): Sending<T> {
    const sending: Sending<T> = { sends: this }
    casesOf.set(sending, this.#sendCase(value))
    return sending
  }

  /** Receives until it is closed and empty. Leaving the loop loses nothing. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const happened = await choose([this.#receiveCase], readWait(undefined))
      if (happened === undefined || happened.isClosed) return
      yield open(happened.raw) as T
    }
  }

  /** The same, blocking: for workers. */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    checkMayBlock('[Symbol.iterator]')
    for (;;) {
      const happened = chooseSync([this.#receiveCase], readWait(undefined))
      if (happened === undefined || happened.isClosed) return
      yield open(happened.raw) as T
    }
  }

  get #receiveCase(): Case {
    return { channel: this.#state, packed: undefined }
  }

  #sendCase(value: T): Case {
    return { channel: this.#state, packed: this.#pack(value) }
  }

  #pack(value: T): Packed {
    const packed = pack(value)
    if (this.#state.canHold(packed)) return packed
    throw new RangeError(
      `Expected \`value\` to fit into \`maxBytes\` of ${this.#state.mostBytes}, got one of ${packed.bytes} bytes`,
    )
  }
}

/** What the cases of select() stand for; nobody else can make one. */
export const casesOf = new WeakMap<object, Case>()

/** @throws ERR_OFFLOOP_CLOSED. */
export function closedError(what: string): Error {
  return codedError('ERR_OFFLOOP_CLOSED', [what])
}

/** @throws TimeoutError where nothing happened in time. */
export function orTimeout(happened: Happened | undefined, wait: Wait): Happened {
  if (happened === undefined) throw timeoutError(wait.timeout)
  return happened
}

function sentOrClosed(happened: Happened | undefined, wait: Wait): void {
  if (orTimeout(happened, wait).isClosed) throw closedError('The channel')
}

function received({ raw, isClosed }: Happened): unknown {
  if (isClosed) throw closedError('The channel is empty, and it')
  return open(raw)
}

function create(capacity: number, options: ChannelOptions): Shared {
  checkInteger('capacity', capacity, 0, 2 ** 31 - 1)
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { maxBytes = mostBytes } = options
  return newChannel(capacity, checkInteger('maxBytes', maxBytes, leastBytes, mostBytes))
}

defineShareable('Channel', (handle) => Channel.from(handle))
