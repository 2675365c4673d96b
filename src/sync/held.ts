import { codedError } from '../errors.ts'

/** A lock that is held, by whoever has this token: a `using` declaration releases it at the end of its block. */
export class Held {
  /** Whether the one who held it before ended without a release: what the lock protects may be half changed. */
  readonly abandoned: boolean
  readonly #name: string
  #release: (() => void) | undefined

  constructor(name: string, abandoned: boolean, release: () => void) {
    this.#name = name
    this.abandoned = abandoned
    this.#release = release
  }

  /** Whether it has not been released yet. */
  get isHeld(): boolean {
    return this.#release !== undefined
  }

  /** @throws ERR_OFFLOOP_NOT_HELD when it has been released before. */
  release(): void {
    const release = this.#release
    if (release === undefined) throw codedError('ERR_OFFLOOP_NOT_HELD', [this.#name])
    this.#release = undefined
    release()
  }

  [Symbol.dispose](): void {
    if (this.isHeld) this.release()
  }

  [Symbol.asyncDispose](): Promise<void> {
    this[Symbol.dispose]()
    return Promise.resolve()
  }
}
