import { checkAtLeast, checkFunction, checkInteger, checkWord, isList, isRevoked } from './check.ts'
import { typeMisuse } from './errors.ts'
import { laneKey } from './pool/lane.ts'
import type { Lane } from './pool/lane.ts'
import type { Pool } from './pool/pool.ts'
import { maxThreads } from './wire.ts'

/** Where work runs. */
export type BackendName = 'native' | 'worker' | 'process' | 'inline'
/** What runs first when there is more work than threads. */
export type Priority = 'high' | 'normal' | 'low'

export const backendNames = ['native', 'worker', 'process', 'inline'] as const
export const priorities = ['high', 'normal', 'low'] as const

/** Options of every asynchronous call: the last argument of kernels, `run`, `map` and their kin. */
export interface TaskOptions {
  /**
   * The Pool that runs it.
   * @default the shared default pool
   */
  pool?: Pool | undefined
  /**
   * Which backend runs it. Only 'auto' may take another one than native (where no binary loads: workers).
   * @default 'auto'
   */
  backend?: 'auto' | BackendName | undefined
  /**
   * Aborts it: queued work is dropped, running work stops mid-kernel, and the task rejects with `signal.reason`.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds from the call until the task rejects with a TimeoutError DOMException.
   * @default none
   */
  timeout?: number | undefined
  /**
   * What runs first when there is more work than threads. Low work is never starved for good.
   * @default 'normal'
   */
  priority?: Priority | undefined
  /**
   * The most threads this task may use, 1 to 256.
   * @default the pool's
   */
  threads?: number | undefined
  /**
   * Called with 0..1, at most 60 times a second, never falling, and with 1 at the end when it succeeds. If it throws,
   * the task is cancelled and rejects with what was thrown.
   * @default none
   */
  onProgress?: ((fraction: number) => void) | undefined
}

/** TaskOptions after the checks; `raw` has the kernel's own options, still unread. */
export interface ReadOptions {
  readonly raw: object
  /** Of the pool that was named. */
  readonly lane: Lane | undefined
  readonly backend: 'auto' | BackendName
  readonly signal: AbortSignal | undefined
  readonly timeout: number | undefined
  readonly priority: number
  readonly threads: number | undefined
  readonly onProgress: ((fraction: number) => void) | undefined
}

export const noOptions: ReadOptions = Object.freeze({
  raw: Object.freeze({}),
  lane: undefined,
  backend: 'auto',
  signal: undefined,
  timeout: undefined,
  priority: 1,
  threads: undefined,
  onProgress: undefined,
})

/** Checks what every call takes. Each property is read once. */
export function readOptions(value: unknown): ReadOptions {
  if (value === undefined) return noOptions
  if (typeof value !== 'object' || value === null || isRevoked(value) || isList(value) || ArrayBuffer.isView(value)) {
    throw typeMisuse('options', 'an object', value)
  }
  const { pool, backend, signal, timeout, priority, threads, onProgress } = value as TaskOptions
  if (signal !== undefined && !isSignal(signal)) throw typeMisuse('signal', 'an AbortSignal', signal)
  if (pool !== undefined && !isPool(pool)) throw typeMisuse('pool', 'a Pool', pool)
  return {
    raw: value,
    lane: pool?.[laneKey],
    backend: backend === undefined ? 'auto' : checkWord('backend', backend, ['auto', ...backendNames]),
    signal,
    timeout:
      timeout === undefined || timeout === Infinity ? undefined : timerDelay(checkAtLeast('timeout', timeout, 0)),
    priority: priority === undefined ? 1 : priorities.indexOf(checkWord('priority', priority, priorities)),
    threads: threads === undefined ? undefined : checkInteger('threads', threads, 1, maxThreads),
    onProgress:
      onProgress === undefined ? undefined : (checkFunction('onProgress', onProgress) as ReadOptions['onProgress']),
  }
}

// Timers take whole milliseconds up to 2^31 - 1, 24.8 days; more than that would fire at once.
function timerDelay(milliseconds: number): number {
  return Math.min(Math.ceil(milliseconds), 2 ** 31 - 1)
}

export function isPool(value: unknown): value is Pool {
  return typeof value === 'object' && value !== null && laneKey in value
}

// AbortSignals of other realms and of polyfills are as good as ours.
export function isSignal(value: unknown): value is AbortSignal {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as AbortSignal).aborted === 'boolean' &&
    typeof (value as AbortSignal).addEventListener === 'function'
  )
}
