/** What a function can know of the task that it runs as. */
export interface CurrentTask {
  /** Aborted when the task is cancelled, as soon as the worker's event loop turns. */
  readonly signal: AbortSignal
  /** Whether the task is cancelled; in loops that never yield as well, but for processes. */
  readonly cancelled: boolean
  /** The pool's `context`, a copy of the worker's own. */
  readonly context: unknown
  /** Throws the signal's reason when the task is cancelled. */
  throwIfCancelled(): void
  /** Tells the task's `onProgress` and `progress`: 0 to 1. */
  report(fraction: number): void
}

let current: CurrentTask | undefined

/**
 * The task that runs in this worker. Outside of one it is a task that nobody cancels, so that modules work in both
 * places.
 * @example
 * export function search(from, to) {
 *   const task = currentTask()
 *   for (let i = from; i < to; i++) {
 *     if (i % 1000 === 0) task.throwIfCancelled()
 *   }
 * }
 */
export function currentTask(): CurrentTask {
  current ??= new OutsideTask()
  return current
}

/** The runner's: what currentTask gives from now on. */
export function enterTask(task: CurrentTask | undefined): void {
  current = task
}

class OutsideTask implements CurrentTask {
  readonly signal = new AbortController().signal
  readonly cancelled = false
  readonly context = undefined

  throwIfCancelled(): void {}

  report(): void {}
}
