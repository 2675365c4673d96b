import { checkFlag, checkWord } from '../check.ts'
import { abortError, rangeMisuse } from '../errors.ts'
import type { Task } from '../pool/task.ts'
import { Crew } from './crew.ts'
import { readLimits, readObject } from './flow-options.ts'
import type { FlowOptions } from './flow-options.ts'
import { flowTask } from './flow-task.ts'
import type { Item, Outcome } from './item.ts'

/** Options of {@link waitAny}. */
export interface WaitAnyOptions extends FlowOptions {
  /**
   * Which one is waited for: the first that completes, also by failing, or the first that is fulfilled.
   * @default 'completed'
   */
  mode?: 'completed' | 'fulfilled' | undefined
  /**
   * Whether the others are cancelled: Tasks by `cancel`, functions by their signal.
   * @default false
   */
  cancelRest?: boolean | undefined
}

/** The first of some items: its place, what was given, and its outcome as Promise.allSettled gives it. */
export type First<I, M = 'completed'> = {
  /** Its place among the items, from 0. */
  readonly index: number
  /** The item itself, as it was given. */
  readonly task: I
} & (M extends 'fulfilled' ? PromiseFulfilledResult<Outcome<I>> : PromiseSettledResult<Outcome<I>>)

/**
 * The first item that completes, with its index; by its own failure it does not reject, as `status` says. With mode
 * 'fulfilled' failures are passed over, and when all failed it rejects with an AggregateError of theirs, in order. The
 * others go on, unless `cancelRest` is true, also when a signal or the timeout ends the wait.
 *
 * A promise that lives long may be waited for again and again: nothing stays behind on it, as it would by Promise.race.
 *
 * @example
 * const { index, value } = await waitAny([fetchFrom(mirror1), fetchFrom(mirror2)], { mode: 'fulfilled' })
 */
export function waitAny<I extends Item, const O extends WaitAnyOptions = {}>(
  tasks: readonly I[] | Iterable<I>,
  options?: O,
): Task<First<I, O extends { mode: 'fulfilled' } ? 'fulfilled' : 'completed'>>
export function waitAny(tasks: unknown, options?: WaitAnyOptions): Task<unknown> {
  return flowTask<unknown>(({ resolve, reject, started }) => {
    const given = readObject<WaitAnyOptions>(options)
    const limits = readLimits(given)
    const mode = given.mode === undefined ? 'completed' : checkWord('mode', given.mode, ['completed', 'fulfilled'])
    const cancelRest = checkFlag('cancelRest', given.cancelRest)
    const reasons: unknown[] = []
    const crew = new Crew(tasks, Infinity, {
      settled(settled) {
        if (settled.status === 'rejected' && mode === 'fulfilled') {
          reasons[settled.index] = settled.reason
          return
        }
        crew.stop(abortError(), cancelRest)
        resolve(settled)
      },
      ended() {
        if (reasons.length === 0) reject(rangeMisuse('tasks', 'at least one', tasks))
        else reject(new AggregateError(reasons, 'All of the tasks failed'))
      },
      failed: (reason) => work.stop(reason),
    })
    const work = {
      begin() {
        started()
        crew.start()
      },
      stop(reason: unknown) {
        crew.stop(reason, cancelRest)
        reject(reason)
      },
    }
    return { work, limits }
  })
}
