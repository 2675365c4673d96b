import { typeMisuse } from '../errors.ts'
import type { Task } from '../pool/task.ts'
import { readLimits, readMilliseconds, readObject } from './flow-options.ts'
import { flowTask } from './flow-task.ts'
import { asPromise, begin, cancelItem, isStarter } from './item.ts'
import type { Item, Outcome } from './item.ts'
import { observe } from './observe.ts'

/** Options of {@link timeout}. */
export interface TimeoutOptions {
  /**
   * Of the TimeoutError.
   * @default says the milliseconds
   */
  message?: string | undefined
  /**
   * Ends the wait before, with `signal.reason` as the rejection, and cancels likewise.
   * @default none
   */
  signal?: AbortSignal | undefined
}

/**
 * A promise, a Task, or what a function begins, for so many milliseconds: then it rejects with a TimeoutError DOMException,
 * at once, and the Task is cancelled, or the function's signal aborted, with the same error. A promise can't be: it goes
 * on, and its outcome is of no interest. Infinity is no limit.
 *
 * @example const response = await timeout((signal) => fetch(url, { signal }), 5000)
 */
export function timeout<I extends Item>(task: I, milliseconds: number, options?: TimeoutOptions): Task<Outcome<I>> {
  return flowTask<Outcome<I>>(({ resolve, reject, started }) => {
    const { message, signal } = readObject<TimeoutOptions>(options)
    if (message !== undefined && typeof message !== 'string') throw typeMisuse('message', 'a string', message)
    const limits = { ...readLimits({ signal }), timeout: readMilliseconds('milliseconds', milliseconds) }
    const controller = new AbortController()
    let promise: Promise<unknown> | undefined
    let letGo: (() => void) | undefined
    const work = {
      begin() {
        started()
        promise = isStarter(task) ? begin(task, controller.signal) : asPromise(task)
        // The function itself may have ended it.
        if (controller.signal.aborted) return cancelItem(promise, controller.signal.reason)
        letGo = observe(promise, (value) => resolve(value as Outcome<I>), reject)
      },
      stop(reason: unknown) {
        letGo?.()
        controller.abort(reason)
        cancelItem(promise ?? task, reason)
        reject(reason)
      },
    }
    return message === undefined ? { work, limits } : { work, limits, message }
  })
}
