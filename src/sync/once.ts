import { checkFunction } from '../check.ts'
import { codedError } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { newShared, opened, openShared, SharedWords } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { Wait, WaitOptions } from './waits.ts'

/** The state: 0, the agent that runs it, or `done`. */
const at = { state: 0, list: 1 } as const
const done = -1

/**
 * Something that is done once, whichever thread comes first; the others wait for it. A function that throws has not done
 * it, nor has one whose thread ended: the next one tries.
 * @example
 * const once = new Once()
 * await once.run(() => 'prepared')
 */
export class Once extends SharedWords {
  readonly #list: WaitList
  /** What `fn` gave, in the thread in which it ran. */
  #result: unknown

  constructor() {
    super(opened() ?? newShared(at.list + waitListWords))
    this.#list = new WaitList(this.words, at.list, this.agents)
  }

  /** The object that a handle stands for; the same one each time in one thread. */
  static from(handle: unknown): Once {
    return openShared(handle, 'Once', () => new Once())
  }

  /** Whether it is done. */
  get done(): boolean {
    return Atomics.load(this.words, at.state) === done
  }

  /**
   * Runs `fn` if it is to be done still, and resolves when it is done: to what `fn` gave in the thread that ran it, to
   * undefined in others. Rejects with what `fn` throws, TimeoutError or the signal's reason.
   */
  async run<T>(fn: () => T | PromiseLike<T>, options?: WaitOptions): Promise<T | undefined> {
    checkFunction('fn', fn)
    const wait = readWait(options)
    const turn = orTimeout(await this.#list.wait(() => this.#attempt(), wait), wait)
    if (turn === 'done') return this.#result as T | undefined
    let ran = false
    try {
      this.#result = await fn()
      ran = true
    } finally {
      this.#end(ran)
    }
    return this.#result as T
  }

  /**
   * The same, blocking.
   * @throws ERR_OFFLOOP_MAIN_THREAD there; ERR_OFFLOOP_DEADLOCK when this thread runs it now and no `timeout` is given.
   */
  runSync<T>(fn: () => T, options?: WaitOptions): T | undefined {
    checkMayBlock('runSync')
    checkFunction('fn', fn)
    const wait = readWait(options)
    const turn = orTimeout(
      this.#list.waitSync(() => this.#attempt() ?? this.#checkOther(wait), wait),
      wait,
    )
    if (turn === 'done') return this.#result as T | undefined
    let ran = false
    try {
      this.#result = fn()
      ran = true
    } finally {
      this.#end(ran)
    }
    return this.#result as T
  }

  #attempt(): 'mine' | 'done' | undefined {
    const { words, agents } = this
    const state = Atomics.load(words, at.state)
    if (state === done) return 'done'
    if (state !== 0 && agents.isAlive(state)) return undefined
    return Atomics.compareExchange(words, at.state, state, agents.me) === state ? 'mine' : undefined
  }

  #end(ran: boolean): void {
    Atomics.store(this.words, at.state, ran ? done : 0)
    this.#list.wakeAll()
  }

  #checkOther(wait: Wait): undefined {
    const own = Atomics.load(this.words, at.state) === this.agents.me
    if (own && wait.deadline === Infinity) {
      throw codedError('ERR_OFFLOOP_DEADLOCK', ['this thread waits for what it runs itself'])
    }
  }
}

defineShareable('Once', (handle) => Once.from(handle))
