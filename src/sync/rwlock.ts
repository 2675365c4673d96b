import { checkBoolean, checkFlag, checkFunction, checkName, checkOptions } from '../check.ts'
import { defineShareable } from '../shareable.ts'
import type { Flow } from './flows.ts'
import { mode } from './graph.ts'
import { Held } from './held.ts'
import type { Home } from './held.ts'
import type { LockOptions } from './mutex.ts'
import { at, RWLockState, rwlockWords } from './rwlock-state.ts'
import { newShared, opened, openShared, NamedWords, titleOf } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { newDebugPart, Tracker } from './tracker.ts'
import type { Holder, Passage } from './tracker.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import type { Attempt } from './wait-list.ts'
import { checkMayBlock, orTimeout, readWait } from './waits.ts'
import type { Wait, WaitOptions } from './waits.ts'

/** Whom one waits among. A fair lock has one line for both, and the writer at its head waits for the last readers. */
const kinds = { writer: 0, reader: 1, last: 2 } as const

/**
 * A lock that many hold to read, or one holds to write. Writers come first: while one waits no more readers get in. A
 * `fair` lock serves them as they come. Readers don't disturb each other: each thread counts its own. What a thread
 * held when it ended is free; if it was writing, tokens say `abandoned` until somebody has written again.
 *
 * Who reads must not read again before it releases: a writer may be waiting in between.
 * @example
 * const lock = new RWLock()
 * await lock.withRead(() => 'many at a time')
 * await lock.withWrite(() => 'nobody else')
 */
export class RWLock extends NamedWords {
  readonly #state: RWLockState
  readonly #list: WaitList
  readonly #fair: boolean
  readonly #reading: Home
  readonly #writing: Home
  /** In debug mode, with what each token stands for. */
  readonly #tracker: Tracker | undefined
  readonly #flows = new WeakMap<Held, Flow>()

