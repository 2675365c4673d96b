import { AsyncResource } from 'node:async_hooks'

import type { Place } from './fifo.ts'
import type { Ends, Work } from './flow-task.ts'
import { begin, cancelItem } from './item.ts'
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
  /** Made when it begins, as it costs more than all else. */
  #controller: AbortController | undefined
  #stopped: { readonly reason: unknown } | undefined
  #promise: Promise<unknown> | undefined
  #begun = false
  /** In line, once it is or was there. */
  place: Place<LimitedCall> | undefined
  /** Of its Task. */
  cancel: ((reason: unknown) => void) | undefined
  // AsyncResource.bind costs a hundred times as much.
  readonly #context = new AsyncResource('offloop.flow')

  constructor(host: Host, fn: Starter<unknown>, priority: number, ends: Ends<unknown>) {
    this.#host = host
    this.#fn = fn
    this.priority = priority
    this.#ends = ends
  }

  begin(): void {
    this.#host.enter(this)
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
    this.#controller = new AbortController()
    const promise = this.#context.runInAsyncScope(begin, undefined, this.#fn, this.#controller.signal)
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
