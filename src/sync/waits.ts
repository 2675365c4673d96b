// How long a wait may take, and what ends it.
import { isMainThread } from 'node:worker_threads'

import { checkAtLeast, checkOptions } from '../check.ts'
import { abortError, codedError, timeoutError, typeMisuse } from '../errors.ts'
import { currentTask } from '../executor/current-task.ts'

/** What ends a wait early. */
export interface WaitOptions {
  /**
   * Milliseconds until a TimeoutError; 0 tries once.
   * @default none
   */
  readonly timeout?: number | undefined
  /**
   * Ends the wait with its reason. A blocked thread looks at `aborted` every 100 ms, which other threads can't set.
   * @default none
   */
  readonly signal?: AbortSignal | undefined
}

/** A wait's options, read once. */
export interface Wait {
  /** On performance.now()'s clock. */
  readonly deadline: number
  /** As it was given, for the message. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

/** Of a wait that nothing ends but what it waits for. */
export const forever: Wait = { deadline: Infinity, timeout: Infinity, signal: undefined }

export function readWait(options: WaitOptions | undefined): Wait {
  if (options === undefined) return forever
  const { timeout, signal } = checkOptions(options)
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw typeMisuse('signal', 'an AbortSignal', signal)
  const ms = timeout === undefined ? Infinity : checkAtLeast('timeout', timeout, 0)
  return { deadline: performance.now() + ms, timeout: ms, signal }
}

/** Milliseconds that are left. */
export function remaining(wait: Wait): number {
  return wait.deadline === Infinity ? Infinity : wait.deadline - performance.now()
}

/** What a wait gave. @throws TimeoutError when it ran out of time. */
export function orTimeout<T>(result: T | undefined, wait: Wait): T {
  if (result === undefined) throw timeoutError(wait.timeout)
  return result
}

/** A blocking form's first check: on the main thread it would hold the event loop, and everything with it. */
export function checkMayBlock(name: string): void {
  if (isMainThread) throw codedError('ERR_OFFLOOP_MAIN_THREAD', [name, name.replace(/Sync$/, '')])
}

/** What a blocked thread can still notice: its task was cancelled, or its signal aborted before. */
export function blockingLook(wait: Wait): void {
  wait.signal?.throwIfAborted()
  if (currentTask().cancelled) throw currentTask().signal.reason ?? abortError()
}
