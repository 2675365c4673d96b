// What is behind Lock and RLock: one word of shared memory that says which thread has it, and in that thread the tokens
// that own it. Taking it when it is free is one compare-and-exchange, the same word is looked at by who waits.
import { checkFlag, checkName, checkOptions } from '../check.ts'
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { Held } from './held.ts'
import type { Home } from './held.ts'
import { newShared, titleOf } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { WaitList, waitListWords } from './wait-list.ts'
import { forever, orTimeout } from './waits.ts'
import type { Wait } from './waits.ts'

const at = { holder: 0, fair: 1, list: 2 } as const

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
}

/** The memory of a new mutex, and its name. */
export function newMutex(options: LockOptions): Shared {
  const { fair, name } = checkOptions(options)
  const shared = newShared(at.list + waitListWords, checkName('name', name))
  shared.words[at.fair] = checkFlag('fair', fair) ? 1 : 0
  return shared
}

/** What is behind a lock, for those who need more than its members. */
export function mutexOf(lock: object): Mutex {
  return mutexes.get(lock) as Mutex
}

const mutexes = new WeakMap<object, Mutex>()

/** What threads hold by themselves: nobody need keep the object or a token to enter again later. */
const kept = new Set<object>()

/** Locks that were released for a while, to be taken again for the same tokens. */
interface Suspended {
  readonly tokens: Held[]
  readonly byThread: boolean
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

  constructor(lock: object, shared: Shared) {
    mutexes.set(lock, this)
    this.#lock = lock
    this.title = titleOf('The lock', shared.name)
    this.#words = shared.words
    this.#agents = shared.agents
    const fifo = Atomics.load(this.#words, at.fair) === 1
    this.#list = new WaitList(this.#words, at.list, this.#agents, { fifo, headOnly: true })
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

  /** Whether the thread itself holds it, and may enter again. */
  get isOwn(): boolean {
    return this.#byThread && this.#tokens.length > 0
  }

  /** One more token for whoever holds it. */
  enterAgain(): Held {
    const held = new Held(this, false)
    this.#tokens.push(held)
    return held
  }

  tryAcquire(byThread: boolean): Held | undefined {
    return this.#list.mayPass ? this.#take(byThread) : undefined
  }

  async acquire(wait: Wait): Promise<Held> {
    return orTimeout(await this.#list.wait(() => this.#take(false), wait), wait)
  }

  acquireSync(wait: Wait, byThread: boolean): Held {
    const attempt = (): Held | undefined => this.#take(byThread) ?? this.#checkOther(wait)
    return orTimeout(this.#list.waitSync(attempt, wait), wait)
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
    const suspended = { tokens: this.#tokens, byThread: this.#byThread }
    this.#tokens = []
    this.#suspended.add(suspended)
    this.#free()
    return suspended
  }

  async resume(suspended: Suspended): Promise<void> {
    try {
      await this.#list.wait(() => this.#retake(suspended), forever)
    } finally {
      this.#suspended.delete(suspended)
    }
  }

  resumeSync(suspended: Suspended): void {
    try {
      this.#list.waitSync(() => this.#retake(suspended), forever)
    } finally {
      this.#suspended.delete(suspended)
    }
  }

  #take(byThread: boolean): Held | undefined {
    const abandoned = this.#seize()
    if (abandoned === undefined) return undefined
    const held = new Held(this, abandoned)
    this.#tokens.push(held)
    this.#byThread = byThread
    if (byThread) kept.add(this.#lock)
    return held
  }

  #retake(suspended: Suspended): true | undefined {
    if (this.#seize() === undefined) return undefined
    this.#tokens = suspended.tokens
    this.#byThread = suspended.byThread
    if (suspended.byThread) kept.add(this.#lock)
    if (this.#tokens.length === 0) this.#free()
    return true
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
    if (this.#byThread) kept.delete(this.#lock)
    Atomics.store(this.#words, at.holder, 0)
    this.#list.wake()
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
