import { checkInteger, checkName, checkOptions } from '../check.ts'
import { codedError } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { at, BarrierState, barrierWords } from './barrier-state.ts'
import type { Arrival } from './barrier-state.ts'
import { newShared, opened, openShared, NamedWords, titleOf } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { WaitOptions } from './waits.ts'

const mostParties = 2 ** 15

/** Options of {@link Barrier}. */
export interface BarrierOptions {
  /**
   * For messages.
   * @default none
   */
  readonly name?: string | undefined
}

/**
 * A place where a number of parties, in whatever threads, wait for each other, round after round. One that gives up, by
 * timeout, signal or the end of its thread, breaks the barrier for all, until it is reset.
 * @example
 * const barrier = new Barrier(2)
 * await Promise.all([barrier.wait(), barrier.wait()])
 */
export class Barrier extends NamedWords {
  readonly #state: BarrierState
  readonly #list: WaitList
  readonly #title: string

  /**
   * @param parties How many wait for each other: 1 to 32,768.
   * @throws TypeError or RangeError for another number or other options.
   */
  constructor(parties: number, options: BarrierOptions = {}) {
    super(opened() ?? create(parties, options))
    this.#state = new BarrierState(this.words, this.agents)
    this.#list = new WaitList(this.words, barrierWords, this.agents, { onDeath: () => this.abort() })
    this.#title = titleOf('The barrier', this.name)
  }

  /** The barrier that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): Barrier {
    return openShared(handle, 'Barrier', () => new Barrier(1))
  }

  /** How many it takes. */
  get parties(): number {
    return this.#state.parties
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#state.waiting
  }

  /** Whether it lets nobody pass until it is reset. */
  get broken(): boolean {
    return this.#state.broken
  }

  /**
   * Resolves when all parties have called it, to how many had come before: 0 to parties - 1. Rejects with TimeoutError
   * or the signal's reason, which breaks the barrier; with ERR_OFFLOOP_BROKEN_BARRIER when it is broken, or was reset
   * meanwhile.
   */
  async wait(options?: WaitOptions): Promise<number> {
    const wait = readWait(options)
    wait.signal?.throwIfAborted()
    const arrival = this.#arrive()
    let index: number | undefined
    try {
      index = await this.#list.wait(() => this.#attempt(arrival), wait)
    } finally {
      index ??= this.#leave(arrival)
    }
    return orTimeout(index, wait)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  waitSync(options?: WaitOptions): number {
    checkMayBlock('waitSync')
    const wait = readWait(options)
    wait.signal?.throwIfAborted()
    const arrival = this.#arrive()
    let index: number | undefined
    try {
      index = this.#list.waitSync(() => this.#attempt(arrival), wait)
    } finally {
      index ??= this.#leave(arrival)
    }
    return orTimeout(index, wait)
  }

  /** Breaks it: all who wait, and all who come, get ERR_OFFLOOP_BROKEN_BARRIER until it is reset. */
  abort(): void {
    if (this.#state.break()) this.#list.wakeAll()
  }

  /** Makes it as new. Those who wait get ERR_OFFLOOP_BROKEN_BARRIER. */
  reset(): void {
    if (this.#state.repair()) this.#list.wakeAll()
  }

  #arrive(): Arrival {
    const arrival = this.#state.arrive()
    if (arrival === undefined) throw this.#error()
    if (arrival.index + 1 === this.parties) this.#list.wakeAll()
    return arrival
  }

  #attempt(arrival: Arrival): number | undefined {
    const outcome = this.#state.outcome(arrival)
    if (outcome === 'broken') throw this.#error()
    return outcome === 'passed' ? arrival.index : undefined
  }

  /** Who leaves before the round has ended breaks it; it may also have been completed at the last moment. */
  #leave(arrival: Arrival): number | undefined {
    if (this.#state.break(arrival)) this.#list.wakeAll()
    return this.#state.outcome(arrival) === 'passed' ? arrival.index : undefined
  }

  #error(): Error {
    const why = 'it was aborted or reset, or one who waited gave up or ended'
    return codedError('ERR_OFFLOOP_BROKEN_BARRIER', [this.#title, why])
  }
}

function create(parties: number, options: BarrierOptions): Shared {
  checkInteger('parties', parties, 1, mostParties)
  const shared = newShared(barrierWords + waitListWords, checkName('name', checkOptions(options).name))
  shared.words[at.parties] = parties
  return shared
}

defineShareable('Barrier', (handle) => Barrier.from(handle))
