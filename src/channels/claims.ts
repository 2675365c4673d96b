// Who waits at several channels at once must not be served by two of them. So each one that waits has a word in memory
// that all threads see, its claim, and whoever serves it first wins that by compare-and-exchange. A claim is also what
// a blocked thread sleeps on; promises are woken by the bell of the block in which their claims are.
//
//   block: | the agent that has it | bell | 62 claims |          claim: | generation 20 bits | state 12 bits |
//
// The generation makes a claim that is used again another one, for those who still know the old.
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'

const blockWords = 64
const place = { owner: 0, bell: 1, claims: 2 } as const
const state = { over: 0, openToPromise: 1, openToThread: 2, won: 3 } as const
const stateBits = 0xfff

/** The most cases that a choice can have. */
export const mostCases = stateBits - state.won

/** Where promises wait that are to be told. */
type Tell = () => void

/** A claim of this thread's. */
export interface Claim {
  readonly at: number
  /** What the word is as long as nobody has won it. */
  readonly open: number
}

export class Claims {
  readonly #words: Int32Array
  readonly #agents: AgentTable
  readonly #free: number[] = []
  readonly #waiting = new Map<number, Tell>()
  /** Blocks whose bell this thread listens to. */
  readonly #listening = new Set<number>()

  constructor(agents: AgentTable) {
    this.#words = agents.extra
    this.#agents = agents
  }

  /** A new claim, for a promise or for a thread that is going to sleep. */
  open(forPromise: boolean): Claim {
    const at = this.#free.pop() ?? this.#takeBlock()
    const generation = (this.#words[at] >>> 12) + 1
    const open = (generation << 12) | (forPromise ? state.openToPromise : state.openToThread)
    Atomics.store(this.#words, at, open)
    return { at, open }
  }

  /** Which case has won; -1 while none has. */
  winner({ at, open }: Claim): number {
    const word = Atomics.load(this.#words, at)
    return word === open ? -1 : (word & stateBits) - state.won
  }

  /** Ends a claim that nobody has won; says whether that was so. */
  cancel({ at, open }: Claim): boolean {
    return Atomics.compareExchange(this.#words, at, open, open & ~stateBits) === open
  }

  /** Gives it back when nothing in a channel refers to it any more. */
  release({ at }: Claim): void {
    this.#words[at] &= ~stateBits
    this.#free.push(at)
  }

  /** Sleeps until somebody has won it; whether nobody has for so long. */
  sleep({ at, open }: Claim, ms: number): boolean {
    return Atomics.wait(this.#words, at, open, ms) === 'timed-out'
  }

  /** Tells when somebody has won it. */
  listen({ at }: Claim, tell: Tell): void {
    this.#waiting.set(at, tell)
    this.#listen(blockOf(at))
  }

  unlisten({ at }: Claim): void {
    this.#waiting.delete(at)
  }

  // --- for the other side

  isOpen(at: number, open: number): boolean {
    return Atomics.load(this.#words, at) === open
  }

  /** Lets a case win, and wakes who waits; false where it was too late for that. */
  win(at: number, open: number, index: number): boolean {
    const won = (open & ~stateBits) | (state.won + index)
    if (Atomics.compareExchange(this.#words, at, open, won) !== open) return false
    if ((open & stateBits) === state.openToThread) {
      Atomics.notify(this.#words, at)
      return true
    }
    const tell = this.#waiting.get(at)
    if (tell !== undefined) {
      queueMicrotask(tell)
      return true
    }
    const bell = blockOf(at) + place.bell
    Atomics.add(this.#words, bell, 1)
    Atomics.notify(this.#words, bell)
    return true
  }

  /** Whether a case has won a claim of an open word. */
  hasWon(at: number, open: number, index: number): boolean {
    return Atomics.load(this.#words, at) === ((open & ~stateBits) | (state.won + index))
  }

  #listen(block: number): void {
    if (this.#listening.has(block)) return
    for (;;) {
      const bell = Atomics.load(this.#words, block + place.bell)
      if (!this.#tellOf(block)) return
      const slept = Atomics.waitAsync(this.#words, block + place.bell, bell)
      if (!slept.async) continue
      this.#listening.add(block)
      void slept.value.then(() => {
        this.#listening.delete(block)
        this.#listen(block)
      })
      return
    }
  }

  /** Tells those whose claims in a block are won; whether any promise waits in it. */
  #tellOf(block: number): boolean {
    let some = false
    for (let at = block + place.claims; at < block + blockWords; at++) {
      const tell = this.#waiting.get(at)
      if (tell === undefined) continue
      some = true
      const now = Atomics.load(this.#words, at) & stateBits
      if (now !== state.openToPromise) queueMicrotask(tell)
    }
    return some
  }

  #takeBlock(): number {
    const { me } = this.#agents
    const words = this.#words
    const blocks = words.length / blockWords
    for (let i = 0; i < blocks; i++) {
      const block = ((me + i) % blocks) * blockWords
      const owner = Atomics.load(words, block)
      if (owner !== 0 && this.#agents.isAlive(owner)) continue
      if (Atomics.compareExchange(words, block, owner, me) !== owner) continue
      for (let at = block + blockWords - 1; at > block + place.claims; at--) this.#free.push(at)
      return block + place.claims
    }
    throw codedError('ERR_OFFLOOP_MEMORY', ['so many waits at channels at once'])
  }
}

const tables = new WeakMap<AgentTable, Claims>()

/** The claims of the threads of a table. */
export function claimsOf(agents: AgentTable): Claims {
  let claims = tables.get(agents)
  if (claims === undefined) {
    claims = new Claims(agents)
    tables.set(agents, claims)
  }
  return claims
}

function blockOf(at: number): number {
  return at - (at % blockWords)
}
