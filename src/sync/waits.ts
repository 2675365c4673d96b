// How long a wait may take, and what ends it.
import { isMainThread } from 'node:worker_threads'

import { checkAtLeast } from '../check.ts'
import { abortError, codedError, typeMisuse } from '../errors.ts'
import { currentTask } from '../executor/current-task.ts'

/** What ends a wait early. */
export interface WaitOptions {
  /** Milliseconds until a TimeoutError; 0 tries once. No limit by default. */
  readonly timeout?: number
  /** Ends the wait with its reason. A blocked thread looks at `aborted` every 100 ms, which other threads can't set. */
  readonly signal?: AbortSignal
}

/** A wait's options, read once. */
export interface Wait {
  /** On performance.now()'s clock. */
  readonly deadline: number
  /** As it was given, for the message. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
}

const forever: Wait = { deadline: Infinity, timeout: Infinity, signal: undefined }

export function readWait(options: WaitOptions | undefined): Wait {
  if (options === undefined) return forever
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { timeout, signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw typeMisuse('signal', 'an AbortSignal', signal)
  const ms = timeout === undefined ? Infinity : checkAtLeast('timeout', timeout, 0)
  return { deadline: performance.now() + ms, timeout: ms, signal }
}

/** Milliseconds that are left. */
export function remaining(wait: Wait): number {
  return wait.deadline === Infinity ? Infinity : wait.deadline - performance.now()
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
