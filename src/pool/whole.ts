import { AsyncResource } from 'node:async_hooks'

import { onAbort } from '../abort.ts'
import { abortError, timeoutError } from '../errors.ts'
import type { BackendName, ReadOptions } from '../options.ts'
import type { Books } from './map.ts'
import { createTask, noTiming } from './task.ts'
import type { Task, TaskState, TaskStatus, Timing } from './task.ts'
import { watch } from './watch.ts'

/** A task that is made of several: it has one signal, one timeout and one progress, and stops all when it stops. */
export class Whole<T> implements TaskState {
  readonly backend: BackendName
  readonly task: Task<T>
  status: TaskStatus = 'running'
  timing: Timing = noTiming
  shown = 0
  running: TaskState['running']
  cancel: ((reason: unknown) => void) | undefined
  /** Called when it stops before its end. */
  onStop: (() => void) | undefined
  readonly #books: Books
  readonly #resolve: (value: T) => void
  readonly #reject: (reason: unknown) => void
  readonly #parts = new Set<Task<unknown>>()
  readonly #started = performance.now()
  readonly #undo: (() => void)[] = []
  readonly #report: ((fraction: number) => void) | undefined
  readonly #threads: number

  constructor(backend: BackendName, options: ReadOptions, books: Books, progress: () => number, threads = 1) {
    this.backend = backend
    this.#threads = threads
    this.#books = books
    this.running = { progress, started: () => true }
    this.cancel = (reason) => this.stop('cancelled', reason ?? abortError())
    const { task, resolve, reject } = createTask<T>(this)
    this.task = task
    this.#resolve = resolve
    this.#reject = reject
    const { signal, timeout, onProgress } = options
    this.#report = onProgress && AsyncResource.bind(onProgress)
    books.began(task)
    if (this.#report !== undefined) this.#undo.push(watch(task, this.#report, (why) => this.stop('failed', why)))
    if (timeout !== undefined) {
      const timer = setTimeout(() => this.stop('cancelled', timeoutError(timeout)), timeout)
      this.#undo.push(() => clearTimeout(timer))
    }
    if (signal === undefined) return
    this.#undo.push(onAbort(signal, () => this.stop('cancelled', signal.reason)))
    if (signal.aborted) this.stop('cancelled', signal.reason)
  }

  get over(): boolean {
    return this.status !== 'running'
  }

  /** How many parts are under way. */
  get parts(): number {
    return this.#parts.size
  }

  /** A part: `then` gets what it gives, unless all is over by then; its failure is that of the whole. */
  add<R>(part: Task<R>, then: (value: R) => void): void {
    this.#parts.add(part)
    part.then(
      (value) => {
        this.#parts.delete(part)
        if (!this.over) this.attempt(() => then(value))
      },
      (why: unknown) => {
        this.#parts.delete(part)
        this.stop('failed', why)
      },
    )
  }

  /** Does something whose failure is that of the whole. */
  attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.stop('failed', error)
    }
  }

  finish(value: T): void {
    if (this.over) return
    try {
      this.#report?.(1)
    } catch (error) {
      return this.stop('failed', error)
    }
    this.#end('done')
    this.#resolve(value)
  }

  stop(how: 'failed' | 'cancelled', why: unknown): void {
    if (this.over) return
    this.#end(how)
    this.onStop?.()
    this.#reject(why)
    for (const part of this.#parts) part.cancel(why)
  }

  #end(status: TaskStatus): void {
    this.status = status
    this.timing = { ...noTiming, runMs: performance.now() - this.#started, threads: this.#threads }
    this.cancel = undefined
    this.running = undefined
    for (const undo of this.#undo) undo()
    this.#books.ended(this.task)
  }
}
