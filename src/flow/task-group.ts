import { setMaxListeners } from 'node:events'

import { checkFunction } from '../check.ts'
import { abortError, abortErrorOf, codedError, typeMisuse } from '../errors.ts'
import type { Task } from '../pool/task.ts'
import { Child } from './child.ts'
import type { Family } from './child.ts'
import { Fifo } from './fifo.ts'
import { noLimits, readLimits, readMost, readObject } from './flow-options.ts'
import type { FlowOptions } from './flow-options.ts'
import { flowTask } from './flow-task.ts'
import type { Ends, Work } from './flow-task.ts'
import { begin, cancelItem, isAbort, isStarter } from './item.ts'
import type { Outcome, Starter } from './item.ts'
import { handled, observe } from './observe.ts'

/** Options of {@link TaskGroup.run}. */
export interface TaskGroupOptions extends FlowOptions {
  /**
   * The most functions of `spawn` that run at once; the others wait in line.
   * @default no limit
   */
  limit?: number | undefined
}

const secret = Symbol('offloop.taskGroup')

/**
 * Work that begins and ends together. What is spawned in a group is over when `run` settles, however it ends: as in Trio's
 * nurseries, Python's TaskGroup and Java's StructuredTaskScope (Nathaniel J. Smith: Notes on structured concurrency, 2018).
 */
export class TaskGroup {
  readonly #controller = new AbortController()
  readonly #ends: Ends<unknown>
  readonly #family: Family
  readonly #errors: unknown[] = []
  #task: Task<unknown> | undefined
  #failure: { readonly reason: unknown } | undefined
  #body: 'new' | 'running' | 'over' = 'new'
  #result: unknown
  #over = false
  #cancelled = false

  /**
   * Groups are made by `TaskGroup.run`.
   * @internal
   */
  constructor(key: symbol, most: number, ends: Ends<unknown>) {
    if (key !== secret) throw new TypeError('Groups are made by `TaskGroup.run`, not with `new TaskGroup`')
    this.#ends = ends
    const { signal } = this.#controller
    // As many may listen to it as there are children.
    setMaxListeners(0, signal)
    this.#family = {
      signal,
      most,
      running: 0,
      children: new Set(),
      waiting: new Fifo(),
      failed: (error) => this.#fail(error),
      left: () => this.#checkEnd(),
    }
  }

  /**
   * Runs a function with a group, waits until all that was spawned in it has settled, and gives what the function gave.
   * The first error, of a child or of the function, aborts `group.signal`, cancels the children, and is the rejection once
   * everything has settled. `signal`, `timeout` and `cancel` of the Task do the same with their reason.
   *
   * @example
   * await TaskGroup.run(async (group) => {
   *   for (const url of urls) group.spawn((signal) => download(url, { signal }))
   * })
   */
  static run<R>(fn: (group: TaskGroup) => R | PromiseLike<R>, options?: TaskGroupOptions): Task<Awaited<R>> {
    let group: TaskGroup | undefined
    const task = flowTask<Awaited<R>>((ends) => {
      checkFunction('fn', fn)
      const given = readObject<TaskGroupOptions>(options)
      const limits = readLimits(given)
      group = new TaskGroup(secret, readMost('limit', given.limit), ends as Ends<unknown>)
      return { work: group.#work(fn), limits }
    })
    if (group !== undefined) group.#belongTo(task)
    return task
  }

  /**
   * Aborted when the group is cancelled: with the reason it was cancelled for, or with an AbortError whose `cause` is the
   * first error.
   */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What failed so far, first things first; that something was cancelled is no failure. `run` rejects with the first. */
  get errors(): readonly unknown[] {
    return this.#errors.slice()
  }

  /**
   * Adds a child: a function, which is called at once where `limit` allows it, or a Task or a promise, which run already.
   * The Task that it gives settles as the child does, and cancels it alone; its rejection counts as handled, as the group
   * rejects with it. A function gets a signal, which is aborted when the group or the child is cancelled; Tasks, also those
   * that functions give, are cancelled. A group that is over refuses with ERR_OFFLOOP_CLOSED; a cancelled one begins
   * nothing more.
   */
  spawn<I extends Starter<unknown> | PromiseLike<unknown>>(child: I): Task<Outcome<I>> {
    let own: Child | undefined
    const task = flowTask<Outcome<I>>((ends) => {
      if (!isStarter(child) && !isThenable(child)) throw typeMisuse('child', 'a function, a Task or a promise', child)
      if (this.#over) {
        cancelItem(child, abortError())
        throw codedError('ERR_OFFLOOP_CLOSED', ['The TaskGroup'])
      }
      own = new Child(this.#family, child, ends as Ends<unknown>)
      return { work: own, limits: noLimits }
    })
    // Misuse and refusals are not the group's business.
    if (own === undefined) return task
    own.cancel = (reason) => task.cancel(reason)
    if (this.signal.aborted) task.cancel(this.signal.reason)
    return handled(task)
  }

  /** Cancels the group: `run` rejects with the reason once everything has settled. No effect when it is over. */
  cancel(reason: unknown = abortError()): void {
    if (this.#over) return
    this.#cancelled = true
    if (this.#task !== undefined) handled(this.#task)
    this.#stop(reason, reason)
  }

  #work(fn: (group: TaskGroup) => unknown): Work {
    return {
      begin: () => {
        this.#ends.started()
        this.#body = 'running'
        const over = (): void => {
          this.#body = 'over'
          this.#checkEnd()
        }
        observe(
          begin(() => fn(this), this.signal),
          (value) => {
            this.#result = value
            over()
          },
          (error) => {
            if (!this.signal.aborted || !isAbort(error, this.signal.reason)) this.#fail(error)
            over()
          },
        )
      },
      stop: (reason) => {
        if (this.#body === 'new') this.#body = 'over'
        this.#stop(reason, reason)
        this.#checkEnd()
      },
    }
  }

  #belongTo(task: Task<unknown>): void {
    this.#task = task
    if (this.#cancelled) handled(task)
  }

  #fail(error: unknown): void {
    // A function that waits for a child fails with its error.
    if (this.#errors.includes(error)) return
    this.#errors.push(error)
    this.#stop(error, abortErrorOf(error))
  }

  #stop(reason: unknown, signalReason: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = { reason }
    this.#controller.abort(signalReason)
    for (const child of Array.from(this.#family.children)) child.cancel?.(signalReason)
  }

  #checkEnd(): void {
    if (this.#over || this.#body !== 'over' || this.#family.children.size > 0) return
    this.#over = true
    if (this.#failure === undefined) this.#ends.resolve(this.#result)
    else this.#ends.reject(this.#failure.reason)
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function'
}
