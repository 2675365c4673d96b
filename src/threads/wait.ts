import { onAbort } from '../abort.ts'
import { checkAtLeast } from '../check.ts'
import { timeoutError, typeMisuse } from '../errors.ts'
import { isSignal } from '../options.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { hold } from './alive.ts'

/** WaitOptions after the checks. */
export interface ReadWait {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
}

export function readWait(options: WaitOptions | undefined): ReadWait {
  if (options === undefined) return {} as ReadWait
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { timeout, signal } = options
  return { timeout: readDelay('timeout', timeout), signal: readSignal(signal) }
}

/** Milliseconds of a timer, which takes whole ones up to 2^31 - 1; undefined for none and for Infinity. */
export function readDelay(name: string, value: unknown): number | undefined {
  if (value === undefined || value === Infinity) return undefined
  return Math.min(Math.ceil(checkAtLeast(name, value, 0)), 2 ** 31 - 1)
}

export function readSignal(value: unknown): AbortSignal | undefined {
  if (value !== undefined && !isSignal(value)) throw typeMisuse('signal', 'an AbortSignal', value)
  return value
}

/** Waits for a promise as long as is wanted; the process lives meanwhile. */
export function waitFor<T>(promise: Promise<T>, { timeout, signal }: ReadWait): Promise<T> {
  const release = hold()
  let timer: NodeJS.Timeout | undefined
  let letGo: (() => void) | undefined
  return new Promise<T>((resolve, reject) => {
    promise.then(resolve, reject)
    if (signal?.aborted) reject(signal.reason as Error)
    else if (signal !== undefined) letGo = onAbort(signal, () => reject(signal.reason as Error))
    if (timeout !== undefined) timer = setTimeout(() => reject(timeoutError(timeout)), timeout)
  }).finally(() => {
    release()
    clearTimeout(timer)
    letGo?.()
  })
}
