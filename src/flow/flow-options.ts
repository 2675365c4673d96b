import { onAbort } from '../abort.ts'
import { checkAtLeast, checkInteger, isList, isRevoked } from '../check.ts'
import { timeoutError, typeMisuse } from '../errors.ts'
import { isSignal } from '../options.ts'
import { after } from './after.ts'

/** Options of all that waits. */
export interface FlowOptions {
  /**
   * Ends the wait with `signal.reason` as the rejection.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds from the call until it rejects with a TimeoutError DOMException. Any number of days.
   * @default none
   */
  timeout?: number | undefined
}

/** FlowOptions after the checks. */
export interface Limits {
  readonly signal: AbortSignal | undefined
  readonly timeout: number | undefined
}

export const noLimits: Limits = Object.freeze({ signal: undefined, timeout: undefined })

/** An options object, or an empty one. */
export function readObject<T extends object>(value: unknown): T {
  if (value === undefined) return {} as T
  if (typeof value !== 'object' || value === null || isRevoked(value) || isList(value)) {
    throw typeMisuse('options', 'an object', value)
  }
  return value as T
}

export function readLimits(options: FlowOptions): Limits {
  const { signal, timeout } = options
  if (signal !== undefined && !isSignal(signal)) throw typeMisuse('signal', 'an AbortSignal', signal)
  return { signal, timeout: timeout === undefined ? undefined : readMilliseconds('timeout', timeout) }
}

/** From 0 up; undefined for Infinity, which is no limit. */
export function readMilliseconds(name: string, value: unknown): number | undefined {
  const milliseconds = checkAtLeast(name, value, 0)
  return milliseconds === Infinity ? undefined : milliseconds
}

/** How many at once. */
export function readMost(name: string, value: unknown): number {
  if (value === undefined || value === Infinity) return Infinity
  return checkInteger(name, value, 1, Number.MAX_SAFE_INTEGER)
}

/** Calls `stop` when the signal aborts or the time is up; gives what takes that back. */
export function arm(limits: Limits, stop: (reason: unknown) => void, message?: string): () => void {
  const { signal, timeout } = limits
  const letGo = signal && onAbort(signal, () => stop(signal.reason))
  const stopTimer =
    timeout === undefined
      ? undefined
      : after(timeout, () =>
          stop(message === undefined ? timeoutError(timeout) : new DOMException(message, 'TimeoutError')),
        )
  return () => {
    letGo?.()
    stopTimer?.()
  }
}
