import { AsyncResource } from 'node:async_hooks'

import type { Place } from './fifo.ts'
import type { Ends, Work } from './flow-task.ts'
import { begin, cancelItem, needsSignal } from './item.ts'
import type { Starter } from './item.ts'
import { observe } from './observe.ts'

/** What a call needs of its Limiter. */
export interface Host {
  enter(call: LimitedCall): void
  leave(call: LimitedCall): void
  settled(): void
}

/** One call of a Limiter, waiting or running: the work behind its Task. */
export class LimitedCall implements Work {
  readonly priority: number
  readonly #host: Host
  readonly #fn: Starter<unknown>
  readonly #ends: Ends<unknown>
  /** Made when it begins, of a function that takes a signal. */
  #controller: AbortController | undefined
  #stopped: { readonly reason: unknown } | undefined
  #promise: Promise<unknown> | undefined
  #begun = false
  /** In line, once it is or was there. */
  place: Place<LimitedCall> | undefined
  /** Of its Task. */
  cancel: ((reason: unknown) => void) | undefined
  /** Of the call, where it has to wait. AsyncResource.bind costs a hundred times as much. */
  #context: AsyncResource | undefined

  constructor(host: Host, fn: Starter<unknown>, priority: number, ends: Ends<unknown>) {
    this.#host = host
    this.#fn = fn
    this.priority = priority
    this.#ends = ends
  }

  begin(): void {
    this.#host.enter(this)
    if (!this.#begun) this.#context = new AsyncResource('offloop.flow')
  }

  refuse(error: unknown): void {
    this.#ends.reject(error)
  }

  stop(reason: unknown): void {
    this.#stopped = { reason }
    this.#controller?.abort(reason)
    if (this.#promise !== undefined) cancelItem(this.#promise, reason)
    if (!this.#begun) this.#host.leave(this)
    this.#ends.reject(reason)
  }

  /** Lets the function run, in the context of the call. */
  go(): void {
    this.#begun = true
    this.#ends.started()
    if (needsSignal(this.#fn)) this.#controller = new AbortController()
    const signal = this.#controller?.signal
    const promise = this.#context?.runInAsyncScope(begin, undefined, this.#fn, signal) ?? begin(this.#fn, signal)
    this.#promise = promise
    // The function itself may have ended it.
    if (this.#stopped !== undefined) cancelItem(promise, this.#stopped.reason)
    observe(
      promise,
      (value) => this.#settled(() => this.#ends.resolve(value)),
      (error) => this.#settled(() => this.#ends.reject(error)),
    )
  }

  #settled(tell: () => void): void {
    tell()
    this.#host.settled()
  }
}
