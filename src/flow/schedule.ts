import { AsyncResource } from 'node:async_hooks'

import { onAbort } from '../abort.ts'
import { checkFunction } from '../check.ts'
import { abortError, abortErrorOf } from '../errors.ts'
import { readCron } from './calendar.ts'
import { begin, cancelItem, isAbort } from './item.ts'
import { handled, observe } from './observe.ts'
import { readSchedule } from './schedule-options.ts'
import type { ReadSchedule, ScheduledRun, ScheduleOptions } from './schedule-options.ts'
import { Beat, Dates } from './timeline.ts'
import type { Timeline } from './timeline.ts'

/**
 * Runs a function at a time, again and again at an interval, or by a cron expression. Misuse throws.
 *
 * @example
 * const report = schedule({ cron: '0 6 * * MON-FRI', timeZone: 'Europe/Berlin' }, sendReport)
 * const poll = schedule({ every: 5000, onError: console.error }, ({ signal }) => fetch(url, { signal }))
 */
export function schedule(options: ScheduleOptions, fn: (run: ScheduledRun) => unknown): Schedule {
  checkFunction('fn', fn)
  return new Schedule(secret, readSchedule(options), fn)
}

const secret = Symbol('offloop.schedule')

/** What `schedule` gives: a hand on what runs by the clock. */
export class Schedule {
  /**
   * Settles when nothing runs any more and nothing will: resolves after the last run, or when it was cancelled; rejects
   * with the error of a run where there is no `onError`, or with the reason of the signal.
   */
  readonly done: Promise<void>
  readonly #options: ReadSchedule
  readonly #fn: (run: ScheduledRun) => unknown
  /** Of the call. AsyncResource.bind costs a hundred times as much. */
  readonly #context = new AsyncResource('offloop.flow')
  readonly #timeline: Timeline
  readonly #controller = new AbortController()
  readonly #running = new Map<ScheduledRun, Promise<unknown>>()
  /** Runs that wait for one before them: when they were due. */
  #queue: number[] = []
  #runs = 0
  #skipped = 0
  #stopped = false
  #failure: { readonly reason: unknown } | undefined
  #stopTimer: (() => void) | undefined
  #letGo: (() => void) | undefined
  #resolve!: () => void
  #reject!: (reason: unknown) => void

  /**
   * Schedules are made by `schedule`.
   * @internal
   */
  constructor(key: symbol, options: ReadSchedule, fn: (run: ScheduledRun) => unknown) {
    if (key !== secret) throw new TypeError('Schedules are made by `schedule`, not with `new Schedule`')
    this.#options = options
    this.#fn = fn
    this.#timeline = timelineOf(options)
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    const { signal } = options
    if (signal?.aborted) this.#abort(signal.reason)
    else {
      this.#letGo = signal && onAbort(signal, () => this.#abort(signal.reason))
      this.#arm()
    }
  }

  /** As the options name it. */
  get name(): string | undefined {
    return this.#options.name
  }

  /** When the next run is due; undefined when there is none. */
  get next(): Date | undefined {
    const { next } = this.#timeline
    return next === undefined || this.#isFull() ? undefined : new Date(next)
  }

  /** How many runs have begun. */
  get runs(): number {
    return this.#runs
  }

  /** How many were left out, as one before them had not settled. */
  get skipped(): number {
    return this.#skipped
  }

  /** Nothing runs any more; the signal of what runs is aborted, and `done` resolves when that has settled. */
  cancel(reason: unknown = abortError()): void {
    this.#stop(reason)
  }

  /** Cancels it, and waits until nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel()
    await this.done
  }

  #isFull(): boolean {
    return this.#stopped || this.#runs + this.#queue.length >= this.#options.times
  }

  #arm(): void {
    if (this.next === undefined) return this.#checkEnd()
    const { priority, ref } = this.#options
    this.#stopTimer = this.#timeline.wait(() => this.#due(), priority, ref)
  }

  #due(): void {
    if (this.#stopped) return
    const { catchUp, overlap } = this.#options
    const times = this.#timeline.advance(catchUp)
    for (const time of times) {
      if (this.#isFull()) break
      if (this.#running.size === 0 || overlap === 'run') this.#run(time)
      else if (overlap === 'queue' || times.length > 1) this.#queue.push(time)
      else this.#skipped++
    }
    if (!this.#stopped) this.#arm()
  }

  #run(time: number): void {
    const { name, onError } = this.#options
    const { signal } = this.#controller
    const run: ScheduledRun = { index: this.#runs++, scheduled: new Date(time), signal, name }
    const promise = this.#context.runInAsyncScope(begin, undefined, () => this.#fn(run), signal)
    this.#running.set(run, promise)
    // The function itself may have ended it.
    if (signal.aborted) cancelItem(promise, signal.reason)
    const settled = (): void => {
      this.#running.delete(run)
      const next = this.#queue.shift()
      if (next !== undefined) this.#run(next)
      this.#checkEnd()
    }
    observe(promise, settled, (error) => {
      if (!signal.aborted || !isAbort(error, signal.reason)) this.#failed(error, run, onError)
      settled()
    })
  }

  #failed(error: unknown, run: ScheduledRun, onError: ReadSchedule['onError']): void {
    try {
      if (onError === undefined) throw error
      onError(error, run)
    } catch (reason) {
      this.#failure ??= { reason }
      this.#stop(abortErrorOf(reason))
    }
  }

  // Aborting is the regular end of many a schedule, and nobody may be waiting.
  #abort(reason: unknown): void {
    handled(this.done)
    this.#failure ??= { reason }
    this.#stop(reason)
  }

  #stop(reason: unknown): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#queue = []
    this.#stopTimer?.()
    this.#letGo?.()
    this.#controller.abort(reason)
    for (const promise of this.#running.values()) cancelItem(promise, reason)
    this.#checkEnd()
  }

  #checkEnd(): void {
    if (this.#running.size > 0 || this.next !== undefined || this.#queue.length > 0) return
    this.#stopped = true
    this.#letGo?.()
    if (this.#failure === undefined) this.#resolve()
    else this.#reject(this.#failure.reason)
  }
}

function timelineOf({ when, immediate }: ReadSchedule): Timeline {
  if (when.kind === 'every') return new Beat(when.every, immediate)
  if (when.kind === 'at') return new Dates(() => undefined, when.at)
  const following = readCron(when.cron, when.timeZone)
  return new Dates(following, immediate ? Date.now() : following(Date.now()))
}
