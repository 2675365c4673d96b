import { checkFlag } from '../check.ts'
import { codedError, timeoutError, typeMisuse } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { Held } from './held.ts'
import { newShared, sharedOf, SharedWords } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, readWait } from './waits.ts'
import type { Wait, WaitOptions } from './waits.ts'

const at = { holder: 0, fair: 1, list: 2 } as const

export interface LockOptions {
  /** First come, first served. Otherwise whoever runs may take the lock before one that has to wake up: faster. */
  readonly fair?: boolean
}

/**
 * A lock that one holds at a time, in any thread. Taking it when nobody has it is one atomic operation. When a thread
 * ends while it holds the lock, the next one gets it, with `abandoned` on its token.
 * @example
 * const lock = new Lock()
 * const held = await lock.acquire()
 * try {
 *   // nobody else is here
 * } finally {
 *   held.release()
 * }
 */
export class Lock extends SharedWords {
  readonly #list: WaitList
  #held: Held | undefined

  /** @throws TypeError for other options. */
  constructor(options: LockOptions = {}) {
    super(opening ?? create(options))
    const fifo = Atomics.load(this.words, at.fair) === 1
    this.#list = new WaitList(this.words, at.list, this.agents, { fifo, headOnly: true })
  }

  /** The lock that a handle stands for. */
  static from(handle: unknown): Lock {
    opening = sharedOf(handle, 'Lock')
    try {
      return new Lock()
    } finally {
      opening = undefined
    }
  }

  /** Whether somebody holds it; it may be another matter a moment later. */
  get locked(): boolean {
    return Atomics.load(this.words, at.holder) !== 0
  }

  /** Waits until the lock is free and takes it. Rejects with TimeoutError or the signal's reason. */
  async acquire(options?: WaitOptions): Promise<Held> {
    const wait = readWait(options)
    return this.#orTimeout(await this.#list.wait((thorough) => this.#take(thorough), wait), wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  acquireSync(options?: WaitOptions): Held {
    checkMayBlock('acquireSync')
    const wait = readWait(options)
    return this.#orTimeout(
      this.#list.waitSync((thorough) => this.#take(thorough), wait),
      wait,
    )
  }

  /** Takes it if it is free now. */
  tryAcquire(): Held | undefined {
    return this.#list.mayPass ? this.#take(false) : undefined
  }

  /** Runs `fn` while it holds the lock, and gives its result. */
  async with<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    if (typeof fn !== 'function') throw typeMisuse('fn', 'a function', fn)
    const held = await this.acquire(options)
    try {
      return await fn()
    } finally {
      held[Symbol.dispose]()
    }
  }

  /**
   * Releases it by its token, or what this object took last in this thread.
   * @throws ERR_OFFLOOP_NOT_HELD when it is not held here.
   */
  release(held = this.#held): void {
    if (held === undefined || held !== this.#held) throw codedError('ERR_OFFLOOP_NOT_HELD', ['The lock'])
    held.release()
  }

  #take(thorough: boolean): Held | undefined {
    const { words, agents } = this
    const holder = Atomics.compareExchange(words, at.holder, 0, agents.me)
    if (holder === 0) return this.#hold(false)
    if (!thorough || agents.isAlive(holder)) return undefined
    return Atomics.compareExchange(words, at.holder, holder, agents.me) === holder ? this.#hold(true) : undefined
  }

  #hold(abandoned: boolean): Held {
    this.#held = new Held('The lock', abandoned, () => {
      this.#held = undefined
      Atomics.store(this.words, at.holder, 0)
      this.#list.wake()
    })
    return this.#held
  }

  #orTimeout(held: Held | undefined, wait: Wait): Held {
    if (held === undefined) throw timeoutError(wait.timeout)
    return held
  }
}

let opening: Shared | undefined

function create(options: LockOptions): Shared {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const fair = checkFlag('fair', options.fair)
  const shared = newShared(at.list + waitListWords)
  shared.words[at.fair] = fair ? 1 : 0
  return shared
}

defineShareable('Lock', (handle) => Lock.from(handle))
