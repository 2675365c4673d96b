import type { ResourceLimits, TransferListItem } from 'node:worker_threads'

import { codedError } from '../errors.ts'
import type { Fault } from '../executor/fault.ts'
import { packFault, unpackFault } from '../executor/fault.ts'
import { leaveMs } from '../executor/link.ts'
import type { Link, Output } from '../executor/link.ts'
import { mark, verdict, word } from '../executor/messages.ts'
import type { FromRunner, Identity } from '../executor/messages.ts'
import { cloneError, unpackValue } from '../executor/parcel.ts'
import type { Parcel } from '../executor/parcel.ts'
import { ProcessLink } from '../executor/process-link.ts'
import type { Cargo } from '../executor/ship.ts'
import { ThreadLink } from '../executor/thread-link.ts'

/** How a worker is that runs one call and ends. */
export interface StrandOptions {
  readonly kind: 'worker' | 'process'
  readonly identity: Identity
  readonly cargo: Cargo
  readonly args: Parcel
  readonly transfer: readonly TransferListItem[] | undefined
  readonly context: Parcel
  readonly resourceLimits: ResourceLimits | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly graceMs: number
}

/** How it ended. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  /** What the function threw; or the reason of its end, where somebody asked for that. */
  | { readonly kind: 'failed' | 'cancelled' | 'died'; readonly error: unknown }

/** Who hears of it. */
export interface StrandEvents {
  /** Once, when the worker is gone. */
  ended(outcome: Outcome): void
  mail?(content: unknown): void
}

const links = { worker: ThreadLink, process: ProcessLink } as const

/** A worker of its own for one call, which is in slot 0. */
export class Strand {
  readonly link: Link
  readonly #graceMs: number
  readonly #events: StrandEvents
  #outcome: Outcome | undefined
  /** Why it is asked to stop. */
  #asked: { readonly reason: unknown } | undefined
  #timer: NodeJS.Timeout | undefined

  /** Throws where it can't be started, or an argument can't be sent. */
  constructor(options: StrandOptions, events: StrandEvents) {
    const { kind, identity, cargo, args, transfer, context } = options
    this.#graceMs = options.graceMs
    this.#events = events
    try {
      this.link = new links[kind]({
        name: identity.name,
        runner: {
          initializer: undefined,
          context: context.value,
          contextPacked: context.packed,
          number: 1,
          identity,
        },
        resourceLimits: options.resourceLimits,
        env: options.env,
        stdout: options.stdout,
        stderr: options.stderr,
        onMessage: (message) => this.#receive(message),
        onExit: (reason, cause) => this.#exited(reason, cause),
      })
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw codedError('ERR_OFFLOOP_WORKER_START', [why], { cause })
    }
    const { shipped } = cargo
    try {
      this.link.post(
        ['run', 'call', shipped.id, shipped, [0], [args.value as readonly unknown[]], args.packed],
        [...(transfer ?? []), ...(args.transfer ?? [])],
      )
    } catch (error) {
      this.link.terminate()
      throw cloneError('args', error)
    }
  }

  /** Asks the function to stop; the worker is ended where it does not within its grace. */
  cancel(reason: unknown): void {
    if (this.#outcome !== undefined || this.#asked !== undefined) return
    this.#asked = { reason }
    const { words } = this.link
    if (words !== undefined) {
      const at = word.slots
      if (Atomics.compareExchange(words, at, mark.sent, mark.withdrawn) === mark.sent) return this.terminate(reason)
      if (Atomics.compareExchange(words, at, mark.running, mark.cancelled) !== mark.running) return
    }
    this.#post(reason)
    if (this.#graceMs !== Infinity) this.#timer = setTimeout(() => this.terminate(reason), this.#graceMs).unref()
  }

  /** Ends it at once. */
  terminate(reason: unknown): void {
    this.#outcome ??= { kind: 'cancelled', error: reason }
    clearTimeout(this.#timer)
    this.link.terminate()
  }

  mail(content: unknown): void {
    this.link.post(['mail', content])
  }

  #post(reason: unknown): void {
    try {
      this.link.post(['cancel', 0, packFault(reason)])
    } catch {
      // A reason that can't be sent stays here.
      this.link.post(['cancel', 0, undefined])
    }
  }

  #receive(message: FromRunner): void {
    if (message[0] === 'mail') this.#events.mail?.(message[1])
    if (message[0] !== 'done' || this.#outcome !== undefined) return
    const [, kind, value] = message[1]
    this.#outcome = this.#outcomeOf(kind as number, value)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.link.terminate(), leaveMs).unref()
    this.link.end()
  }

  #outcomeOf(kind: number, value: unknown): Outcome {
    if (kind === verdict.value) return { kind: 'value', value }
    if (kind === verdict.packed) return { kind: 'value', value: unpackValue(value) }
    if (kind === verdict.withdrawn) return { kind: 'cancelled', error: this.#asked?.reason }
    return { kind: this.#asked === undefined ? 'failed' : 'cancelled', error: unpackFault(value as Fault) }
  }

  #exited(reason: string, cause: unknown): void {
    clearTimeout(this.#timer)
    this.#events.ended(
      this.#outcome ?? { kind: 'died', error: codedError('ERR_OFFLOOP_WORKER_DIED', [reason], { cause }) },
    )
  }
}
