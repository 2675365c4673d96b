import { checkFlag, checkFunction, checkInteger, checkName, checkOptions } from '../check.ts'
import { codedError } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { Held } from './held.ts'
import type { Home } from './held.ts'
import type { LockOptions } from './mutex.ts'
import { newShared, opened, openShared, NamedWords, titleOf } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

const at = { value: 0, most: 1, fair: 2, list: 3 } as const
const most = 2 ** 31 - 1

/** Who waits for several permits may not keep those back who wait for one. */
const kinds = { one: 0, several: 1 } as const

/** Options of {@link Semaphore}. */
export type SemaphoreOptions = LockOptions

/** What both kinds of semaphores are. */
abstract class Permits extends NamedWords {
  readonly #list: WaitList
  readonly #fair: boolean
  readonly #title: string

  constructor(shared: Shared) {
    super(shared)
    this.#fair = Atomics.load(this.words, at.fair) === 1
    this.#list = new WaitList(this.words, at.list, this.agents, {
      fifo: this.#fair,
      headOnly: true,
      several: this.#fair,
    })
    this.#title = titleOf('The semaphore', this.name)
  }

  /** How many permits are free; it may be another number a moment later. */
  get value(): number {
    return Atomics.load(this.words, at.value)
  }

  /**
   * Waits until `n` permits are free, 1 by default, and takes them; the token gives them back. Rejects with
   * TimeoutError or the signal's reason.
   */
  acquire(options?: WaitOptions): Promise<Held>
  acquire(n: number, options?: WaitOptions): Promise<Held>
  async acquire(first?: number | WaitOptions, second?: WaitOptions): Promise<Held> {
    const { n, options } = this.#read(first, second)
    const wait = readWait(options)
    return orTimeout(await this.#list.wait(() => this.#take(n), wait, this.#kindOf(n)), wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  acquireSync(options?: WaitOptions): Held
  acquireSync(n: number, options?: WaitOptions): Held
  acquireSync(first?: number | WaitOptions, second?: WaitOptions): Held {
    checkMayBlock('acquireSync')
    const { n, options } = this.#read(first, second)
    const wait = readWait(options)
    return orTimeout(
      this.#list.waitSync(() => this.#take(n), wait, this.#kindOf(n)),
      wait,
    )
  }

  /** Takes `n` permits, 1 by default, if they are free now. */
  tryAcquire(n = 1): Held | undefined {
    this.#check(n)
    return this.#list.mayPass ? this.#take(n) : undefined
  }

  /** Runs `fn` while it has a permit, and gives its result. */
  async with<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('fn', fn)
    const held = await this.acquire(options)
    try {
      return await fn()
    } finally {
      held[Symbol.dispose]()
    }
  }

  /**
   * Gives `n` permits back, 1 by default, or those of a token. Any thread may do so, with or without having taken any.
   * @throws ERR_OFFLOOP_OVER_RELEASE when there would be more than can be counted, and, of a BoundedSemaphore, more than
   * there were; ERR_OFFLOOP_NOT_HELD when the token has been released before.
   */
  release(n: number | Held = 1): void {
    if (n instanceof Held) n.release()
    else this.#give(checkInteger('n', n, 1, most))
  }

  #read(
    first: number | WaitOptions | undefined,
    second: WaitOptions | undefined,
  ): { n: number; options?: WaitOptions } {
    const [n, options] = typeof first === 'object' ? [1, first] : [first ?? 1, second]
    this.#check(n)
    return options === undefined ? { n } : { n, options }
  }

  /** More than there can ever be are never free. */
  #check(n: number): void {
    checkInteger('n', n, 1, Atomics.load(this.words, at.most))
  }

  #kindOf(n: number): number {
    return n === 1 || this.#fair ? kinds.one : kinds.several
  }

  #take(n: number): Held | undefined {
    const { words } = this
    for (let value = Atomics.load(words, at.value); value >= n;) {
      const found = Atomics.compareExchange(words, at.value, value, value - n)
      if (found === value) return new Held(this.#homeOf(n), false)
      value = found
    }
    return undefined
  }

  #homeOf(n: number): Home {
    return { title: this.#title, has: () => true, letGo: () => this.#give(n) }
  }

  #give(n: number): void {
    const { words } = this
    const bound = Atomics.load(words, at.most)
    for (let value = Atomics.load(words, at.value); ;) {
      if (value + n > bound) throw codedError('ERR_OFFLOOP_OVER_RELEASE', [this.#title, String(bound)])
      const found = Atomics.compareExchange(words, at.value, value, value + n)
      if (found === value) break
      value = found
    }
    if (this.#fair) return this.#list.wakeNext()
    this.#list.wake(n, kinds.one)
    this.#list.wakeAll(kinds.several)
  }
}

/**
 * A number of permits: `acquire` takes some, `release` brings some back, in whatever thread. Permits have no owner, so
 * those that a thread had when it ended stay taken.
 * @example
 * const semaphore = new Semaphore(2)
 * const held = await semaphore.acquire()
 * try {
 *   // at most two are here
 * } finally {
 *   held.release()
 * }
 */
export class Semaphore extends Permits {
  /**
   * @param value How many permits there are: from 0 up, 1 by default.
   * @throws TypeError or RangeError for another value or other options.
   */
  constructor(value = 1, options: SemaphoreOptions = {}) {
    super(opened() ?? create(checkInteger('value', value, 0, most), most, options))
  }

  /** The semaphore that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): Semaphore {
    return openShared(handle, 'Semaphore', () => new Semaphore())
  }
}

/**
 * A Semaphore that can't have more permits than it began with: one release too many is an error.
 * @example
 * const slots = new BoundedSemaphore(3)
 * await slots.with(() => slots.value)
 */
export class BoundedSemaphore extends Permits {
  /**
   * @param value How many permits there are: from 1 up, 1 by default.
   * @throws TypeError or RangeError for another value or other options.
   */
  constructor(value = 1, options: SemaphoreOptions = {}) {
    super(opened() ?? create(checkInteger('value', value, 1, most), value, options))
  }

  /** The semaphore that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): BoundedSemaphore {
    return openShared(handle, 'BoundedSemaphore', () => new BoundedSemaphore())
  }
}

function create(value: number, bound: number, options: SemaphoreOptions): Shared {
  const { fair, name } = checkOptions(options)
  const shared = newShared(at.list + waitListWords, checkName('name', name))
  shared.words[at.value] = value
  shared.words[at.most] = bound
  shared.words[at.fair] = checkFlag('fair', fair) ? 1 : 0
  return shared
}

defineShareable('Semaphore', (handle) => Semaphore.from(handle))
defineShareable('BoundedSemaphore', (handle) => BoundedSemaphore.from(handle))
