import { checkFunction, checkInteger, checkWord } from '../check.ts'
import { abortError, codedError } from '../errors.ts'
import { priorities } from '../options.ts'
import type { Priority } from '../options.ts'
import type { Task } from '../pool/task.ts'
import { after } from './after.ts'
import { readLimits, readMost, readObject } from './flow-options.ts'
import type { FlowOptions } from './flow-options.ts'
import { flowTask } from './flow-task.ts'
import type { Ends } from './flow-task.ts'
import type { Starter } from './item.ts'
import { LimitedCall } from './limited-call.ts'
import type { Host } from './limited-call.ts'
import { Line } from './line.ts'
import { readRate, Window } from './window.ts'
import type { Rate } from './window.ts'

/** Options of {@link Limiter}. */
export interface LimiterOptions {
  /**
   * The most functions that run at once.
   * @default no limit
   */
  concurrency?: number | undefined
  /**
   * The most starts in any `perMs` milliseconds, by a sliding window: whichever stretch of that length one looks at, no
   * more than `count` began in it.
   * @default no limit
   */
  rate?: Rate | undefined
  /**
   * The most functions that may wait; more are refused with ERR_OFFLOOP_QUEUE_FULL.
   * @default no limit
   */
  queueLimit?: number | undefined
}

/** Options of a Limiter's `run` and `wrap`; signal and timeout count while it waits and while it runs. */
export interface LimitedOptions extends FlowOptions {
  /**
   * What begins first; within a priority, what came first. What waits is passed over by higher ones 32 times at most.
   * @default 'normal'
   */
  priority?: Priority | undefined
}

/**
 * Lets only so many functions run at once, or begin in a time.
 *
 * @example
 * const limiter = new Limiter({ concurrency: 4, rate: { count: 10, perMs: 1000 } })
 * const response = await limiter.run((signal) => fetch(url, { signal }), { timeout: 5000 })
 */
export class Limiter {
  readonly #concurrency: number
  readonly #queueLimit: number
  readonly #window: Window | undefined
  readonly #line = new Line<LimitedCall>(priorities.length)
  #active = 0
  #closed = false
  #stopTimer: (() => void) | undefined
  #idle: (() => void)[] = []
  readonly #host: Host = {
    enter: (call) => this.#enter(call),
    leave: (call) => {
      this.#leave(call)
      this.#checkIdle()
    },
    settled: () => {
      this.#active--
      this.#pump()
      this.#checkIdle()
    },
  }

  constructor(options?: LimiterOptions) {
    const { concurrency, rate, queueLimit } = readObject<LimiterOptions>(options)
    this.#concurrency = readMost('concurrency', concurrency)
    const checkedRate = readRate(rate)
    this.#window = checkedRate && new Window(checkedRate)
    this.#queueLimit =
      queueLimit === undefined || queueLimit === Infinity
        ? Infinity
        : checkInteger('queueLimit', queueLimit, 0, Number.MAX_SAFE_INTEGER)
  }

  /** How many run: until they have settled, also those that were cancelled and go on. */
  get active(): number {
    return this.#active
  }

  /** How many wait. */
  get pending(): number {
    return this.#line.size
  }

  /** How many wait or run. */
  get size(): number {
    return this.#active + this.#line.size
  }

  /**
   * Runs a function when its turn has come: at once, where it is. It gets a signal, which is aborted when the Task is
   * cancelled, by `cancel`, signal or timeout; the Task rejects at once then, and the function keeps its place until it
   * has settled. A Task that it gives is cancelled.
   */
  run<R>(fn: Starter<R>, options?: LimitedOptions): Task<Awaited<R>> {
    let call: LimitedCall | undefined
    const task = flowTask<Awaited<R>>((ends) => {
      checkFunction('fn', fn)
      const given = readObject<LimitedOptions>(options)
      const { priority = 'normal' } = given
      const level = priorities.indexOf(checkWord('priority', priority, priorities))
      const limits = readLimits(given)
      if (this.#closed) throw codedError('ERR_OFFLOOP_CLOSED', ['The Limiter'])
      call = new LimitedCall(this.#host, fn, level, ends as Ends<unknown>)
      return { work: call, limits }
    })
    if (call !== undefined) call.cancel = (reason) => task.cancel(reason)
    return task
  }

  /** The same function with this limit: it passes its arguments and `this` on, and gives a Task. */
  wrap<This, A extends readonly unknown[], R>(
    fn: (this: This, ...args: A) => R,
    options?: LimitedOptions,
  ): (this: This, ...args: A) => Task<Awaited<R>> {
    checkFunction('fn', fn)
    const run = (starter: () => R) => this.run(starter, options)
    return function (this: This, ...args: A) {
      return run(() => fn.apply(this, args as A & unknown[]))
    }
  }

  /** Resolves when nothing waits or runs; at once where that is so. */
  onIdle(): Promise<void> {
    if (this.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  /** Cancels what waits; its rejections count as handled. What runs goes on. */
  clear(reason: unknown = abortError()): void {
    for (let call = this.#line.take(); call !== undefined; call = this.#line.take()) call.cancel?.(reason)
  }

  /** Takes no more, and resolves when what waits and runs has settled. */
  close(): Promise<void> {
    this.#closed = true
    return this.onIdle()
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #enter(call: LimitedCall): void {
    if (this.#line.size > 0 && this.#line.size >= this.#queueLimit) return this.#refuse(call)
    call.place = this.#line.add(call, call.priority)
    this.#pump()
    if (this.#line.size > this.#queueLimit && this.#leave(call)) this.#refuse(call)
  }

  #leave(call: LimitedCall): boolean {
    return call.place !== undefined && this.#line.leave(call.place, call.priority)
  }

  #refuse(call: LimitedCall): void {
    call.refuse(codedError('ERR_OFFLOOP_QUEUE_FULL', ['The Limiter', `${this.#line.size}`, 'calls', 'queueLimit']))
  }

  #pump(): void {
    while (this.#active < this.#concurrency && this.#line.size > 0) {
      const now = performance.now()
      const wait = this.#window?.wait(now) ?? 0
      if (wait > 0) return this.#pumpAfter(wait)
      this.#window?.started(now)
      this.#active++
      this.#line.take()?.go()
    }
  }

  #pumpAfter(milliseconds: number): void {
    this.#stopTimer ??= after(milliseconds, () => {
      this.#stopTimer = undefined
      this.#pump()
    })
  }

  #checkIdle(): void {
    if (this.#line.size === 0) {
      this.#stopTimer?.()
      this.#stopTimer = undefined
    }
    if (this.size > 0) return
    for (const resolve of this.#idle.splice(0)) resolve()
  }
}
