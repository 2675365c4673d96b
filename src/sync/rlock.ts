import { isMainThread } from 'node:worker_threads'

import { checkFunction } from '../check.ts'
import { defineShareable } from '../shareable.ts'
import { checkHeld, Held } from './held.ts'
import { Mutex, newMutex } from './mutex.ts'
import type { LockOptions } from './mutex.ts'
import { opened, openShared, NamedWords } from './shared-words.ts'
import type { Holder } from './tracker.ts'
import { checkMayBlock, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

/** Options of the waits of {@link RLock}. */
export interface RLockWaitOptions extends WaitOptions {
  /**
   * A token of the same lock: it is entered again, at once.
   * @default none
   */
  readonly held?: Held | undefined
}

/**
 * A lock that its holder may enter again; it is free when all its tokens are released. As many async functions share a
 * thread, what was acquired as a promise is entered again by its token. What was acquired by `acquireSync`, or by
 * `tryAcquire` in a worker, belongs to the thread, as in Python. When a thread ends while it holds the lock, the next
 * one gets it, with `abandoned` on its token.
 * @example
 * const lock = new RLock()
 * await lock.with(async (held) => {
 *   await lock.with(held, () => 'inside again')
 * })
 */
export class RLock extends NamedWords {
  readonly #mutex: Mutex

  /** @throws TypeError for other options. */
  constructor(options: LockOptions = {}) {
    const shared = opened() ?? newMutex(options)
    super(shared)
    this.#mutex = new Mutex(this, shared)
  }

  /** The lock that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): RLock {
    return openShared(handle, 'RLock', () => new RLock())
  }

  /** Whether somebody holds it; it may be another matter a moment later. */
  get locked(): boolean {
    return this.#mutex.holder !== 0
  }

  /** Who holds it: the thread and, in debug mode, where it was acquired. */
  get holder(): Holder | undefined {
    return this.#mutex.heldBy
  }

  /**
   * Waits until the lock is free and takes it, or enters it again with `held`. Rejects with TimeoutError or the
   * signal's reason; with ERR_OFFLOOP_NOT_HELD when `held` is no token of this lock any more.
   */
  acquire(options?: RLockWaitOptions): Promise<Held> {
    return this.#mutex.acquire(options, true)
  }

  /**
   * The same, blocking; a thread that has it in this way enters it again.
   * @throws ERR_OFFLOOP_MAIN_THREAD there; ERR_OFFLOOP_DEADLOCK when a promise of this thread holds it and no `timeout`
   * is given.
   */
  acquireSync(options?: RLockWaitOptions): Held {
    checkMayBlock('acquireSync')
    const wait = readWait(options)
    return this.#mutex.enterAgain(options?.held, true) ?? this.#mutex.acquireSync(wait, true)
  }

  /** Takes it if it is free now, or enters it again. */
  tryAcquire(options?: { readonly held?: Held | undefined }): Held | undefined {
    return this.#mutex.enterAgain(options?.held, true) ?? this.#mutex.tryAcquire(!isMainThread)
  }

  /** Runs `fn` while it holds the lock, and gives its result. `fn` gets the token. */
  with<T>(fn: (held: Held) => T | PromiseLike<T>, options?: RLockWaitOptions): Promise<T>
  /** The same, entering again with a token. */
  with<T>(held: Held, fn: (held: Held) => T | PromiseLike<T>): Promise<T>
  async with<T>(
    first: Held | ((held: Held) => T | PromiseLike<T>),
    second?: RLockWaitOptions | ((held: Held) => T | PromiseLike<T>),
  ): Promise<T> {
    const fn = first instanceof Held ? second : first
    checkFunction('fn', fn)
    const options = first instanceof Held ? { held: first } : (second as RLockWaitOptions | undefined)
    const held = await this.acquire(options)
    try {
      return await (fn as (held: Held) => T | PromiseLike<T>)(held)
    } finally {
      held[Symbol.dispose]()
    }
  }

  /**
   * Releases it once: by its token, or what this thread took last of it.
   * @throws ERR_OFFLOOP_NOT_HELD when it is not held here.
   */
  release(held?: Held): void {
    this.#mutex.release(held === undefined ? undefined : checkHeld(held))
  }
}

defineShareable('RLock', (handle) => RLock.from(handle))
