import { checkFlag } from '../check.ts'
import { abortErrorOf } from '../errors.ts'
import type { Task } from '../pool/task.ts'
import { Crew } from './crew.ts'
import { readLimits, readMost, readObject } from './flow-options.ts'
import type { FlowOptions } from './flow-options.ts'
import { flowTask } from './flow-task.ts'
import type { Item, Outcome } from './item.ts'

/** Options of {@link gather}. */
export interface GatherOptions extends FlowOptions {
  /**
   * The most functions that run at once; of a source that is no array, the most items.
   * @default no limit
   */
  limit?: number | undefined
  /**
   * Waits for all, and gives outcomes as Promise.allSettled does. Nothing is cancelled by a failure then.
   * @default false
   */
  settle?: boolean | undefined
}

/** What `gather` gives for an item: its result, or its outcome with `settle`. */
export type Gathered<I, O> = O extends { settle: true } ? PromiseSettledResult<Outcome<I>> : Outcome<I>

/**
 * All results, in the order of the items: promises, Tasks, values, and functions that begin something, at most `limit` at
 * once. Items may come from an iterable or an async iterable, which is asked for one when there is a place.
 *
 * The first failure is the rejection, at once: what still runs is cancelled, Tasks by `cancel`, functions by the signal
 * that they were given, and not waited for. So it is with `signal`, `timeout`, and `cancel` of the Task. `progress` is the
 * part of the items that is over.
 *
 * @example
 * const [user, posts] = await gather([fetchUser(id), fetchPosts(id)])
 * const pages = await gather(urls.map((url) => (signal) => fetch(url, { signal })), { limit: 4 })
 */
export function gather<const T extends readonly Item[], const O extends GatherOptions = {}>(
  tasks: T,
  options?: O,
): Task<{ -readonly [K in keyof T]: Gathered<T[K], O> }>
export function gather<I extends Item, const O extends GatherOptions = {}>(
  tasks: Iterable<I> | AsyncIterable<I>,
  options?: O,
): Task<Gathered<I, O>[]>
export function gather(tasks: unknown, options?: GatherOptions): Task<unknown[]> {
  return flowTask<unknown[]>(({ resolve, reject, started }) => {
    const given = readObject<GatherOptions>(options)
    const limits = readLimits(given)
    const settle = checkFlag('settle', given.settle)
    const results: unknown[] = []
    let over = 0
    const fail = (reason: unknown): void => {
      crew.stop(abortErrorOf(reason), true)
      reject(reason)
    }
    const crew = new Crew(tasks, readMost('limit', given.limit), {
      settled(item) {
        over++
        const { index, status } = item
        if (status === 'fulfilled') results[index] = settle ? { status, value: item.value } : item.value
        else if (settle) results[index] = { status, reason: item.reason }
        else fail(item.reason)
      },
      ended: () => resolve(results),
      failed: fail,
    })
    const work = {
      begin() {
        started()
        crew.start()
      },
      stop(reason: unknown) {
        crew.stop(reason, true)
        reject(reason)
      },
      progress: () => (crew.total === undefined ? 0 : over / crew.total),
    }
    return { work, limits }
  })
}
