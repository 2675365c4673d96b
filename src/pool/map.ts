import type { ReadOptions } from '../options.ts'
import { createTask, noTiming } from './task.ts'
import type { Task, TaskState } from './task.ts'

/** How many items of a map are handed to the backend ahead of those that are running. */
const ahead = 64

/**
 * Runs `call` once for each item, keeps the order of results, and stops at the first failure: what is queued or
 * running then is cancelled, and the map rejects once none of it touches its arrays any more.
 */
export function mapItems<T>(
  items: readonly unknown[],
  call: (item: unknown, signal: AbortSignal) => Task<T>,
  options: ReadOptions,
  backend: Task<T>['backend'],
): Task<T[]> {
  const results = new Array<T>(items.length)
  const controller = new AbortController()
  const started = performance.now()
  let next = 0
  let settled = 0
  let live = 0
  let failed = false
  let reason: unknown
  const state: TaskState = {
    status: items.length === 0 ? 'done' : 'running',
    backend,
    timing: noTiming,
    running: { progress: () => settled / items.length, started: () => true },
    shown: 0,
    cancel: undefined,
  }
  const { task, resolve, reject } = createTask<T[]>(state)

  const stop = (why: unknown): void => {
    if (failed) return
    failed = true
    reason = why
    controller.abort(why)
    finish()
  }
  const finish = (): void => {
    if (live > 0 || (!failed && settled < items.length)) return
    options.signal?.removeEventListener('abort', onAbort)
    state.timing = { ...noTiming, runMs: performance.now() - started }
    state.status = !failed ? 'done' : state.cancel === undefined ? 'cancelled' : 'failed'
    state.running = undefined
    state.cancel = undefined
    if (failed) reject(reason)
    else resolve(results)
  }
  const onAbort = (): void => {
    state.cancel = undefined
    stop(options.signal?.reason)
  }
  const feed = (): void => {
    while (!failed && live < ahead && next < items.length) {
      const index = next++
      live++
      call(items[index], controller.signal).then(
        (value) => {
          results[index] = value
          settled++
          live--
          options.onProgress?.(settled / items.length)
          feed()
          finish()
        },
        (why: unknown) => {
          live--
          stop(why)
          finish()
        },
      )
    }
  }
  state.cancel = (why) => {
    state.cancel = undefined
    stop(why ?? new DOMException('This operation was aborted', 'AbortError'))
  }
  if (options.signal?.aborted) onAbort()
  options.signal?.addEventListener('abort', onAbort, { once: true })
  feed()
  finish()
  return task
}
