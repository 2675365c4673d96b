import { checkInteger } from '../check.ts'
import { defineShareable } from '../shareable.ts'
import { newShared, opened, openShared, SharedWords } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

const at = { count: 0, list: 1 } as const
const most = 2 ** 31 - 1

/**
 * A count that goes down to 0 once, and lets all go on who wait for that: Java's CountDownLatch, C++'s latch.
 * @example
 * const latch = new Latch(2)
 * setTimeout(() => latch.countDown(2), 10)
 * await latch.wait()
 */
export class Latch extends SharedWords {
  readonly #list: WaitList

  /**
   * @param count How often it has to be counted down: from 0 up.
   * @throws TypeError or RangeError for another count.
   */
  constructor(count: number) {
    super(opened() ?? create(count))
    this.#list = new WaitList(this.words, at.list, this.agents)
  }

  /** The latch that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): Latch {
    return openShared(handle, 'Latch', () => new Latch(0))
  }

  /** What is left. */
  get count(): number {
    return Atomics.load(this.words, at.count)
  }

  /** Counts `n` down, 1 by default; at 0 it stays there. */
  countDown(n = 1): void {
    checkInteger('n', n, 1, most)
    for (let left = this.count; left > 0;) {
      const next = Math.max(0, left - n)
      const found = Atomics.compareExchange(this.words, at.count, left, next)
      if (found !== left) {
        left = found
        continue
      }
      if (next === 0) this.#list.wakeAll()
      return
    }
  }

  /** Resolves at 0. Rejects with TimeoutError or the signal's reason. */
  async wait(options?: WaitOptions): Promise<void> {
    const wait = readWait(options)
    orTimeout(await this.#list.wait(() => this.#attempt(), wait), wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  waitSync(options?: WaitOptions): void {
    checkMayBlock('waitSync')
    const wait = readWait(options)
    orTimeout(
      this.#list.waitSync(() => this.#attempt(), wait),
      wait,
    )
  }

  #attempt(): true | undefined {
    return this.count === 0 ? true : undefined
  }
}

function create(count: number): Shared {
  checkInteger('count', count, 0, most)
  const shared = newShared(at.list + waitListWords)
  shared.words[at.count] = count
  return shared
}

defineShareable('Latch', (handle) => Latch.from(handle))
