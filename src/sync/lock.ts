import { checkFunction } from '../check.ts'
import { defineShareable } from '../shareable.ts'
import { checkHeld } from './held.ts'
import type { Held } from './held.ts'
import { Mutex, newMutex } from './mutex.ts'
import type { LockOptions } from './mutex.ts'
import { opened, openShared, NamedWords } from './shared-words.ts'
import type { Holder } from './tracker.ts'
import { checkMayBlock, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

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
export class Lock extends NamedWords {
  readonly #mutex: Mutex

  /** @throws TypeError for other options. */
  constructor(options: LockOptions = {}) {
    const shared = opened() ?? newMutex(options)
    super(shared)
    this.#mutex = new Mutex(this, shared)
  }

  /** The lock that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): Lock {
    return openShared(handle, 'Lock', () => new Lock())
  }

  /** Whether somebody holds it; it may be another matter a moment later. */
  get locked(): boolean {
    return this.#mutex.holder !== 0
  }

  /** Who holds it: the thread and, in debug mode, where it was acquired. */
  get holder(): Holder | undefined {
    return this.#mutex.heldBy
  }

  /** Waits until the lock is free and takes it. Rejects with TimeoutError or the signal's reason. */
  acquire(options?: WaitOptions): Promise<Held> {
    return this.#mutex.acquire(options)
  }

  /**
   * The same, blocking.
   * @throws ERR_OFFLOOP_MAIN_THREAD there; ERR_OFFLOOP_DEADLOCK when this thread holds it and no `timeout` is given.
   */
  acquireSync(options?: WaitOptions): Held {
    checkMayBlock('acquireSync')
    return this.#mutex.acquireSync(readWait(options), false)
  }

  /** Takes it if it is free now. */
  tryAcquire(): Held | undefined {
    return this.#mutex.tryAcquire(false)
  }

  /** Runs `fn` while it holds the lock, and gives its result. `fn` gets the token. */
  async with<T>(fn: (held: Held) => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('fn', fn)
    const held = await this.acquire(options)
    try {
      return await fn(held)
    } finally {
      held[Symbol.dispose]()
    }
  }

  /**
   * Releases it by its token, or whatever this thread holds of it.
   * @throws ERR_OFFLOOP_NOT_HELD when it is not held here.
   */
  release(held?: Held): void {
    this.#mutex.release(held === undefined ? undefined : checkHeld(held))
  }
}

defineShareable('Lock', (handle) => Lock.from(handle))
