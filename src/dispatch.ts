import { AsyncResource } from 'node:async_hooks'
import { isMainThread } from 'node:worker_threads'

import type { Backend, Outcome, Running } from './backends/backend.ts'
import { inlineBackend } from './backends/inline.ts'
import { nativeBackend } from './backends/native.ts'
import { defaultWorkerBackend } from './backends/worker.ts'
import { bindingFailure } from './binding.ts'
import { readEnvironment } from './environment.ts'
import { abortError, codedError, timeoutError } from './errors.ts'
import type { BackendName, ReadOptions } from './options.ts'
import type { Planned } from './plan.ts'
import type { Lane } from './pool/lane.ts'
import { createTask, doneTask, failedTask, noTiming } from './pool/task.ts'
import type { Task, TaskState } from './pool/task.ts'

/** Work estimated under this runs on the calling thread: a trip to the pool costs more. */
const inlineNanoseconds = 20_000
/** What a call costs by itself, so that a million empty ones count too. */
const callNanoseconds = 2_000
/** How long such work may hold one turn of the event loop. */
const turnNanoseconds = 1_000_000
/** onProgress is called at most 60 times a second; timers take whole milliseconds, and would round down. */
export const progressMs = Math.ceil(1000 / 60)

let spent = 0
let resetComing = false

/** Runs a planned call and gives its Task. `entry` is the public function: frames above it are left out of stacks. */
export function dispatch<T>(planned: Planned<T>, options: ReadOptions, entry: Function): Task<T> {
  const { signal, lane } = options
  lane?.enter()
  const { name, backend, queue } = choose(options)
  if (signal?.aborted) return failedTask(signal.reason, name, 'cancelled')
  if (name === 'native' && fitsThisTurn(planned, options)) {
    const value = planned.value(backend.run(planned.plan))
    const task = doneTask(value, name, noTiming)
    lane?.started(task)
    lane?.settled(task, 'done')
    return task
  }
  return start(planned, options, entry, backend, queue)
}

/** Runs a planned call on this thread and gives its value. */
export function dispatchSync<T>(planned: Planned<T>, options: ReadOptions): T {
  const { signal } = options
  if (signal?.aborted) throw signal.reason
  return planned.value(syncBackend(options).run(planned.plan))
}

function syncBackend(options: ReadOptions): Backend {
  if (options.backend === 'worker' || options.backend === 'process') {
    throw codedError('ERR_OFFLOOP_BACKEND', [options.backend, 'the synchronous form runs on the calling thread'])
  }
  const wanted = options.backend === 'auto' ? (readEnvironment().backend ?? 'auto') : options.backend
  if (wanted !== 'auto' && wanted !== 'native') return inlineBackend
  const native = nativeBackend()
  if (native === undefined && wanted === 'native') throw noNative()
  return native ?? inlineBackend
}

/** The name of the backend that takes what names none. */
export function defaultBackendName(lane: Lane | undefined): BackendName {
  const wanted = lane === undefined || lane.defaultBackend === 'auto' ? readEnvironment().backend : lane.defaultBackend
  return wanted ?? automatic()
}

/** Which backend a call runs on: what it names, what its pool names, what the process was told, what there is. */
function choose(options: ReadOptions): { name: BackendName; backend: Backend; queue: number } {
  const { lane } = options
  const name = options.backend === 'auto' ? defaultBackendName(lane) : options.backend
  const found = lane === undefined ? shared(name) : lane.backend(name)
  if (found === undefined) {
    throw name === 'native'
      ? noNative()
      : codedError('ERR_OFFLOOP_BACKEND', [name, 'kernels do not run in child processes'])
  }
  return { name, ...found }
}

let warned = false

function automatic(): BackendName {
  if (nativeBackend() !== undefined) return 'native'
  // Inside a worker the fallback is this thread: pools of workers within workers would multiply.
  if (!isMainThread) return 'inline'
  if (!warned) {
    warned = true
    process.emitWarning(`offloop runs on worker threads: ${bindingFailure()}`, { code: 'OFFLOOP_NO_BINARY' })
  }
  return 'worker'
}

