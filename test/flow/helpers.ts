import { getEventListeners } from 'node:events'

/** A promise, its two ends, and whether it was told to stop. */
export function deferred<T = undefined>() {
  let resolve!: (value: T) => void
  let reject!: (reason: unknown) => void
  const promise = new Promise<T>((onValue, onReason) => {
    resolve = onValue
    reject = onReason
  })
  return { promise, resolve, reject }
}

/** Lets everything run that can run without a timer. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

export const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

/** What a promise rejects with. */
export async function reasonOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (reason) {
    return reason
  }
  throw new Error('it was fulfilled')
}

/** Never ends by itself; rejects with the signal's reason. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}
