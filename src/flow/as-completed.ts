import { checkFlag } from '../check.ts'
import { abortError } from '../errors.ts'
import { Crew } from './crew.ts'
import type { Settled } from './crew.ts'
import { arm, readLimits, readMost, readObject } from './flow-options.ts'
import type { FlowOptions, Limits } from './flow-options.ts'
import type { Item, Outcome } from './item.ts'
import { handled } from './observe.ts'

/** Options of {@link asCompleted}. */
export interface AsCompletedOptions extends FlowOptions {
  /**
   * The most functions that run at once, or are over and wait to be taken; of a source that is no array, the most items.
   * @default no limit
   */
  limit?: number | undefined
  /**
   * Whether leaving the loop early cancels what is not over yet.
   * @default true
   */
  cancelRest?: boolean | undefined
}

/**
 * An item that is over, with its outcome as Promise.allSettled gives it. It is a promise as well, settled: in JavaScript
 * `await t` gives the value or throws the error, as `t.result()` does. TypeScript is not told so, since it believes that
 * `for await` waits for what an iterator gives, which is not so.
 */
export type Completed<I> = {
  /** Its place among the items. */
  readonly index: number
  /** What was given: the promise, the Task or the function. */
  readonly task: I
  /** Its value; throws its error. */
  result(): Outcome<I>
} & PromiseSettledResult<Outcome<I>>

/** What `asCompleted` gives. */
export interface CompletedIterator<I> {
  /** The next that completes; `done` when there is none left. */
  next(): Promise<IteratorResult<Completed<I>, undefined>>
  /** Leaves the loop: cancels the rest, unless `cancelRest` is false. */
  return(): Promise<IteratorResult<Completed<I>, undefined>>
  /** Itself. */
  [Symbol.asyncIterator](): CompletedIterator<I>
  /** The same as `return()`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Items as they complete: promises, Tasks, values and functions, of which at most `limit` run. What the loop gets is not
 * the value but who it is and what became of it, so that a failure is one of many and not the end: `t.index`, `t.task`,
 * `t.status`, `t.value` or `t.reason`, and `t.result()`, which throws where it failed. So do Python's two `as_completed`.
 *
 * Work begins at the call. Leaving the loop early cancels the rest, unless `cancelRest` is false; a signal, the timeout,
 * or an error of the source cancels it always, and the loop throws.
 *
 * @example
 * for await (const t of asCompleted(urls.map((url) => (signal) => fetch(url, { signal })), { limit: 4 })) {
 *   if (t.status === 'fulfilled') console.log(urls[t.index], t.value.status)
 * }
 */
export function asCompleted<I extends Item>(
  tasks: readonly I[] | Iterable<I> | AsyncIterable<I>,
  options?: AsCompletedOptions,
): CompletedIterator<I> {
  return new Completions(tasks, options) as CompletedIterator<Item> as CompletedIterator<I>
}

type Step = IteratorResult<Completed<Item>, undefined>
interface Waiter {
  readonly resolve: (step: Step) => void
  readonly reject: (reason: unknown) => void
}

const done: Step = { done: true, value: undefined }

class Completions implements CompletedIterator<Item> {
  readonly #ready: Settled[] = []
  readonly #waiters: Waiter[] = []
  #crew: Crew | undefined
  #cancelRest = true
  #over = false
  #failure: { readonly reason: unknown } | undefined
  #disarm: (() => void) | undefined

  constructor(tasks: unknown, options: unknown) {
    try {
      const given = readObject<AsCompletedOptions>(options)
      const limits = readLimits(given)
      this.#cancelRest = given.cancelRest === undefined || checkFlag('cancelRest', given.cancelRest)
      this.#start(new Crew(tasks, readMost('limit', given.limit), this.#events()), limits)
    } catch (error) {
      this.#fail(error)
    }
  }

  next(): Promise<Step> {
    if (this.#failure !== undefined) {
      const { reason } = this.#failure
      this.#failure = undefined
      return Promise.reject(reason)
    }
    const settled = this.#ready.shift()
    if (settled !== undefined) {
      this.#crew?.fill()
      return Promise.resolve({ done: false, value: completed(settled) })
    }
    if (this.#over) return Promise.resolve(done)
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }

  return(): Promise<Step> {
    this.#ready.length = 0
    this.#failure = undefined
    this.#crew?.stop(abortError(), this.#cancelRest)
    this.#end()
    return Promise.resolve(done)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #events() {
    return {
      settled: (settled: Settled) => {
        const waiter = this.#waiters.shift()
        if (waiter === undefined) this.#ready.push(settled)
        else waiter.resolve({ done: false, value: completed(settled) })
      },
      ended: () => this.#end(),
      failed: (reason: unknown) => this.#fail(reason),
      held: () => this.#ready.length,
    }
  }

  #start(crew: Crew, limits: Limits): void {
    this.#crew = crew
    if (limits.signal?.aborted) return this.#fail(limits.signal.reason)
    this.#disarm = arm(limits, (reason) => this.#fail(reason))
    crew.start()
  }

  #fail(reason: unknown): void {
    if (this.#over) return
    this.#crew?.stop(reason, true)
    this.#ready.length = 0
    const waiter = this.#waiters.shift()
    if (waiter === undefined) this.#failure = { reason }
    else waiter.reject(reason)
    this.#end()
  }

  #end(): void {
    this.#over = true
    this.#disarm?.()
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(done)
  }
}

function completed({ index, task, ...outcome }: Settled): Completed<Item> {
  const promise = outcome.status === 'fulfilled' ? Promise.resolve(outcome.value) : Promise.reject(outcome.reason)
  const result = (): unknown => {
    if (outcome.status === 'fulfilled') return outcome.value
    throw outcome.reason
  }
  return handled(Object.assign(promise, { index, task, ...outcome, result })) as Completed<Item>
}
