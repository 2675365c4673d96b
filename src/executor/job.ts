import type { TransferListItem } from 'node:worker_threads'

import { abortError } from '../errors.ts'
import type { BackendName } from '../options.ts'
import { createTask, noTiming } from '../pool/task.ts'
import type { Task, TaskState, TaskStatus, Timing } from '../pool/task.ts'
import type { Kept } from './keep.ts'
import { mark } from './messages.ts'
import type { Verb } from './messages.ts'
import type { Member } from './member.ts'
import type { Cargo } from './ship.ts'

/** What a job is made of. */
export interface JobOptions {
  readonly cargo: Cargo
  readonly verb: Verb
  readonly args: readonly unknown[]
  readonly packed: boolean
  readonly priority: number
  /** Whether it may share a message with others: its arguments are primitives. */
  readonly light: boolean
  /** Sent only to a worker that has nothing else to do, so that it starts when it arrives. */
  readonly alone: boolean
  readonly transfer: readonly TransferListItem[] | undefined
  /** How often it is tried again when its worker dies. */
  readonly retries: number
  /** Arrays among its arguments that others may have as well. */
  readonly kept: readonly (Kept | undefined)[] | undefined
  /** The one worker that can run it. */
  readonly member: Member | undefined
}

/** One call of a function on its way through a worker; its Task shows it. */
export class Job<T = unknown> implements TaskState {
  readonly cargo: Cargo
  readonly verb: Verb
  /** Gone once it has settled, as its Task may live on. */
  args: readonly unknown[]
  readonly packed: boolean
  readonly priority: number
  readonly light: boolean
  readonly alone: boolean
  readonly transfer: readonly TransferListItem[] | undefined
  readonly kept: readonly (Kept | undefined)[] | undefined
  readonly pinned: Member | undefined
  readonly submitted = performance.now()
  readonly backend: BackendName
  readonly task: Task<T>
  readonly resolve: (value: T) => void
  readonly reject: (reason: unknown) => void
  retries: number
  /** Milliseconds in line, and on a worker. */
  queuedMs = 0
  runMs = 0
  shown = 0
  settled = false
  /** Where it is, once it has been sent. */
  member: Member | undefined
  slot = -1
  /** Of what a function reported. */
  fraction = 0
  owner: { cancel(job: Job, reason: unknown): void } | undefined
  /** Called with a result before all else; the job fails with what it throws. */
  onDone: (() => void) | undefined
  /** Called once when it is over, before the promise settles. */
  onEnd: (() => void) | undefined
  /** Called with the error of a failure before the promise rejects with it. */
  onReject: ((error: unknown) => void) | undefined
  /** Called when it is with a worker that is ready for it; of jobs that are alone there. */
  onReady: (() => void) | undefined
  status: TaskStatus = 'queued'

  constructor(options: JobOptions, backend: BackendName) {
    this.cargo = options.cargo
    this.verb = options.verb
    this.args = options.args
    this.packed = options.packed
    this.priority = options.priority
    this.light = options.light
    this.alone = options.alone
    this.transfer = options.transfer
    this.retries = options.retries
    this.kept = options.kept
    this.pinned = options.member
    this.backend = backend
    const { task, resolve, reject } = createTask<T>(this)
    this.task = task
    this.resolve = resolve
    this.reject = reject
  }

  get timing(): Timing {
    if (!this.settled) return noTiming
    return { queuedMs: this.queuedMs, copyMs: 0, runMs: this.runMs, threads: this.status === 'done' ? 1 : 0 }
  }

  get running(): this | undefined {
    return this.settled ? undefined : this
  }

  get cancel(): ((reason: unknown) => void) | undefined {
    return this.settled ? undefined : stop
  }

  progress(): number {
    return this.fraction
  }

  started(): boolean {
    const { member } = this
    if (member === undefined) return false
    const state = member.state(this.slot)
    return state === undefined ? member.ready : state !== mark.sent
  }
}

function stop(this: Job, reason: unknown): void {
  this.owner?.cancel(this, reason ?? abortError())
}
