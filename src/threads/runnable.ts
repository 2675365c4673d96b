import { onAbort } from '../abort.ts'
import { abortError, codedError } from '../errors.ts'
import { packArgs, packContext } from '../executor/parcel.ts'
import { ship } from '../executor/ship.ts'
import type { Cargo } from '../executor/ship.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { hold } from './alive.ts'
import { began, ended, wantsReports } from './left-running.ts'
import type { Running } from './left-running.ts'
import { Strand } from './strand.ts'
import type { Outcome } from './strand.ts'
import { readThreadOptions } from './thread-options.ts'
import type { ReadThreadOptions } from './thread-options.ts'
import { readWait, waitFor } from './wait.ts'
import type { ReadWait } from './wait.ts'

/** 'cancelled' is what was asked to stop, by `cancel`, `signal` or `terminate`, and did not finish all the same. */
export type RunnableStatus = 'new' | 'running' | 'done' | 'failed' | 'cancelled'

/** What Thread and Process share: one function in a worker of its own, started once and joined. */
export abstract class Runnable<R> {
  /** Keeps nothing alive, and ends with whoever made it. */
  readonly daemon: boolean
  /** As the options name it, or with its number. */
  readonly name: string
  readonly #kind: 'worker' | 'process'
  readonly #cargo: Cargo
  readonly #options: ReadThreadOptions
  readonly #running: Running
  #life: Life | undefined

  /** @internal */
  constructor(kind: 'worker' | 'process', fn: unknown, options: unknown, defaultName: () => string) {
    const read = readThreadOptions(options, defaultName)
    this.#kind = kind
    this.#cargo = ship(fn)
    this.#options = read
    this.name = read.name
    this.daemon = read.daemon
    const madeAt = wantsReports() ? siteOf(new.target) : undefined
    this.#running = { title: this.#title, daemon: read.daemon, joined: false, madeAt }
  }

  /** Whether it has been started and has not ended. */
  get isAlive(): boolean {
    return this.#life !== undefined && this.#life.outcome === undefined
  }

  /** Where it is between its start and its end. */
  get status(): RunnableStatus {
    if (this.#life === undefined) return 'new'
    const { outcome } = this.#life
    if (outcome === undefined) return 'running'
    if (outcome.kind === 'value') return 'done'
    return outcome.kind === 'cancelled' ? 'cancelled' : 'failed'
  }

  /** What the function gave; undefined unless `status` is 'done'. */
  get result(): Awaited<R> | undefined {
    const outcome = this.#life?.outcome
    return outcome?.kind === 'value' ? (outcome.value as Awaited<R>) : undefined
  }

  /** What the function threw, what ended it, or the reason for which it was stopped; undefined when it is done. */
  get error(): unknown {
    const outcome = this.#life?.outcome
    return outcome === undefined || outcome.kind === 'value' ? undefined : outcome.error
  }

  /**
   * Starts it. Throws when it was started before, when an argument can't be sent, or when the runtime refuses.
   * @returns Itself.
   */
  start(): this {
    if (this.#life !== undefined) throw this.#outOfTurn('be started', 'it was started before')
    this.#life = new Life(this.#kind, this.#cargo, this.#options, this.#running)
    if (this.isAlive) began(this.#running, this)
    return this
  }

  /**
   * Waits for its end. The process lives meanwhile, also for a daemon. A wait that ends early leaves it running, and it
   * can be joined again.
   * @returns What the function gave. Rejects with what it threw, with the reason for which it was stopped, or with
   * ERR_OFFLOOP_WORKER_DIED.
   */
  join(options?: WaitOptions): Promise<Awaited<R>> {
    try {
      const wait = readWait(options)
      if (this.#life === undefined) throw this.#outOfTurn('be joined', 'it was not started')
      this.#running.joined = true
      return this.#life.join(wait) as Promise<Awaited<R>>
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /**
   * Asks the function to stop: `currentTask().signal` is aborted in there, and `currentTask().cancelled` is true. It is
   * ended where it has not stopped after `graceMs`. No effect before it is started and after its end.
   * @param reason Default: a DOMException named AbortError.
   */
  cancel(reason: unknown = abortError()): void {
    this.#life?.cancel(reason)
  }

  /**
   * Ends it at once, whatever it does.
   * @returns Resolves when it is gone.
   */
  async terminate(): Promise<void> {
    await this.#life?.terminate(abortError())
  }

  /** Asks it to stop, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel()
    await this.#life?.gone
  }

  /** @internal */
  protected get linkId(): number | undefined {
    return this.#life?.id
  }

  get #title(): string {
    return `The ${this.#kind === 'worker' ? 'thread' : 'process'} '${this.name}'`
  }

  #outOfTurn(what: string, why: string): Error {
    return codedError('ERR_OFFLOOP_STATE', [this.#title, what, why])
  }
}

/** From the start to the end; knows nothing of the object that its user holds, which may be forgotten. */
class Life {
  readonly ended: Promise<unknown>
  /** Resolves with nothing, when the worker is gone. */
  readonly gone: Promise<void>
  readonly id: number | undefined
  outcome: Outcome | undefined
  readonly #strand: Strand | undefined
  /** Promises that somebody waits with. */
  readonly #joins = new Set<Promise<unknown>>()
  /** Its end was asked for by a call here, so that nobody need handle the rejection. */
  #asked = false

  constructor(kind: 'worker' | 'process', cargo: Cargo, options: ReadThreadOptions, running: Running) {
    const { signal, daemon, name } = options
    let settle!: (outcome: Outcome) => void
    let leave!: () => void
    // Not derived from the other, which would count as handled.
    this.gone = new Promise((resolve) => (leave = resolve))
    this.ended = new Promise((resolve, reject) => {
      settle = (outcome) => {
        this.outcome = outcome
        if (outcome.kind === 'value') resolve(outcome.value)
        else reject(outcome.error as Error)
        leave()
      }
    })
    if (signal?.aborted) {
      settle({ kind: 'cancelled', error: signal.reason })
      return
    }
    const release = daemon ? undefined : hold()
    let letGo: (() => void) | undefined
    try {
      this.#strand = new Strand(
        {
          ...options,
          kind,
          cargo,
          identity: { name, daemon },
          args: packArgs(options.args, 'args', kind, undefined),
          context: packContext(options.context, kind),
        },
        {
          ended: (outcome) => {
            release?.()
            letGo?.()
            ended(running)
            settle(outcome)
          },
        },
      )
    } catch (error) {
      release?.()
      throw error
    }
    this.id = this.#strand.link.id
    if (signal !== undefined) letGo = onAbort(signal, () => this.#strand?.cancel(signal.reason))
  }

  join(wait: ReadWait): Promise<unknown> {
    const join = waitFor(this.ended, wait)
    if (this.#asked) join.catch(ignore)
    if (this.outcome !== undefined) return join
    this.#joins.add(join)
    const forget = () => this.#joins.delete(join)
    this.gone.then(forget, forget)
    return join
  }

  cancel(reason: unknown): void {
    if (this.outcome !== undefined) return
    this.#ask()
    this.#strand?.cancel(reason)
  }

  terminate(reason: unknown): Promise<void> {
    if (this.outcome === undefined) {
      this.#ask()
      this.#strand?.terminate(reason)
    }
    return this.gone
  }

  #ask(): void {
    this.#asked = true
    for (const promise of [this.ended, ...this.#joins]) promise.catch(ignore)
  }
}

function siteOf(entry: Function): string {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, entry)
  return (site.stack ?? '').split('\n').slice(1).join('\n')
}

function ignore(): void {}
