import type { BackendName } from '../options.ts'
import type { Plan, Results } from '../plan.ts'
import type { Timing } from '../pool/task.ts'

/** How a plan is to be run, beside the plan itself. */
export interface Request {
  /** 0 high, 1 normal, 2 low. */
  readonly priority: number
  /** Most threads, 0 for the queue's own limit. */
  readonly threads: number
  /** Which queue of the backend: 0 is the shared one. */
  readonly queue: number
}

/** How it ended. `results` is read at once: its memory is used again. */
export type Outcome =
  | { readonly kind: 'done'; readonly results: Results; readonly timing: Timing }
  | { readonly kind: 'cancelled'; readonly timing: Timing }
  | { readonly kind: 'failed'; readonly error: Error; readonly timing: Timing }

/** A plan under way. */
export interface Running {
  /** Stops it soon; it still settles, once nothing touches its arrays. */
  cancel(): void
  /** 0..1. */
  progress(): number
  /** False while it is queued. */
  started(): boolean
}

/** One way of running plans. `native`, `worker` and `inline` are interchangeable behind it. */
export interface Backend {
  readonly name: BackendName
  /** Starts a plan; `settle` is called once, never before this returns. Throws where the plan can't be taken. */
  submit(plan: Plan, request: Request, settle: (outcome: Outcome) => void): Running
  /** Runs a plan to its end on the calling thread. */
  run(plan: Plan): Results
  /** A queue that runs on at most `threads` threads (0: all); its number goes into requests. */
  openQueue(threads: number): number
  /** Gives a queue back; it has no tasks any more. */
  closeQueue(queue: number): void
}
