import type { TransferListItem } from 'node:worker_threads'

import { abortError } from '../errors.ts'
import type { Parcel } from '../executor/parcel.ts'
import type { BackendName } from '../options.ts'
import { createTask, noTiming } from '../pool/task.ts'
import type { Task, TaskState, TaskStatus, Timing } from '../pool/task.ts'
import type { Address } from './address.ts'
import { wants } from './messages.ts'
import { began, over } from './outstanding.ts'

export interface CallOptions {
  readonly method: string | undefined
  readonly parcel: Parcel
  /** Whether sending it can neither fail nor share anything. */
  readonly light: boolean
  readonly wants: number
  readonly transfer: readonly TransferListItem[] | undefined
}

/** One message to an actor, from the call to its end; the Task of an ask shows it. */
export class Call implements TaskState {
  readonly address: Address
  readonly method: string | undefined
  readonly parcel: Parcel
  readonly light: boolean
  readonly wants: number
  readonly transfer: readonly TransferListItem[] | undefined
  readonly task: Task<unknown>
  readonly backend: BackendName
  /** On the line that it has gone out by. */
  number = 0
  /** Its place among the messages from here to this actor. */
  place = 0
  status: TaskStatus = 'queued'
  settled = false
  /** Whether it is counted at the actor's gate. */
  counted = false
  /** Called once when it is over, before the promise settles. */
  onEnd: (() => void) | undefined
  /** The same, for the gate of a process. */
  onLeave: (() => void) | undefined
  shown = 0
  readonly #submitted = performance.now()
  #ms = 0
  readonly #resolve: (value: unknown) => void
  readonly #reject: (reason: unknown) => void

  constructor(address: Address, options: CallOptions) {
    this.address = address
    this.method = options.method
    this.parcel = options.parcel
    this.light = options.light
    this.wants = options.wants
    this.transfer = options.transfer
    this.backend = address.backend
    const { task, resolve, reject } = createTask<unknown>(this)
    this.task = task
    this.#resolve = resolve
    this.#reject = reject
    began()
  }

  get asks(): boolean {
    return (this.wants & wants.result) !== 0
  }

  get timing(): Timing {
    return this.settled ? { queuedMs: 0, copyMs: 0, runMs: this.#ms, threads: 1 } : noTiming
  }

  readonly running = undefined

  get cancel(): ((reason: unknown) => void) | undefined {
    return this.settled ? undefined : stop
  }

  done(value: unknown): void {
    if (this.#end('done')) this.#resolve(this.asks ? value : undefined)
  }

  failed(error: unknown, status: 'failed' | 'cancelled' = 'failed'): void {
    if (this.#end(status)) this.#reject(error)
  }

  /** The mailbox has room for it: that is all that a tell waits for. The message is under way all the same. */
  taken(): void {
    this.#resolve(undefined)
  }

  #end(status: TaskStatus): boolean {
    if (this.settled) return false
    this.settled = true
    this.status = status
    this.#ms = performance.now() - this.#submitted
    this.onEnd?.()
    this.onLeave?.()
    over()
    return true
  }
}

function stop(this: Call, reason: unknown): void {
  this.address.cancel(this, reason ?? abortError())
}