  /** @throws TypeError for other options. */
  constructor(options: LockOptions = {}) {
    const shared = opened() ?? create(options)
    super(shared)
    this.#state = new RWLockState(this.words, this.agents)
    this.#fair = Atomics.load(this.words, at.fair) === 1
    this.#list = new WaitList(this.words, rwlockWords, this.agents, {
      fifo: this.#fair,
      headOnly: true,
      several: this.#fair,
    })
    const title = titleOf('The lock', this.name)
    this.#reading = { title, has: () => true, letGo: (held) => this.#endRead(held) }
    this.#writing = { title, has: () => true, letGo: (held) => this.#endWrite(held) }
    if (shared.debug !== undefined) this.#tracker = new Tracker(shared.debug, this.agents, this.name)
  }

  /** The lock that a handle stands for; the same object each time in one thread. */
  static from(handle: unknown): RWLock {
    return openShared(handle, 'RWLock', () => new RWLock())
  }

  /** How many read now. */
  get readers(): number {
    return this.#state.readers
  }

  /** Whether somebody writes now. */
  get writing(): boolean {
    return this.#state.isWriting
  }

  /** Who reads or writes now: the threads and, in debug mode, where they acquired it. */
  get holders(): Holder[] {
    return this.#tracker?.holders() ?? this.#state.holders().map((agent) => ({ thread: this.agents.threadOf(agent) }))
  }

  /** Waits until it may be read. Rejects with TimeoutError or the signal's reason. */
  read(options?: WaitOptions): Promise<Held> {
    return this.#lead((passage) => this.#read(options, passage))
  }

  /**
   * The same, blocking.
   * @throws ERR_OFFLOOP_MAIN_THREAD there; ERR_OFFLOOP_DEADLOCK when this thread writes and no `timeout` is given.
   */
  readSync(options?: WaitOptions): Held {
    checkMayBlock('readSync')
    const wait = readWait(options)
    this.#checkOther(wait, false)
    const passage = this.#tracker?.passage(true)
    try {
      return orTimeout(this.#list.waitSync(this.#reader(passage, true), wait, this.#readers), wait)
    } finally {
      passage?.end()
    }
  }

  /** A token to read by, if that is possible now. */
  tryRead(): Held | undefined {
    return this.#list.mayPass ? this.#enterRead(this.#tracker?.passage(true), true) : undefined
  }

  /** Waits until nobody reads or writes. Rejects with TimeoutError or the signal's reason. */
  write(options?: WaitOptions): Promise<Held> {
    return this.#lead((passage) => this.#write(options, passage))
  }

  /**
   * The same, blocking.
   * @throws ERR_OFFLOOP_MAIN_THREAD there; ERR_OFFLOOP_DEADLOCK when this thread reads or writes and no `timeout` is
   * given.
   */
  writeSync(options?: WaitOptions): Held {
    checkMayBlock('writeSync')
    const wait = readWait(options)
    this.#checkOther(wait, true)
    const passage = this.#tracker?.passage(true)
    let claimed: true | undefined
    let drained: true | undefined
    try {
      claimed = this.#list.waitSync(this.#claimer(passage), wait, kinds.writer)
      if (claimed) drained = this.#list.waitSync(this.#drainer(passage), wait, kinds.last)
    } finally {
      passage?.end()
      if (!drained) this.#giveUp(claimed)
    }
    orTimeout(drained, wait)
    return this.#beginWrite(passage, true)
  }

  /** A token to write by, if nobody reads or writes now. */
  tryWrite(): Held | undefined {
    if (!this.#list.mayPass || !this.#state.isDrained || !this.#state.claim()) return undefined
    if (this.#state.isDrained) return this.#beginWrite(this.#tracker?.passage(true), true)
    this.#giveUp(true)
    return undefined
  }

  /** Runs `fn` while it may read, and gives its result. `fn` gets the token. */
  async withRead<T>(fn: (held: Held) => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('fn', fn)
    return run(fn, await this.read(options))
  }

  /** Runs `fn` while it may write, and gives its result. `fn` gets the token. */
  async withWrite<T>(fn: (held: Held) => T | PromiseLike<T>, options?: WaitOptions): Promise<T> {
    checkFunction('fn', fn)
    return run(fn, await this.write(options))
  }

  get #readers(): number {
    return this.#fair ? kinds.writer : kinds.reader
  }

  #lead(start: (passage: Passage | undefined) => Promise<Held>): Promise<Held> {
    const passage = this.#tracker?.passage(false)
    return passage === undefined ? start(passage) : passage.lead(start(passage))
  }

  async #read(options: WaitOptions | undefined, passage: Passage | undefined): Promise<Held> {
    try {
      const wait = readWait(options)
      return orTimeout(await this.#list.wait(this.#reader(passage, false), wait, this.#readers), wait)
    } finally {
      passage?.end()
    }
  }

  async #write(options: WaitOptions | undefined, passage: Passage | undefined): Promise<Held> {
    const wait = readWait(options)
    let claimed: true | undefined
    let drained: true | undefined
    try {
      claimed = await this.#list.wait(this.#claimer(passage), wait, kinds.writer)
      if (claimed) drained = await this.#list.wait(this.#drainer(passage), wait, kinds.last)
    } finally {
      passage?.end()
      if (!drained) this.#giveUp(claimed)
    }
    orTimeout(drained, wait)
    return this.#beginWrite(passage, false)
  }

  #reader(passage: Passage | undefined, entering: boolean): Attempt<Held> {
    return (thorough) => this.#enterRead(passage, entering) ?? passage?.look(thorough, mode.read)
  }

  #claimer(passage: Passage | undefined): Attempt<true> {
    return (thorough) => this.#state.claim() ?? passage?.look(thorough, mode.write, true)
  }

  #drainer(passage: Passage | undefined): Attempt<true> {
    return (thorough) => (this.#state.isDrained ? true : passage?.look(thorough, mode.write, true))
  }

  #enterRead(passage: Passage | undefined, entering: boolean): Held | undefined {
    if (!this.#fair && this.#list.has(kinds.writer)) return undefined
    const entered = this.#state.enterRead()
    if (entered === 'stepped back') this.#list.wake(1, kinds.last)
    if (entered !== 'in') return undefined
    const held = new Held(this.#reading, this.#state.isSpoiled)
    if (passage !== undefined) this.#flows.set(held, passage.hold(mode.read, entering))
    return held
  }

  #beginWrite(passage: Passage | undefined, entering: boolean): Held {
    const held = new Held(this.#writing, this.#state.beginWrite())
    if (passage !== undefined) this.#flows.set(held, passage.hold(mode.write, entering))
    return held
  }

  #endRead(held: Held): void {
    this.#flows.get(held)?.hold?.end()
    this.#state.leaveRead()
    if (this.#state.isClaimed) this.#list.wake(1, kinds.last)
  }

  #endWrite(held: Held): void {
    this.#flows.get(held)?.hold?.end()
    this.#state.endWrite()
    this.#wakeNext()
  }

  /** A writer that does not come after all; readers may have waited for it. */
  #giveUp(claimed: true | undefined): void {
    if (claimed) this.#state.endWrite()
    this.#wakeNext()
  }

  #wakeNext(): void {
    this.#list.wakeOne(kinds.writer)
    if (!this.#fair && !this.#list.has(kinds.writer)) this.#list.wakeAll(kinds.reader)
  }

  #checkOther(wait: Wait, forWriting: boolean): void {
    if (wait.deadline === Infinity) this.#state.checkOther(forWriting)
  }
}

async function run<T>(fn: (held: Held) => T | PromiseLike<T>, held: Held): Promise<T> {
  try {
    return await fn(held)
  } finally {
    held[Symbol.dispose]()
  }
}

function create(options: LockOptions): Shared {
  const { fair, name, debug } = checkOptions(options)
  const shared = newShared(rwlockWords + waitListWords, checkName('name', name))
  shared.words[at.fair] = checkFlag('fair', fair) ? 1 : 0
  return { ...shared, debug: newDebugPart(debug === undefined ? undefined : checkBoolean('debug', debug)) }
}

defineShareable('RWLock', (handle) => RWLock.from(handle))
