import { onAbort } from '../abort.ts'
import { codedError, timeoutError } from '../errors.ts'
import { readWait } from '../threads/wait.ts'
import type { WaitOptions } from '../sync/waits.ts'

/** What an Actor's `run` reads: messages in the order in which they came, until it is closed and empty. */
export interface Mailbox<M> extends AsyncIterable<M> {
  /**
   * The next message. A message counts as done when the next one is asked for, or when `run` is over.
   * @returns Rejects with a TimeoutError, with `signal.reason`, or with ERR_OFFLOOP_CLOSED when no more will come.
   */
  receive(options?: WaitOptions): Promise<M>
}

/** Where the messages come from. */
export interface Source {
  /** Ends the message before. */
  next(): { readonly value: unknown } | undefined
  /** No more will come. */
  isClosed(): boolean
  readonly name: string
  /** Whether it waits for messages alone, and would for ever. */
  rest(resting: boolean): void
}

interface Waiter {
  readonly resolve: (got: { readonly value: unknown } | undefined) => void
}

export class ActorMailbox implements Mailbox<unknown> {
  readonly #source: Source
  readonly #waiters: Waiter[] = []

  constructor(source: Source) {
    this.#source = source
  }

  async receive(options?: WaitOptions): Promise<unknown> {
    const got = await this.#take(options)
    if (got === undefined) throw codedError('ERR_OFFLOOP_CLOSED', [`The mailbox of '${this.#source.name}'`])
    return got.value
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    for (let got = await this.#take(); got !== undefined; got = await this.#take()) yield got.value
  }

  /** Something has come, or nothing more will. */
  wake(): void {
    while (this.#waiters.length > 0) {
      const got = this.#source.next()
      if (got === undefined && !this.#source.isClosed()) return
      this.#waiters.shift()?.resolve(got)
    }
  }

  #take(options?: WaitOptions): Promise<{ readonly value: unknown } | undefined> {
    const { timeout, signal } = readWait(options)
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const source = this.#source
    source.rest(timeout === undefined && signal === undefined)
    const got = this.#waiters.length === 0 ? source.next() : undefined
    if (got !== undefined || source.isClosed()) return Promise.resolve(got)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve: (value) => end(() => resolve(value)) }
      const fail = (reason: unknown): void => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1)
        end(() => reject(reason as Error))
      }
      const timer = timeout === undefined ? undefined : setTimeout(() => fail(timeoutError(timeout)), timeout)
      const letGo = signal && onAbort(signal, () => fail(signal.reason))
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        letGo?.()
        settle()
      }
      this.#waiters.push(waiter)
    })
  }
}
