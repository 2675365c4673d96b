import type { BackendName } from '../options.ts'

/** Where a task is: the last three are ends. */
export type TaskStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

/** How long a task took, in milliseconds, and on how many threads; final once it has settled. */
export interface Timing {
  /** From the call until a thread took it. */
  readonly queuedMs: number
  /** Copying inputs that could not be read in place. */
  readonly copyMs: number
  /** From its start to its end. */
  readonly runMs: number
  /** Most threads that worked on it at once; 0 when it ran on the calling thread. */
  readonly threads: number
}

export const noTiming: Timing = Object.freeze({ queuedMs: 0, copyMs: 0, runMs: 0, threads: 0 })

/** What stands behind a Task: dispatch writes it, the Task shows it. */
export interface TaskState {
  status: TaskStatus
  backend: BackendName
  timing: Timing
  /** Asks the backend while the task runs. */
  running: { progress(): number; started(): boolean } | undefined
  /** Highest progress shown so far. */
  shown: number
  /** Stops the work; the task rejects with the reason once nothing touches its arrays. */
  cancel: ((reason: unknown) => void) | undefined
  /** Of random numbers. */
  seed?: number | undefined
}

const secret = Symbol('offloop.task')

/**
 * A promise of a result, with a hand on the work behind it. `then`, `catch` and `finally` give plain promises.
 */
export class Task<T> extends Promise<T> {
  readonly #state: TaskState

  /**
   * Tasks are made by kernels and pools.
   * @internal
   */
  constructor(
    executor: (resolve: (value: T | PromiseLike<T>) => void, reject: (reason: unknown) => void) => void,
    state: TaskState,
    key: symbol,
  ) {
    if (key !== secret) throw new TypeError('Tasks are made by calling a kernel or a Pool, not with `new Task`')
    super(executor)
    this.#state = state
  }

  /** Which backend took it. */
  get backend(): BackendName {
    return this.#state.backend
  }

  /** Where it is just now. */
  get status(): TaskStatus {
    const state = this.#state
    if (state.status === 'queued' && state.running?.started()) state.status = 'running'
    return state.status
  }

  /** From 0 to 1, never falling; 1 only when it is done. */
  get progress(): number {
    const state = this.#state
    if (state.status === 'done') return 1
    if (state.running !== undefined)
      state.shown = Math.max(state.shown, Math.min(state.running.progress(), 1 - 2 ** -20))
    return state.shown
  }

  /** How long it took, and on how many threads; final once it has settled. */
  get timing(): Timing {
    return this.#state.timing
  }

  /** Of the random numbers that it gives or uses: the one given, or the one that was drawn. Else undefined. */
  get seed(): number | undefined {
    return this.#state.seed
  }

  /**
   * Cancels queued or running work. The task rejects with `reason` as soon as no thread touches its arrays: at once
   * when it was queued, else a few milliseconds later. The rejection counts as handled. No effect once it has settled.
   * @param reason Default: a DOMException named AbortError.
   */
  cancel(reason?: unknown): void {
    const state = this.#state
    if (state.cancel === undefined) return
    Promise.prototype.then.call(this, undefined, ignore)
    state.cancel(reason)
  }

  /** `Promise`: what `then` gives can't be cancelled. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }
}

// `await` takes a promise as it is when its constructor is Promise, and `then` makes plain promises.
Object.defineProperty(Task.prototype, 'constructor', { value: Promise, configurable: true, writable: true })

function ignore(): void {}

/** Makes a Task and its two ends. Nothing is allocated but these: there may be very many. */
export function createTask<T>(state: TaskState): TaskEnds<T> {
  const task = new Task<T>(keepEnds, state, secret)
  return { task, resolve: lastResolve as (value: T | PromiseLike<T>) => void, reject: lastReject }
}

export interface TaskEnds<T> {
  readonly task: Task<T>
  readonly resolve: (value: T | PromiseLike<T>) => void
  readonly reject: (reason: unknown) => void
}

let lastResolve: (value: never) => void
let lastReject: (reason: unknown) => void

function keepEnds(resolve: (value: never) => void, reject: (reason: unknown) => void): void {
  lastResolve = resolve
  lastReject = reject
}

/** A task that is done when it is made. */
export function doneTask<T>(value: T, backend: BackendName, timing: Timing, seed?: number): Task<T> {
  return new Task<T>((resolve) => resolve(value), settledState('done', backend, timing, seed), secret)
}

/** A task that failed before it began. */
export function failedTask<T>(
  reason: unknown,
  backend: BackendName,
  status: 'failed' | 'cancelled' = 'failed',
): Task<T> {
  return new Task<T>((_, reject) => reject(reason), settledState(status, backend, noTiming), secret)
}

function settledState(status: TaskStatus, backend: BackendName, timing: Timing, seed?: number): TaskState {
  return { status, backend, timing, running: undefined, shown: 0, cancel: undefined, seed }
}
