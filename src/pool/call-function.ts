import { AsyncResource } from 'node:async_hooks'

import { onAbort } from '../abort.ts'
import { codedError, timeoutError } from '../errors.ts'
import type { Executor } from '../executor/executor.ts'
import { Job } from '../executor/job.ts'
import { plainKind } from '../executor/job-kind.ts'
import type { JobKind } from '../executor/job-kind.ts'
import type { JobHooks } from '../executor/job.ts'
import type { Member } from '../executor/member.ts'
import type { Verb } from '../executor/messages.ts'
import { isPrimitive, packArgs } from '../executor/parcel.ts'
import type { Cargo } from '../executor/ship.ts'
import type { ReadFunctionOptions } from './function-options.ts'
import { failedTask } from './task.ts'
import type { Task } from './task.ts'
import { watch } from './watch.ts'

/** What is to be done with a function, and where. */
export interface Call {
  readonly cargo: Cargo
  readonly verb: Verb
  readonly args: readonly unknown[]
  /** How its arguments are called in errors. */
  readonly names: string
  /** Which of them is the list that they are called after, and its first element's place in what the caller gave. */
  readonly list?: { readonly at: number; readonly first: number } | undefined
  readonly member?: Member | undefined
}

/** Sends one call to an executor. `entry` is the public function: frames above it are the caller's. */
export function callFunction<T>(
  executor: Executor,
  { cargo, verb, args, names, list, member }: Call,
  options: ReadFunctionOptions | undefined,
  entry: Function | undefined,
): Task<T> {
  const { kind: backend } = executor.options
  if (executor.closed) {
    return failedTask(codedError('ERR_OFFLOOP_CLOSED', [`The pool '${executor.options.name}'`]), backend)
  }
  if (options?.signal?.aborted) return failedTask(options.signal.reason, backend, 'cancelled')
  let transfer = options?.transfer
  let light = transfer === undefined
  for (let i = 0; light && i < args.length; i++) light = isPrimitive(args[i])
  const parcel = light ? undefined : packArgs(args, names, executor.channel, list)
  const sent = (parcel?.value as readonly unknown[] | undefined) ?? args
  if (parcel?.transfer !== undefined) transfer = [...(transfer ?? []), ...parcel.transfer]
  const plain = plainKind(cargo, verb, backend)
  const isPlain = light && options === undefined && member === undefined
  const kind: JobKind = isPlain
    ? plain
    : {
        ...plain,
        packed: parcel?.packed === true,
        priority: options?.priority ?? 1,
        light,
        alone: options?.runTimeout !== undefined || transfer !== undefined,
        transfer,
        retries: options?.retries ?? 0,
        kept: light || verb !== 'call' || transfer !== undefined ? undefined : executor.keeper.take(sent),
        pinned: member,
      }
  const job = new Job<T>(kind, sent)
  if (entry !== undefined) traceSubmit(job as Job, entry)
  if (options !== undefined) follow(job as Job, options)
  executor.submit(job as Job)
  return job.task
}

/** Times, signal and progress of a job. */
function follow(job: Job, options: ReadFunctionOptions): void {
  const { signal, timeout, queueTimeout, runTimeout, onProgress } = options
  if (!signal && timeout === undefined && queueTimeout === undefined && runTimeout === undefined && !onProgress) return
  const hooks = hooksOf(job)
  const timers: NodeJS.Timeout[] = []
  const stop = (reason: unknown): void => job.owner?.cancel(job, reason)
  const after = (ms: number, act: () => void): void => {
    timers.push(setTimeout(act, ms))
  }
  const letGo = signal && onAbort(signal, () => stop(signal.reason))
  if (timeout !== undefined) after(timeout, () => stop(timeoutError(timeout)))
  if (queueTimeout !== undefined) {
    after(queueTimeout, () => {
      if (!job.started()) stop(timeoutError(queueTimeout))
    })
  }
  if (runTimeout !== undefined) {
    let timer: NodeJS.Timeout | undefined
    const check = (): void => (job.started() ? stop(timeoutError(runTimeout)) : start())
    const start = (): void => {
      clearTimeout(timer)
      timer = setTimeout(check, runTimeout)
      timers.push(timer)
    }
    // Once more where it is tried again.
    hooks.onReady = start
  }
  const report = onProgress && AsyncResource.bind(onProgress)
  const unwatch = report && watch(job.task, report, stop)
  hooks.onDone = () => report?.(1)
  hooks.onEnd = () => {
    for (const timer of timers) clearTimeout(timer)
    letGo?.()
    unwatch?.()
  }
}

function hooksOf(job: Job): JobHooks {
  job.hooks ??= {}
  return job.hooks
}

/** Lets the error of a failed job tell from where it was submitted. */
function traceSubmit(job: Job, entry: Function): void {
  const site: { stack?: string } = {}
  Error.captureStackTrace(site, entry)
  hooksOf(job).onReject = (error) => {
    if (!(error instanceof Error) || typeof error.stack !== 'string') return
    const frames = (site.stack ?? '').slice((site.stack ?? '').indexOf('\n') + 1)
    const stack = `${error.stack}\n    at offloop (submitted here)\n${frames}`
    Object.defineProperty(error, 'stack', { value: stack, enumerable: false, configurable: true, writable: true })
  }
}
