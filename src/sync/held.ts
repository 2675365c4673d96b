import { codedError, typeMisuse } from '../errors.ts'

/** Where tokens come from and go back to. */
export interface Home {
  /** For messages. */
  readonly title: string
  /** Whether what the token stands for is held now: not while a Condition waits with it. */
  has(held: Held): boolean
  letGo(held: Held): void
}

/** A lock that is held, by whoever has this token: a `using` declaration releases it at the end of its block. */
export class Held {
  /** Whether the one who held it before ended without a release: what the lock protects may be half changed. */
  readonly abandoned: boolean
  #home: Home | undefined

  /** @internal */
  constructor(home: Home, abandoned: boolean) {
    this.#home = home
    this.abandoned = abandoned
  }

  /** Whether it has not been released yet. */
  get isHeld(): boolean {
    return this.#home?.has(this) ?? false
  }

  /** @throws ERR_OFFLOOP_NOT_HELD when it has been released before. */
  release(): void {
    if (!this.isHeld) throw codedError('ERR_OFFLOOP_NOT_HELD', [this.#home?.title ?? 'What this token stood for'])
    this[Symbol.dispose]()
  }

  /** Releases it, unless it was released before. */
  [Symbol.dispose](): void {
    const home = this.#home
    this.#home = undefined
    home?.letGo(this)
  }

  /** The same. */
  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    return Promise.resolve()
  }
}

export function checkHeld(held: unknown): Held {
  if (held instanceof Held) return held
  throw typeMisuse('held', 'the token that `acquire` gave', held)
}
