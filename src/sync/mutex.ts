// What is behind Lock and RLock: one word of shared memory that says which thread has it, and in that thread the tokens
// that own it. Taking it when it is free is one compare-and-exchange, the same word is looked at by who waits.
import { checkBoolean, checkFlag, checkName, checkOptions } from '../check.ts'
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import type { Flow } from './flows.ts'
import { mode } from './graph.ts'
import { checkHeld, Held } from './held.ts'
import type { Home } from './held.ts'
import { newShared, titleOf } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { newDebugPart, Tracker } from './tracker.ts'
import type { Holder, Passage } from './tracker.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { forever, orTimeout, readWait } from './waits.ts'
import type { Wait, WaitOptions } from './waits.ts'

const at = { holder: 0, fair: 1, list: 2 } as const

/** Options of locks. */
export interface LockOptions {
  /**
   * First come, first served. Otherwise whoever runs may take the lock before one that has to wake up: faster.
   * @default false
   */
  readonly fair?: boolean | undefined
  /**
   * For messages.
   * @default none
   */
  readonly name?: string | undefined
  /**
   * Notes where it is acquired, and finds deadlocks among locks that do so, in all threads. Slow.
   * @default whether the environment variable OFFLOOP_DEBUG is `locks`
   */
  readonly debug?: boolean | undefined
}

/** The memory of a new mutex, and its name. */
export function newMutex(options: LockOptions): Shared {
  const { fair, name, debug } = checkOptions(options)
  const shared = newShared(at.list + waitListWords, checkName('name', name))
  shared.words[at.fair] = checkFlag('fair', fair) ? 1 : 0
  return { ...shared, debug: newDebugPart(debug === undefined ? undefined : checkBoolean('debug', debug)) }
}

/** What is behind a lock, for those who need more than its members. */
export function mutexOf(lock: object): Mutex {
  return mutexes.get(lock) as Mutex
}

const mutexes = new WeakMap<object, Mutex>()

/** What threads hold by themselves: nobody need keep the object or a token to enter again later. */
const kept = new Set<object>()

interface AcquireOptions extends WaitOptions {
  readonly held?: Held | undefined
}

/** A lock that was released for a while, to be taken again for the same tokens. */
interface Suspended {
  readonly tokens: Held[]
  readonly byThread: boolean
  readonly flow: Flow | undefined
}

export class Mutex implements Home {
  readonly title: string
  readonly #words: Int32Array
  readonly #agents: AgentTable
  readonly #list: WaitList
  /** Of whoever holds it in this thread; several where it was entered again. */
  #tokens: Held[] = []
  /** Whether it was taken in the name of the thread, in which any code may enter again. */
  #byThread = false
  readonly #suspended = new Set<Suspended>()
  readonly #lock: object
  /** In debug mode. */
  readonly #tracker: Tracker | undefined
  #flow: Flow | undefined

