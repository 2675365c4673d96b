import { abortError } from '../errors.ts'
import { createTask, failedTask, noTiming } from '../pool/task.ts'
import type { Task, TaskState } from '../pool/task.ts'
import { arm } from './flow-options.ts'
import type { Limits } from './flow-options.ts'

/** How work tells its Task about itself. What comes after the first end is of no interest. */
export interface Ends<T> {
  resolve(value: T): void
  reject(reason: unknown): void
  /** Of work that was in line. */
  started(): void
}

/** What stands behind a Task that waits. */
export interface Work {
  /** Begins. Not called where the signal has aborted before. */
  begin(): void
  /** Nobody wants it any more: it rejects with the reason, now or when it can. Called once at most. */
  stop(reason: unknown): void
  /** From 0 to 1. */
  progress?(): number
}

/** A Task of work that is neither a kernel's nor a worker's, on this thread. Misuse makes it reject. */
export function flowTask<T>(make: (ends: Ends<T>) => { work: Work; limits: Limits; message?: string }): Task<T> {
  const state: TaskState = {
    status: 'queued',
    backend: 'inline',
    timing: noTiming,
    running: undefined,
    shown: 0,
    cancel: undefined,
  }
  const { task, resolve, reject } = createTask<T>(state)
  const made = performance.now()
  let begun: number | undefined
  let over = false
  let stopping = false
  let disarm: (() => void) | undefined
  const end = (status: 'done' | 'failed' | 'cancelled'): void => {
    over = true
    disarm?.()
    state.cancel = undefined
    state.running = undefined
    state.status = status
    const now = performance.now()
    const queuedMs = (begun ?? now) - made
    state.timing = { queuedMs, copyMs: 0, runMs: now - made - queuedMs, threads: 0 }
  }
  const ends: Ends<T> = {
    resolve(value) {
      if (over) return
      end('done')
      resolve(value)
    },
    reject(reason) {
      if (over) return
      end(stopping ? 'cancelled' : 'failed')
      reject(reason)
    },
    started() {
      begun = performance.now()
      if (!over) state.status = 'running'
    },
  }
  let parts: ReturnType<typeof make>
  try {
    parts = make(ends)
  } catch (error) {
    return failedTask(error, 'inline')
  }
  const { work, limits, message } = parts
  const stop = (reason: unknown): void => {
    if (over || stopping) return
    stopping = true
    work.stop(reason)
  }
  state.cancel = (reason) => stop(reason ?? abortError())
  state.running = { progress: () => work.progress?.() ?? 0, started: () => begun !== undefined }
  if (limits.signal?.aborted) stop(limits.signal.reason)
  else {
    disarm = arm(limits, stop, message)
    work.begin()
  }
  return task
}
