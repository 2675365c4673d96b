import { Task } from '../pool/task.ts'
import { ignore } from './observe.ts'

/** A function that begins something; the signal says when it is not wanted any more. */
export type Starter<T> = (signal: AbortSignal) => T | PromiseLike<T>
/** What can be waited for: a Task, a promise, a function that begins one, or a value that is there already. */
export type Item = Starter<unknown> | PromiseLike<unknown> | {} | null | undefined
/** What an item comes to. */
export type Outcome<I> = I extends (signal: AbortSignal) => infer R ? Awaited<R> : Awaited<I>

/** A promise as it is; whatever else has a `then`, or none, as a promise. */
export function asPromise(value: unknown): Promise<unknown> {
  if (value instanceof Promise && value.then === Promise.prototype.then) return value
  return new Promise((resolve) => resolve(value))
}

/** A signal that nobody asked for is not made: it costs more than all else of a call. */
export function needsSignal(starter: Starter<unknown>): boolean {
  if (starter.length > 0) return true
  const source = Function.prototype.toString.call(starter)
  return !takesNothing.test(source) || /\barguments\b|\beval\b/.test(source)
}

/** An empty list of parameters, of a function of any form but a native one. */
const takesNothing = /^(?:async\s*)?(?:function\s*[\w$]*\s*|[\w$]+\s*)?\(\s*\)(?!\s*\{\s*\[native code)/

/** What a function gives, or throws, as a promise: a Task as that Task. */
export function begin(starter: Starter<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return asPromise(starter(signal as AbortSignal))
  } catch (error) {
    return Promise.reject(error)
  }
}

/** Cancels what can be: a Task. */
export function cancelItem(item: unknown, reason: unknown): void {
  if (item instanceof Task) item.cancel(reason)
  else if (item instanceof Promise) item.then(undefined, ignore)
}

export function isStarter(item: unknown): item is Starter<unknown> {
  return typeof item === 'function'
}

/** Whether something ended in this way because it was told to. */
export function isAbort(error: unknown, reason: unknown): boolean {
  return error === reason || (error instanceof Error && error.name === 'AbortError')
}