  constructor(lock: object, shared: Shared) {
    mutexes.set(lock, this)
    this.#lock = lock
    this.title = titleOf('The lock', shared.name)
    this.#words = shared.words
    this.#agents = shared.agents
    const fifo = Atomics.load(this.#words, at.fair) === 1
    this.#list = new WaitList(this.#words, at.list, this.#agents, { fifo, headOnly: true })
    if (shared.debug !== undefined) this.#tracker = new Tracker(shared.debug, this.#agents, shared.name)
  }

  /** The agent that holds it, or 0: who has died with it does not. */
  get holder(): number {
    const holder = Atomics.load(this.#words, at.holder)
    return holder !== 0 && this.#agents.isAlive(holder) ? holder : 0
  }

  has(held: Held): boolean {
    return this.#tokens.includes(held)
  }

  /** The token that counts for a call: the one given, or the last of this thread. */
  holding(held: Held | undefined): Held {
    const found = held ?? this.#tokens.at(-1)
    if (found === undefined || !this.has(found)) throw codedError('ERR_OFFLOOP_NOT_HELD', [this.title])
    return found
  }

  /** Who holds it now. */
  get heldBy(): Holder | undefined {
    const { holder } = this
    if (holder === 0) return undefined
    return this.#tracker?.holders().at(0) ?? { thread: this.#agents.threadOf(holder) }
  }

  /** One more token for who has one, or for the thread that holds it; undefined where it has to be acquired. */
  enterAgain(held: Held | undefined, byThread: boolean): Held | undefined {
    if (held !== undefined) this.holding(checkHeld(held))
    else if (!byThread || !this.#byThread || this.#tokens.length === 0) return undefined
    const again = new Held(this, false)
    this.#tokens.push(again)
    return again
  }

  tryAcquire(byThread: boolean): Held | undefined {
    return this.#list.mayPass ? this.#take(byThread, this.#tracker?.passage(true), true) : undefined
  }

  /** Takes it, or enters it again by the token in the options. */
  acquire(options: AcquireOptions | undefined, reentrant = false): Promise<Held> {
    const passage = this.#tracker?.passage(false)
    const promise = this.#acquire(options, reentrant, passage)
    return passage === undefined ? promise : passage.lead(promise)
  }

  acquireSync(wait: Wait, byThread: boolean): Held {
    const passage = this.#tracker?.passage(true)
    const attempt = (thorough: boolean): Held | undefined =>
      this.#take(byThread, passage, true) ?? this.#checkOther(wait) ?? passage?.look(thorough, mode.write)
    try {
      return orTimeout(this.#list.waitSync(attempt, wait), wait)
    } finally {
      passage?.end()
    }
  }

  /** Releases it by a token, or in the name of the thread. */
  release(held: Held | undefined): void {
    // The object that took it may be gone, while the thread still holds it.
    const forgotten = held === undefined && this.#tokens.length === 0 && this.holder === this.#agents.me
    if (forgotten) this.#free()
    else this.holding(held).release()
  }

  letGo(held: Held): void {
    if (this.#remove(this.#tokens, held)) {
      if (this.#tokens.length === 0) this.#free()
    } else {
      for (const { tokens } of this.#suspended) this.#remove(tokens, held)
    }
  }

  /** Releases it however often it was entered; resume() takes it again for the same tokens. */
  suspend(): Suspended {
    const suspended = { tokens: this.#tokens, byThread: this.#byThread, flow: this.#flow }
    this.#tokens = []
    this.#suspended.add(suspended)
    this.#free()
    return suspended
  }

  async resume(suspended: Suspended): Promise<void> {
    const passage = suspended.flow && this.#tracker?.return(false, suspended.flow)
    try {
      await this.#list.wait((thorough) => this.#retake(suspended, passage, thorough), forever)
    } finally {
      passage?.end()
      this.#suspended.delete(suspended)
    }
  }

  resumeSync(suspended: Suspended): void {
    const passage = suspended.flow && this.#tracker?.return(true, suspended.flow)
    try {
      this.#list.waitSync((thorough) => this.#retake(suspended, passage, thorough), forever)
    } finally {
      passage?.end()
      this.#suspended.delete(suspended)
    }
  }

  async #acquire(options: AcquireOptions | undefined, reentrant: boolean, passage: Passage | undefined): Promise<Held> {
    const attempt = (thorough: boolean): Held | undefined =>
      this.#take(false, passage, false) ?? passage?.look(thorough, mode.write)
    try {
      const wait = readWait(options)
      const again = reentrant ? this.enterAgain(options?.held, false) : undefined
      return again ?? orTimeout(await this.#list.wait(attempt, wait), wait)
    } finally {
      passage?.end()
    }
  }

  #take(byThread: boolean, passage: Passage | undefined, entering: boolean): Held | undefined {
    const abandoned = this.#seize()
    if (abandoned === undefined) return undefined
    const held = new Held(this, abandoned)
    this.#tokens.push(held)
    this.#begin(byThread, passage, entering)
    return held
  }

  #retake(suspended: Suspended, passage: Passage | undefined, thorough: boolean): true | undefined {
    if (this.#seize() === undefined) return passage?.look(thorough, mode.write)
    this.#tokens = suspended.tokens
    this.#begin(suspended.byThread, passage, false)
    if (this.#tokens.length === 0) this.#free()
    return true
  }

  #begin(byThread: boolean, passage: Passage | undefined, entering: boolean): void {
    this.#byThread = byThread
    if (byThread || passage !== undefined) kept.add(this.#lock)
    this.#flow = passage?.hold(mode.write, entering)
  }

  /** Whether the one before has died with it; undefined where it is held. */
  #seize(): boolean | undefined {
    const { me } = this.#agents
    const holder = Atomics.compareExchange(this.#words, at.holder, 0, me)
    if (holder === 0) return false
    if (this.#agents.isAlive(holder)) return undefined
    return Atomics.compareExchange(this.#words, at.holder, holder, me) === holder ? true : undefined
  }

  #free(): void {
    if (this.#byThread || this.#flow !== undefined) kept.delete(this.#lock)
    this.#flow?.hold?.end()
    this.#flow = undefined
    Atomics.store(this.#words, at.holder, 0)
    this.#list.wakeNext()
  }

  #remove(tokens: Held[], held: Held): boolean {
    const index = tokens.lastIndexOf(held)
    if (index >= 0) tokens.splice(index, 1)
    return index >= 0
  }

  /** While this thread blocks nothing in it can release what it holds. */
  #checkOther(wait: Wait): undefined {
    if (wait.deadline !== Infinity || this.holder !== this.#agents.me) return undefined
    throw codedError('ERR_OFFLOOP_DEADLOCK', [
      `this thread waits for what it holds itself: ${this.title.toLowerCase()}`,
    ])
  }
}
