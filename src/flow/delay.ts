import { checkAtLeast, checkBoolean } from '../check.ts'
import type { Task } from '../pool/task.ts'
import { after } from './after.ts'
import { readLimits, readObject } from './flow-options.ts'
import { flowTask } from './flow-task.ts'

/** Options of {@link delay}. */
export interface DelayOptions<T = undefined> {
  /**
   * What it resolves to.
   * @default undefined
   */
  value?: T | undefined
  /**
   * Ends it before its time, with `signal.reason` as the rejection.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * Whether it keeps the process alive meanwhile.
   * @default true
   */
  ref?: boolean | undefined
}

/**
 * Resolves after so many milliseconds, never earlier: any number from 0 up, also more than the 24.8 days that setTimeout
 * can do; Infinity waits until it is cancelled.
 *
 * @example await delay(250)
 */
export function delay<const T = undefined>(milliseconds: number, options?: DelayOptions<T>): Task<T> {
  return flowTask<T>(({ resolve, reject, started }) => {
    checkAtLeast('milliseconds', milliseconds, 0)
    const { value, signal, ref } = readObject<DelayOptions<T>>(options)
    const limits = readLimits({ signal })
    const held = ref === undefined || checkBoolean('ref', ref)
    const begun = performance.now()
    let stopTimer: (() => void) | undefined
    const work = {
      begin() {
        started()
        stopTimer = after(milliseconds, () => resolve(value as T), held)
      },
      stop(reason: unknown) {
        stopTimer?.()
        reject(reason)
      },
      progress: () => (milliseconds === 0 ? 0 : Math.min((performance.now() - begun) / milliseconds, 1)),
    }
    return { work, limits }
  })
}
