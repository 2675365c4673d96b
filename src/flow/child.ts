import { AsyncResource } from 'node:async_hooks'

import type { Ends, Work } from './flow-task.ts'
import { asPromise, begin, cancelItem, isAbort, isStarter } from './item.ts'
import { observe } from './observe.ts'

/** What the children of a group share. */
export interface Family {
  readonly signal: AbortSignal
  /** The most functions that run at once. */
  readonly most: number
  running: number
  readonly children: Set<Child>
  /** Functions for which there is no room yet. */
  readonly waiting: Set<Child>
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
  readonly #controller = new AbortController()
  #begun = false
  #promise: Promise<unknown> | undefined
  /** Of its Task. */
  cancel: ((reason: unknown) => void) | undefined
  /** Begins it when there is room, in the context it was spawned in. */
  #go: (() => void) | undefined

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
    this.#go = AsyncResource.bind(() => this.#run())
    waiting.add(this)
  }

  stop(reason: unknown): void {
    this.#controller.abort(reason)
    if (this.#promise !== undefined) return cancelItem(this.#promise, reason)
    if (this.#begun) return
    this.#family.waiting.delete(this)
    this.#over(() => this.#ends.reject(reason))
  }

  #run(): void {
    this.#begun = true
    if (this.#starts) this.#family.running++
    this.#ends.started()
    const { signal } = this.#controller
    const promise = isStarter(this.#item) ? begin(this.#item, signal) : asPromise(this.#item)
    this.#promise = promise
    // The function itself may have ended it.
    if (signal.aborted) cancelItem(promise, signal.reason)
    observe(
      promise,
      // What is cancelled rejects, even if it made it to its end.
      (value) => this.#settled(() => (signal.aborted ? this.#ends.reject(signal.reason) : this.#ends.resolve(value))),
      (error) => {
        if (!signal.aborted || !isAbort(error, signal.reason)) this.#family.failed(error)
        this.#settled(() => this.#ends.reject(signal.aborted ? signal.reason : error))
      },
    )
  }

  #settled(tell: () => void): void {
    if (this.#starts) this.#family.running--
    this.#over(tell)
    const { most, waiting } = this.#family
    for (const child of waiting) {
      if (this.#family.running >= most) break
      waiting.delete(child)
      child.#go?.()
    }
  }

  #over(tell: () => void): void {
    this.#family.children.delete(this)
    tell()
    this.#family.left()
  }
}
