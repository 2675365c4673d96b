import { AsyncResource } from 'node:async_hooks'

import { onAbort } from './abort.ts'
import type { Backend, Outcome, Running } from './backends/backend.ts'
import { abortError, timeoutError } from './errors.ts'
import type { ReadOptions } from './options.ts'
import type { Planned } from './plan.ts'
import { createTask, noTiming } from './pool/task.ts'
import type { Task, TaskState, Timing } from './pool/task.ts'
import { watch } from './pool/watch.ts'
import { pause } from './steps.ts'
import type { Step, Steps } from './steps.ts'

/** One plan, or steps of which the first is already at hand. */
export type Beginning<T> =
  { readonly steps: undefined; readonly first: Planned<T> } | { readonly steps: Steps<T>; readonly first: Step }

/** Starts work on a backend and gives its Task. Where `entry` is given, a failure carries the frames of its caller. */
export function start<T>(
  beginning: Beginning<T>,
  options: ReadOptions,
  entry: Function | undefined,
  backend: Backend,
  queue: number,
  seed?: number,
): Task<T> {
  const { signal, timeout, lane } = options
  const { steps } = beginning
  const request = { priority: options.priority, threads: options.threads ?? 0, queue }
  const state: TaskState = {
    status: 'queued',
    backend: backend.name,
    timing: noTiming,
    running: undefined,
    shown: 0,
    cancel: undefined,
    seed,
  }
  const site: { stack?: string } = {}
  const { task, resolve, reject } = createTask<T>(state)
  let running: Running | undefined
  let stopped = false
  let reason: unknown
  let timer: NodeJS.Timeout | undefined
  let stopProgress: (() => void) | undefined
  let letGoOfSignal: (() => void) | undefined

  const stop = (why: unknown): void => {
    if (stopped) return
    stopped = true
    reason = why
    // Between two plans nothing touches the arrays.
    if (running === undefined) end('cancelled', () => reject(reason))
    else running.cancel()
  }
  const end = (kind: 'done' | 'failed' | 'cancelled', settlePromise: () => void): void => {
    clearTimeout(timer)
    letGoOfSignal?.()
    state.cancel = undefined
    state.running = undefined
    stopProgress?.()
    if (kind !== 'done') letGo(steps)
    settlePromise()
    state.status = kind
    lane?.settled(task, kind)
  }
  const succeed = (value: T): void => {
    try {
      report?.(1)
    } catch (error) {
      return end('failed', () => reject(error))
    }
    end('done', () => resolve(value))
  }
  const settle = (planned: Planned<unknown>, outcome: Outcome): void => {
    running = undefined
    state.timing = add(state.timing, outcome.timing)
    if (stopped) return end('cancelled', () => reject(reason))
    if (outcome.kind !== 'done') {
      const error = outcome.kind === 'failed' ? outcome.error : abortError()
      if (site.stack !== undefined) error.stack = `${error}\n${site.stack.slice(site.stack.indexOf('\n') + 1)}`
      return end(outcome.kind, () => reject(error))
    }
    let value: unknown
    try {
      value = planned.value(outcome.results)
    } catch (error) {
      return end('failed', () => reject(error))
    }
    if (steps === undefined) succeed(value as T)
    else advance(() => steps.next(value))
  }
  const launch = (planned: Planned<unknown>): void => {
    const { part: [from, to] = wholePart } = planned
    const current = backend.submit(planned.plan, request, (outcome) => settle(planned, outcome))
    running = current
    state.running = {
      progress: () => from + (to - from) * current.progress(),
      started: () => state.status === 'running' || current.started(),
    }
  }
  // On to the next step, unless the task is over, be it by what the step before did itself.
  const advance = (resume: () => IteratorResult<Step, T>): void => {
    if (stopped) return
    try {
      const next = resume()
      if (stopped) letGo(steps)
      else if (next.done) succeed(next.value)
      else take(next.value)
    } catch (error) {
      if (!stopped) end('failed', () => reject(error))
    }
  }
  const take = (step: Step): void => {
    if (step === pause) setImmediate(() => advance(() => (steps as Steps<T>).next()))
    else if (step instanceof Promise) {
      step.then(
        (value) => advance(() => (steps as Steps<T>).next(value)),
        (error: unknown) => advance(() => (steps as Steps<T>).throw(error)),
      )
    } else launch(step)
  }

  try {
    take(beginning.first)
  } catch (error) {
    letGo(steps)
    throw error
  }
  // Taken once, and written out only if the task fails. It takes several microseconds, as long as a thread to wake:
  // that one is on its way by now.
  if (entry !== undefined) Error.captureStackTrace(site, entry)
  state.cancel = (why) => stop(why ?? abortError())
  letGoOfSignal = signal && onAbort(signal, () => stop(signal.reason))
  if (timeout !== undefined) timer = setTimeout(() => stop(timeoutError(timeout)), timeout)
  const report = options.onProgress && AsyncResource.bind(options.onProgress)
  if (report !== undefined) stopProgress = watch(task, report, stop)
  lane?.started(task)
  return task
}

const wholePart = [0, 1] as const

/** Times of plans that ran one after another. */
function add(sum: Timing, next: Timing): Timing {
  if (sum === noTiming) return next
  return {
    queuedMs: sum.queuedMs + next.queuedMs,
    copyMs: sum.copyMs + next.copyMs,
    runMs: sum.runMs + next.runMs,
    threads: Math.max(sum.threads, next.threads),
  }
}

// Steps that throw while they let go have nobody to tell: the task has its reason already.
function letGo(steps: Steps<unknown> | undefined): void {
  try {
    steps?.return(undefined)
  } catch {}
}