/** The backends that calls without a Pool use. */
export function shared(name: BackendName): { backend: Backend; queue: number } | undefined {
  const backend = name === 'native' ? nativeBackend() : name === 'inline' ? inlineBackend : undefined
  if (backend !== undefined) return { backend, queue: 0 }
  return name === 'worker' ? { backend: defaultWorkerBackend(), queue: 0 } : undefined
}

function noNative(): Error {
  return codedError('ERR_OFFLOOP_BACKEND', ['native', bindingFailure() ?? 'no binary'])
}

// Small work stays here, but no more than a millisecond of it in one turn of the event loop: when that is spent, calls
// go to the pool and settle from the loop, so that a million small awaited calls starve nobody.
function fitsThisTurn(planned: Planned<unknown>, options: ReadOptions): boolean {
  const { cost } = planned.plan
  if (cost > inlineNanoseconds || options.onProgress !== undefined) return false
  if (spent + cost > turnNanoseconds) return false
  spent += cost + callNanoseconds
  if (!resetComing) {
    resetComing = true
    setImmediate(resetTurn).unref()
  }
  return true
}

function resetTurn(): void {
  spent = 0
  resetComing = false
}

function start<T>(
  planned: Planned<T>,
  options: ReadOptions,
  entry: Function,
  backend: Backend,
  queue: number,
): Task<T> {
  const { signal, timeout, lane } = options
  const state: TaskState = {
    status: 'queued',
    backend: backend.name,
    timing: noTiming,
    running: undefined,
    shown: 0,
    cancel: undefined,
  }
  // The caller's frames, taken once and written out only if the task fails. Small work that overflowed from a turn of
  // the event loop comes in bursts, for which this would be the greatest cost, and has hardly a way to fail.
  const site: { stack?: string } = {}
  if (planned.plan.cost > inlineNanoseconds) Error.captureStackTrace(site, entry)
  const { task, resolve, reject } = createTask<T>(state)
  let stopped = false
  let reason: unknown
  let timer: NodeJS.Timeout | undefined
  let stopProgress: (() => void) | undefined

  const stop = (why: unknown): void => {
    if (stopped) return
    stopped = true
    reason = why
    running.cancel()
  }
  const onAbort = (): void => stop(signal?.reason)
  const settle = (outcome: Outcome): void => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
    state.timing = outcome.timing
    state.cancel = undefined
    stopProgress?.()
    let kind = outcome.kind
    if (stopped) {
      kind = 'cancelled'
      reject(reason)
    } else if (outcome.kind === 'done') {
      try {
        const value = planned.value(outcome.results)
        report?.(1)
        resolve(value)
      } catch (error) {
        kind = 'failed'
        reject(error)
      }
    } else {
      const error = outcome.kind === 'failed' ? outcome.error : abortError()
      if (site.stack !== undefined) error.stack = `${error}\n${site.stack.slice(site.stack.indexOf('\n') + 1)}`
      reject(error)
    }
    state.status = kind
    state.running = undefined
    lane?.settled(task, kind)
  }
  const threads = options.threads ?? 0
  const running: Running = backend.submit(planned.plan, { priority: options.priority, threads, queue }, settle)
  state.running = running
  state.cancel = (why) => stop(why ?? abortError())
  signal?.addEventListener('abort', onAbort, { once: true })
  if (timeout !== undefined) timer = setTimeout(() => stop(timeoutError(timeout)), timeout)
  const report = options.onProgress && AsyncResource.bind(options.onProgress)
  if (report !== undefined) stopProgress = watch(task, report, stop)
  lane?.started(task)
  return task
}

/** Calls `report` while the task goes on; what it throws stops the task. */
function watch(task: Task<unknown>, report: (fraction: number) => void, stop: (why: unknown) => void): () => void {
  let last = 0
  const timer = setInterval(() => {
    const now = task.progress
    if (now <= last) return
    last = now
    try {
      report(now)
    } catch (error) {
      stop(error)
    }
  }, progressMs)
  timer.unref()
  return () => clearInterval(timer)
}
