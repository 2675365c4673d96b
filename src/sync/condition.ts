import { checkFunction, checkInteger } from '../check.ts'
import { codedError, timeoutError, typeMisuse } from '../errors.ts'
import { indexOf } from '../liveness.ts'
import { defineShareable, openHandle } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { checkHeld, Held } from './held.ts'
import { Lock } from './lock.ts'
import { mutexOf } from './mutex.ts'
import type { Mutex } from './mutex.ts'
import { Notices, noticeWords } from './notices.ts'
import type { Waiter } from './notices.ts'
import { RLock } from './rlock.ts'
import { newShared, opened, openShared, SharedWords } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, readWait, remaining } from './waits.ts'
import type { Wait, WaitOptions } from './waits.ts'

/** What a wait for a condition takes: a token, options, or both. */
interface Call {
  readonly held: Held | undefined
  readonly wait: Wait
}

/**
 * Waiting for a state that a lock protects, until whoever changes it says so. Who waits or notifies must hold the lock;
 * while a call waits it is released, and it is held again when the call is over, whatever ended it.
 * @example
 * const changed = new Condition()
 * let ready = false
 * setTimeout(() => changed.with(() => { ready = true; changed.notifyAll() }), 10)
 * await changed.with((held) => changed.waitFor(() => ready, held))
 */
export class Condition extends SharedWords {
  /** The lock that it belongs to. */
  readonly lock: Lock | RLock
  readonly #mutex: Mutex
  readonly #notices: Notices
  readonly #list: WaitList

  /**
   * @param lock The lock that protects the state; an RLock of its own by default.
   * @throws TypeError for another lock.
   */
  constructor(lock?: Lock | RLock) {
    const shared = opened()
    super(shared ?? newShared(noticeWords + waitListWords))
    this.lock = shared === undefined ? ownLock(lock) : (openHandle(shared.handle?.['lock'] as Handle) as Lock | RLock)
    this.#mutex = mutexOf(this.lock)
    this.#notices = new Notices(this.words, this.agents)
    this.#list = new WaitList(this.words, noticeWords, this.agents)
  }

  /** The condition that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): Condition {
    return openShared(handle, 'Condition', () => new Condition())
  }

  /** What to send where objects don't arrive as what they are: plain data, for {@link Condition.from}. */
  override get handle(): Handle {
    return { ...super.handle, lock: this.lock.handle }
  }

  /** As the lock's. */
  acquire(options?: WaitOptions): Promise<Held> {
    return this.lock.acquire(options)
  }

  /** As the lock's. @throws ERR_OFFLOOP_MAIN_THREAD on the main thread. */
  acquireSync(options?: WaitOptions): Held {
    return this.lock.acquireSync(options)
  }

  /** As the lock's. */
  tryAcquire(): Held | undefined {
    return this.lock.tryAcquire()
  }

  /** As the lock's. @throws ERR_OFFLOOP_NOT_HELD when it is not held here. */
  release(held?: Held): void {
    this.lock.release(held)
  }

  /** As the lock's: runs `fn` while it holds it. */
  with<T>(fn: (held: Held) => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    return this.lock.with(fn, options)
  }

