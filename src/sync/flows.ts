// Debug mode: what a call is part of. Whoever awaited the promise of an `acquire` goes on with the lock held, and so does
// all that follows from there; that of others in the thread does not. Async hooks tell one from the other.
import { createHook, executionAsyncResource } from 'node:async_hooks'

import type { Hold } from './tracker.ts'

/** What goes on while a lock is held, inside of what went on before. */
export interface Flow {
  readonly outer: Flow | undefined
  hold: Hold | undefined
  /** The async id of the promise whose awaiting leads here. */
  promise: number | undefined
}

const flows = new WeakMap<object, Flow>()
const awaited = new Map<number, Flow>()
let latestPromise = 0
let hooked = false

/** The flow that this code runs in. */
export function currentFlow(): Flow | undefined {
  start()
  return flows.get(executionAsyncResource())
}

/** The code that runs now goes on in a flow. */
export function enterFlow(flow: Flow): void {
  flows.set(executionAsyncResource(), flow)
}

/** A promise like the one given: who awaits it goes on in a flow, until endFlow(). */
export function leadTo<T>(flow: Flow, promise: Promise<T>): Promise<T> {
  const leading = promise.then((value) => value)
  flow.promise = latestPromise
  awaited.set(latestPromise, flow)
  return leading
}

export function endFlow(flow: Flow): void {
  if (flow.promise !== undefined) awaited.delete(flow.promise)
}

function start(): void {
  if (hooked) return
  hooked = true
  createHook({
    init(id, type, trigger, resource) {
      if (type === 'PROMISE') latestPromise = id
      const flow = awaited.get(trigger) ?? flows.get(executionAsyncResource())
      if (flow !== undefined) flows.set(resource, flow)
    },
  }).enable()
}
