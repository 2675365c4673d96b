import { AsyncResource } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'

import { onAbort } from '../abort.ts'
import { abortError } from '../errors.ts'
import type { ReadOptions } from '../options.ts'
import { createTask, noTiming } from './task.ts'
import type { Task, TaskState } from './task.ts'
import { progressMs } from './watch.ts'

/** Who wants to know which maps are under way. */
export interface Books {
  began(task: Task<unknown>): void
  ended(task: Task<unknown>): void
}

/**
 * Runs `call` once for each item, at most `ahead` of them at a time, keeps the order of results, and stops at the first
 * failure: what is queued or running then is cancelled, and the map rejects once none of it touches its arrays any more.
 */
export function mapItems<I, T>(
  items: readonly I[],
  call: (item: I, signal: AbortSignal) => Task<T>,
  options: ReadOptions,
  backend: Task<T>['backend'],
  ahead: number,
  books: Books,
): Task<T[]> {
  const { signal } = options
  const report = options.onProgress && AsyncResource.bind(options.onProgress)
  const results = new Array<T>(items.length)
  const controller = new AbortController()
  setMaxListeners(ahead, controller.signal)
  const started = performance.now()
  let reported = started
  let letGoOfSignal: (() => void) | undefined
  let next = 0
  let done = 0
  let live = 0
  let outcome: 'failed' | 'cancelled' | undefined
  let reason: unknown
  const state: TaskState = {
    status: 'running',
    backend,
    timing: noTiming,
    running: { progress: () => done / items.length, started: () => true },
    shown: 0,
    cancel: (why) => stop('cancelled', why ?? abortError()),
  }
  const { task, resolve, reject } = createTask<T[]>(state)

  const stop = (how: 'failed' | 'cancelled', why: unknown): void => {
    if (outcome !== undefined) return
    outcome = how
    reason = why
    controller.abort(why)
  }
  const tell = (fraction: number): void => {
    if (outcome !== undefined) return
    const now = performance.now()
    if (fraction < 1 && now - reported < progressMs) return
    reported = now
    try {
      report?.(fraction)
    } catch (error) {
      stop('failed', error)
    }
  }
  const feed = (): void => {
    while (outcome === undefined && live < ahead && next < items.length) {
      const index = next++
      live++
      call(items[index], controller.signal).then(
        (value) => {
          results[index] = value
          done++
          live--
          if (done < items.length) tell(done / items.length)
          feed()
        },
        (why: unknown) => {
          live--
          stop('failed', why)
          feed()
        },
      )
    }
    if (live === 0 && (outcome !== undefined || done === items.length)) finish()
  }
  const finish = (): void => {
    letGoOfSignal?.()
    tell(1)
    state.timing = { ...noTiming, runMs: performance.now() - started }
    state.status = outcome ?? 'done'
    state.running = undefined
    state.cancel = undefined
    if (outcome === undefined) resolve(results)
    else reject(reason)
    books.ended(task)
  }
  books.began(task)
  if (signal?.aborted) stop('cancelled', signal.reason)
  else letGoOfSignal = signal && onAbort(signal, () => stop('cancelled', signal.reason))
  feed()
  return task
}
