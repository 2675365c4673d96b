import { codedError } from '../errors.ts'
import type { Executor } from '../executor/executor.ts'
import { packFault } from '../executor/fault.ts'
import type { Member } from '../executor/member.ts'
import type { Cargo } from '../executor/ship.ts'
import { callFunction } from './call-function.ts'

let lastId = 0

/** A generator that lives in a worker. Between its steps the worker does other work. */
export class RemoteGenerator<T, R, N> implements AsyncGenerator<T, R, N> {
  readonly #executor: Executor
  readonly #cargo: Cargo
  readonly #args: readonly unknown[]
  readonly #id = ++lastId
  #member: Member | undefined
  #over = false

  readonly #requireOpen: () => void

  constructor(executor: Executor, cargo: Cargo, args: readonly unknown[], requireOpen: () => void) {
    this.#requireOpen = requireOpen
    this.#executor = executor
    this.#cargo = cargo
    this.#args = args
  }

  next(value?: N): Promise<IteratorResult<T, R>> {
    return this.#step('next', value)
  }

  return(value: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
    return this.#step('return', value)
  }

  throw(error: unknown): Promise<IteratorResult<T, R>> {
    return this.#step('throw', error)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return(undefined as R)
  }

  async #step(method: 'next' | 'return' | 'throw', given: unknown): Promise<IteratorResult<T, R>> {
    const opened = this.#member !== undefined
    if (this.#over || (!opened && method !== 'next')) {
      this.#over = true
      const value = await given
      if (method === 'throw') throw value
      return { done: true, value: (method === 'return' ? value : undefined) as R }
    }
    let open: Promise<unknown> | undefined
    if (this.#member === undefined) {
      this.#requireOpen()
      this.#member = this.#executor.leastBusy()
      this.#member.streams++
      open = this.#call('open', [this.#id, this.#args])
      open.catch(() => {})
    }
    let value = method === 'throw' ? packFault(given) : given
    // Only a promise is waited for, so that steps keep their order.
    if (method === 'return' && given instanceof Promise) value = await given
    const step = this.#call('resume', [this.#id, method, value])
    step.catch(() => {})
    try {
      await open
      const result = (await step) as IteratorResult<T, R>
      if (result.done === true) this.#end()
      return result
    } catch (error) {
      this.#end()
      throw error
    }
  }

  #call(verb: 'open' | 'resume', args: readonly unknown[]): Promise<unknown> {
    const { name } = this.#cargo.shipped
    const member = this.#member
    if (member === undefined) throw codedError('ERR_OFFLOOP_INTERNAL', [`the stream of ${name} has no worker`])
    return callFunction(this.#executor, { cargo: this.#cargo, verb, args, names: 'args', member }, undefined, undefined)
  }

  #end(): void {
    if (this.#over) return
    this.#over = true
    if (this.#member !== undefined) this.#executor.leave(this.#member)
  }
}
