import { AsyncResource } from 'node:async_hooks'

import type { Fifo, Place } from './fifo.ts'
import type { Ends, Work } from './flow-task.ts'
import { asPromise, begin, cancelItem, isAbort, isStarter, needsSignal } from './item.ts'
import type { Starter } from './item.ts'
import { observe } from './observe.ts'

/** What the children of a group share. */
export interface Family {
  readonly signal: AbortSignal
  /** The most functions that run at once. */
  readonly most: number
  running: number
  readonly children: Set<Child>
  /** Functions for which there is no room yet. */
  readonly waiting: Fifo<Child>
  failed(error: unknown): void
  /** A child is over. */
  left(): void
}

/** One that was spawned in a group, the work behind its Task. */
export class Child implements Work {
  readonly #family: Family
  readonly #item: unknown
  readonly #starts: boolean
  readonly #ends: Ends<unknown>
  /** Made when a function begins that takes a signal. */
  #controller: AbortController | undefined
  #stopped: { readonly reason: unknown } | undefined
  #begun = false
  /** In line, where there was no room for it. */
  #place: Place<Child> | undefined
  #promise: Promise<unknown> | undefined
  /** Of its Task. */
  cancel: ((reason: unknown) => void) | undefined
  /** Where it was spawned. AsyncResource.bind costs a hundred times as much. */
  readonly #context = new AsyncResource('offloop.flow')

  constructor(family: Family, item: unknown, ends: Ends<unknown>) {
    this.#family = family
    this.#item = item
    this.#starts = isStarter(item)
    this.#ends = ends
  }

  begin(): void {
    const { children, running, most, waiting, signal } = this.#family
    children.add(this)
    if (!this.#starts || (running < most && !signal.aborted)) return this.#run()
    this.#place = waiting.push(this)
  }

  stop(reason: unknown): void {
    this.#stopped = { reason }
    this.#controller?.abort(reason)
    if (this.#promise !== undefined) return cancelItem(this.#promise, reason)
    if (this.#begun) return
    if (this.#place !== undefined) this.#family.waiting.leave(this.#place)
    this.#over(() => this.#ends.reject(reason))
  }

  #run(): void {
    this.#begun = true
    if (this.#starts) this.#family.running++
    this.#ends.started()
    const promise = isStarter(this.#item) ? this.#start(this.#item) : asPromise(this.#item)
    this.#promise = promise
    // The function itself may have ended it.
    if (this.#stopped !== undefined) cancelItem(promise, this.#stopped.reason)
    observe(
      promise,
      (value) => this.#settled(() => this.#ends.resolve(value)),
      (error) => {
        if (this.#stopped === undefined || !isAbort(error, this.#stopped.reason)) this.#family.failed(error)
        this.#settled(() => this.#ends.reject(error))
      },
    )
  }

  #start(starter: Starter<unknown>): Promise<unknown> {
    if (needsSignal(starter)) this.#controller = new AbortController()
    return this.#context.runInAsyncScope(begin, undefined, starter, this.#controller?.signal)
  }

  #settled(tell: () => void): void {
    if (this.#starts) this.#family.running--
    const stopped = this.#stopped
    // What is cancelled rejects, even if it made it to its end.
    this.#over(stopped === undefined ? tell : () => this.#ends.reject(stopped.reason))
    const { most, waiting } = this.#family
    while (this.#family.running < most && waiting.size > 0) (waiting.shift() as Child).#run()
  }

  #over(tell: () => void): void {
    this.#family.children.delete(this)
    tell()
    this.#family.left()
  }
}