  /**
   * Releases the lock, waits to be notified and takes it again. Without a token it is the one that this thread got last.
   * Rejects with TimeoutError, the signal's reason, or ERR_OFFLOOP_NOT_HELD.
   */
  wait(options?: WaitOptions): Promise<void>
  wait(held: Held | undefined, options?: WaitOptions): Promise<void>
  async wait(first?: Held | WaitOptions, second?: WaitOptions): Promise<void> {
    await this.#wait(readCall(first, second))
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  waitSync(options?: WaitOptions): void
  waitSync(held: Held | undefined, options?: WaitOptions): void
  waitSync(first?: Held | WaitOptions, second?: WaitOptions): void {
    checkMayBlock('waitSync')
    this.#waitSync(readCall(first, second))
  }

  /**
   * Waits until `predicate` gives something true, and gives that. It is called with the lock held: now, and after each
   * notice.
   */
  waitFor<T>(predicate: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T>
  waitFor<T>(predicate: () => T | PromiseLike<T>, held: Held | undefined, options?: WaitOptions): Promise<T>
  async waitFor<T>(predicate: () => T | PromiseLike<T>, first?: Held | WaitOptions, second?: WaitOptions): Promise<T> {
    checkFunction('predicate', predicate)
    const call = readCall(first, second)
    this.#mutex.holding(call.held)
    for (;;) {
      const result = await predicate()
      if (result) return result
      if (remaining(call.wait) <= 0) throw timeoutError(call.wait.timeout)
      await this.#wait(call).catch(ignoreTimeout(call))
    }
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  waitForSync<T>(predicate: () => T, options?: WaitOptions): T
  waitForSync<T>(predicate: () => T, held: Held | undefined, options?: WaitOptions): T
  waitForSync<T>(predicate: () => T, first?: Held | WaitOptions, second?: WaitOptions): T {
    checkMayBlock('waitForSync')
    checkFunction('predicate', predicate)
    const call = readCall(first, second)
    this.#mutex.holding(call.held)
    for (;;) {
      const result = predicate()
      if (result) return result
      if (remaining(call.wait) <= 0) throw timeoutError(call.wait.timeout)
      try {
        this.#waitSync(call)
      } catch (error) {
        ignoreTimeout(call)(error)
      }
    }
  }

  /**
   * Ends `n` of the waits that are there now, 1 by default, or all where there are fewer.
   * @throws ERR_OFFLOOP_NOT_HELD when this thread does not hold the lock.
   */
  notify(n = 1): void {
    checkInteger('n', n, 1, Number.MAX_SAFE_INTEGER)
    this.#notify(n)
  }

  /** Ends all waits that are there now. @throws ERR_OFFLOOP_NOT_HELD when this thread does not hold the lock. */
  notifyAll(): void {
    this.#notify(Infinity)
  }

  async #wait({ held, wait }: Call): Promise<void> {
    const { waiter, suspended } = this.#begin(held, wait)
    let failure: { readonly reason: unknown } | undefined
    try {
      await this.#list.wait(() => this.#attempt(waiter), wait, this.#kind)
    } catch (reason) {
      failure = { reason }
    }
    const notified = this.#notices.leave(waiter)
    await this.#mutex.resume(suspended)
    if (!notified) throw failure === undefined ? timeoutError(wait.timeout) : failure.reason
  }

  #waitSync({ held, wait }: Call): void {
    const { waiter, suspended } = this.#begin(held, wait)
    let failure: { readonly reason: unknown } | undefined
    try {
      this.#list.waitSync(() => this.#attempt(waiter), wait, this.#kind)
    } catch (reason) {
      failure = { reason }
    }
    const notified = this.#notices.leave(waiter)
    this.#mutex.resumeSync(suspended)
    if (!notified) throw failure === undefined ? timeoutError(wait.timeout) : failure.reason
  }

  /** From here on the call can be notified, which takes the lock that is released then. */
  #begin(held: Held | undefined, wait: Wait): { waiter: Waiter; suspended: ReturnType<Mutex['suspend']> } {
    this.#mutex.holding(held)
    wait.signal?.throwIfAborted()
    return { waiter: this.#notices.join(), suspended: this.#mutex.suspend() }
  }

  #attempt(waiter: Waiter): true | undefined {
    return this.#notices.check(waiter) ? true : undefined
  }

  #notify(n: number): void {
    if (this.#mutex.holder !== this.agents.me) throw codedError('ERR_OFFLOOP_NOT_HELD', [this.#mutex.title])
    for (let i = 0; i < n; i++) {
      const index = this.#notices.give()
      if (index < 0) return
      // Its promises, and what blocks it, if anything.
      this.#list.wake(2, index + 1)
    }
  }

  get #kind(): number {
    return indexOf(this.agents.me) + 1
  }
}

function readCall(first: Held | WaitOptions | undefined, second: WaitOptions | undefined): Call {
  if (first instanceof Held || (first === undefined && second !== undefined)) {
    return { held: first === undefined ? undefined : checkHeld(first), wait: readWait(second) }
  }
  return { held: undefined, wait: readWait(first) }
}

/** The predicate has the last word, also when time is over. */
function ignoreTimeout({ wait }: Call): (error: unknown) => void {
  return (error) => {
    if (remaining(wait) > 0 || wait.signal?.aborted === true) throw error
  }
}

function ownLock(lock: Lock | RLock | undefined): Lock | RLock {
  if (lock === undefined) return new RLock()
  if (lock instanceof Lock || lock instanceof RLock) return lock
  throw typeMisuse('lock', 'a Lock or an RLock', lock)
}

defineShareable('Condition', (handle) => Condition.from(handle))
