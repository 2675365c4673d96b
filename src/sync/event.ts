import { defineShareable } from '../shareable.ts'
import { newShared, opened, openShared, SharedWords } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

/** The state is twice the number of times it was set, and 1 while it is set. */
const at = { state: 0, list: 1 } as const

/**
 * A flag that threads wait for: Python's Event. While it is set all waits are over at once.
 * @example
 * const ready = new SharedEvent()
 * setTimeout(() => ready.set(), 10)
 * await ready.wait()
 */
export class SharedEvent extends SharedWords {
  readonly #list: WaitList

  constructor() {
    super(opened() ?? newShared(at.list + waitListWords))
    this.#list = new WaitList(this.words, at.list, this.agents)
  }

  /** The event that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): SharedEvent {
    return openShared(handle, 'SharedEvent', () => new SharedEvent())
  }

  /** Whether it is set. */
  get isSet(): boolean {
    return (Atomics.load(this.words, at.state) & 1) === 1
  }

  /** Ends all waits, and those to come until it is cleared. */
  set(): void {
    const state = Atomics.load(this.words, at.state)
    if ((state & 1) === 1 || Atomics.compareExchange(this.words, at.state, state, state + 3) !== state) {
      // Set before, or by another thread now; if cleared as well, then after this.
      if (!this.isSet) this.set()
      return
    }
    this.#list.wakeAll()
  }

  /** From now on waits last until it is set again. */
  clear(): void {
    Atomics.and(this.words, at.state, ~1)
  }

  /** Resolves when it is set, also where it is cleared at once. Rejects with TimeoutError or the signal's reason. */
  async wait(options?: WaitOptions): Promise<void> {
    const wait = readWait(options)
    orTimeout(await this.#list.wait(this.#attempt(), wait), wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  waitSync(options?: WaitOptions): void {
    checkMayBlock('waitSync')
    const wait = readWait(options)
    orTimeout(this.#list.waitSync(this.#attempt(), wait), wait)
  }

  #attempt(): () => true | undefined {
    const { words } = this
    const before = Atomics.load(words, at.state)
    return () => {
      const now = Atomics.load(words, at.state)
      return (now & 1) === 1 || now !== (before & ~1) ? true : undefined
    }
  }
}

defineShareable('SharedEvent', (handle) => SharedEvent.from(handle))
