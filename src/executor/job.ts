import { abortError } from '../errors.ts'
import type { BackendName } from '../options.ts'
import { createTask, noTiming } from '../pool/task.ts'
import type { Task, TaskState, TaskStatus, Timing } from '../pool/task.ts'
import type { JobKind } from './job-kind.ts'
import { mark } from './messages.ts'
import type { Member } from './member.ts'

/** Who else wants to know of a job. */
export interface JobHooks {
  /** Called with a result before all else; the job fails with what it throws. */
  onDone?: () => void
  /** Called once when it is over, before the promise settles. */
  onEnd?: () => void
  /** Called with the error of a failure before the promise rejects with it. */
  onReject?: (error: unknown) => void
  /** Called when it is with a worker that is ready for it; of jobs that are alone there. */
  onReady?: () => void
}

/** One call of a function on its way through a worker; its Task shows it. There may be many at once, so it is small. */
export class Job<T = unknown> implements TaskState {
  readonly kind: JobKind
  /** Gone once it has settled, as its Task may live on. */
  args: readonly unknown[]
  readonly submitted = performance.now()
  readonly task: Task<T>
  readonly resolve: (value: T | Promise<never>) => void
  retries: number
  /** Milliseconds in line, and on a worker. A number from the start would cost an object for each. */
  queuedMs: number | undefined = undefined
  runMs: number | undefined = undefined
  shown = 0
  settled = false
  /** Where it is, once it has been sent. */
  member: Member | undefined
  slot = -1
  /** Of what a function reported. */
  fraction = 0
  owner: { cancel(job: Job, reason: unknown): void } | undefined
  hooks: JobHooks | undefined
  status: TaskStatus = 'queued'

  constructor(kind: JobKind, args: readonly unknown[]) {
    this.kind = kind
    this.args = args
    this.retries = kind.retries
    const { task, resolve } = createTask<T>(this)
    this.task = task
    this.resolve = resolve
  }

  /** By way of `resolve`: of many jobs in line, `reject` would be a good part of the memory. */
  reject(reason: unknown): void {
    this.resolve(Promise.reject(reason))
  }

  get backend(): BackendName {
    return this.kind.backend
  }

  /** Its state from now on, with the times that it took. */
  finish(status: TaskStatus, queuedMs: number, runMs: number): void {
    this.status = status
    this.queuedMs = queuedMs
    this.runMs = runMs
    this.args = none
  }

  get timing(): Timing {
    if (!this.settled) return noTiming
    return { queuedMs: this.queuedMs ?? 0, copyMs: 0, runMs: this.runMs ?? 0, threads: this.status === 'done' ? 1 : 0 }
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

const none: readonly unknown[] = []

function stop(this: Job, reason: unknown): void {
  this.owner?.cancel(this, reason ?? abortError())
}
