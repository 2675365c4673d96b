import { AsyncResource } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'

import { isList, isRevoked } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { Task } from '../pool/task.ts'
import { asPromise, begin, cancelItem, isStarter } from './item.ts'
import { observe } from './observe.ts'

/** One item that is over. */
export type Settled = PromiseSettledResult<unknown> & { readonly index: number; readonly task: unknown }

/** What a Crew tells. */
export interface CrewEvents {
  settled(settled: Settled): void
  /** All items are over, and there are no more. */
  ended(): void
  /** The source of the items threw. */
  failed(reason: unknown): void
  /** How many that are over still count as running. */
  held?(): number
}

/**
 * Waits for items of a list or a source, in whatever order they settle. Of a list, what runs already is looked at from
 * the start, and only functions wait for a place; a source is asked for one more when there is one.
 */
export class Crew {
  /** Of a list; undefined where only the end will tell. */
  readonly total: number | undefined
  count = 0
  readonly #events: CrewEvents
  readonly #most: number
  readonly #controller = new AbortController()
  /** Those that have not settled, each with what takes back that they are waited for. */
  readonly #unsettled = new Set<{ readonly promise: Promise<unknown>; readonly undo: () => void }>()
  readonly #list: readonly unknown[] | undefined
  /** Functions of the list that have not begun, by index. */
  #waiting: number[] = []
  #source: Iterator<unknown> | AsyncIterator<unknown> | undefined
  readonly #isAsync: boolean = false
  /** It has been asked for an item, and has not answered. */
  #owed = false
  #active = 0
  #next = 0
  #stopped = false
  /** Functions and sources run in the context of the call. */
  readonly #context = new AsyncResource('offloop.flow')

  constructor(tasks: unknown, most: number, events: CrewEvents) {
    this.#most = most
    this.#events = events
    setMaxListeners(0, this.#controller.signal)
    if (isList(tasks) || tasks instanceof Set) {
      this.#list = Array.from(tasks)
      this.total = this.#list.length
      return
    }
    const iterable = checkIterable(tasks)
    this.#isAsync = Symbol.asyncIterator in iterable
    this.#source = Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]()
  }

  /** Takes the items of a list that are more than functions, then begins as many as there are places. */
  start(): void {
    for (const [index, item] of this.#list?.entries() ?? []) {
      if (isStarter(item)) this.#waiting.push(index)
      else this.#watch(index, item, asPromise(item), false)
    }
    this.#waiting.reverse()
    this.fill()
  }

  /** Begins more where there is room. */
  fill(): void {
    if (this.#waiting.length > 0 || this.#source !== undefined) this.#context.runInAsyncScope(this.#fill, this)
    else this.#checkEnd()
  }

  /** Waits for nothing more. With `cancel`, what runs and what has not begun is cancelled, for this reason. */
  stop(reason: unknown, cancel: boolean): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#waiting = []
    const running = Array.from(this.#unsettled)
    this.#unsettled.clear()
    for (const { undo } of running) undo()
    this.#close()
    if (!cancel) return
    this.#controller.abort(reason)
    for (const item of this.#list ?? []) cancelItem(item, reason)
    for (const { promise } of running) cancelItem(promise, reason)
  }

  #fill(): void {
    while (!this.#stopped && this.#active + (this.#events.held?.() ?? 0) < this.#most) {
      if (this.#list !== undefined) {
        const index = this.#waiting.pop()
        if (index === undefined) break
        this.#take(index, this.#list[index])
      } else if (this.#source === undefined || this.#owed) break
      else this.#pull()
    }
    this.#checkEnd()
  }

  #pull(): void {
    const source = this.#source as Iterator<unknown> | AsyncIterator<unknown>
    try {
      if (this.#isAsync) {
        this.#owed = true
        Promise.resolve((source as AsyncIterator<unknown>).next()).then(
          (step) => this.#answered(step),
          (error: unknown) => this.#broke(error),
        )
      } else this.#step((source as Iterator<unknown>).next())
    } catch (error) {
      this.#broke(error)
    }
  }

  #answered(step: IteratorResult<unknown>): void {
    this.#owed = false
    if (this.#stopped) {
      if (step.done !== true) cancelItem(step.value, this.#controller.signal.reason)
      return
    }
    try {
      this.#context.runInAsyncScope(() => this.#step(step))
    } catch (error) {
      return this.#broke(error)
    }
    this.fill()
  }

  #step(step: IteratorResult<unknown>): void {
    // Its value may not be read where it is done.
    if (step.done === true) this.#source = undefined
    else this.#take(this.#next++, step.value)
  }

  #broke(error: unknown): void {
    this.#source = undefined
    this.#owed = false
    if (!this.#stopped) this.#events.failed(error)
  }

  // Sources and functions may have ended everything by what they did.
  #take(index: number, item: unknown): void {
    const { signal } = this.#controller
    if (this.#stopped) return cancelItem(item, signal.reason)
    const promise = isStarter(item) ? begin(item, signal) : asPromise(item)
    if (this.#stopped) return cancelItem(promise, signal.reason)
    this.#watch(index, item, promise, true)
  }

  #watch(index: number, task: unknown, promise: Promise<unknown>, counts: boolean): void {
    if (counts) this.#active++
    this.count++
    const over = (result: Settled): void => {
      this.#unsettled.delete(entry)
      if (counts) this.#active--
      this.count--
      this.#events.settled(result)
      this.fill()
    }
    const undo = observe(
      promise,
      (value) => over({ status: 'fulfilled', value, index, task }),
      (reason) => over({ status: 'rejected', reason, index, task }),
    )
    const entry = { promise, undo }
    this.#unsettled.add(entry)
  }

  #checkEnd(): void {
    if (this.#stopped || this.count > 0 || this.#waiting.length > 0 || this.#source !== undefined) return
    this.#stopped = true
    this.#events.ended()
  }

  // What a source throws while it is let go has nobody to be told. One that owes an item may never answer.
  #close(): void {
    const source = this.#source
    this.#source = undefined
    try {
      const closing: unknown = source?.return?.()
      if (closing instanceof Promise) cancelItem(closing, undefined)
    } catch {}
  }
}

function checkIterable(tasks: unknown): Iterable<unknown> | AsyncIterable<unknown> {
  const what = 'an array, an iterable or an async iterable of promises, Tasks and functions'
  const fits =
    typeof tasks === 'object' &&
    tasks !== null &&
    !isRevoked(tasks) &&
    !(tasks instanceof Task) &&
    (Symbol.iterator in tasks || Symbol.asyncIterator in tasks)
  if (!fits) throw typeMisuse('tasks', what, tasks)
  return tasks as Iterable<unknown> | AsyncIterable<unknown>
}
