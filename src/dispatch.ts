import { isMainThread } from 'node:worker_threads'

import type { Backend } from './backends/backend.ts'
import type * as Inline from './backends/inline.ts'
import { nativeBackend } from './backends/native.ts'
import type * as Worker from './backends/worker.ts'
import { bindingFailure } from './binding.ts'
import { readEnvironment } from './environment.ts'
import { codedError } from './errors.ts'
import { lazy } from './lazy.ts'
import type { BackendName, ReadOptions } from './options.ts'
import type { Planned } from './plan.ts'
import type { Lane } from './pool/lane.ts'
import { doneTask, failedTask, noTiming } from './pool/task.ts'
import type { Task } from './pool/task.ts'
import { start } from './start.ts'
import { isSteps } from './steps.ts'
import type { Step, Steps, Work } from './steps.ts'

// Kernels in JavaScript, which most programs never need.
const inline = lazy(() => (require('./backends/inline.js') as typeof Inline).inlineBackend)
const workers = lazy(() => require('./backends/worker.js') as typeof Worker)

/** Work estimated under this runs on the calling thread: a trip to the pool costs more. */
const inlineNanoseconds = 20_000
/** What a call costs by itself, so that a million empty ones count too. */
const callNanoseconds = 2_000
/** How long such work may hold one turn of the event loop. */
const turnNanoseconds = 1_000_000

let spent = 0
let resetComing = false

/** Runs a planned call and gives its Task. `entry` is the public function: frames above it are left out of stacks. */
export function dispatch<T>(work: Work<T>, options: ReadOptions, entry: Function): Task<T> {
  const { signal, lane } = options
  lane?.enter()
  const { name, backend, queue } = choose(options)
  if (signal?.aborted) return failedTask(signal.reason, name, 'cancelled')
  const here = name === 'native' && options.onProgress === undefined ? backend : undefined
  if (!isSteps(work)) {
    if (here !== undefined && fitsThisTurn(work.plan.cost)) {
      const value = work.value(here.run(work.plan))
      return finished(doneTask(value, name, noTiming, work.seed), lane)
    }
    // Small work that overflowed from a turn of the event loop comes in bursts, for which a stack would be the greatest
    // cost, and has hardly a way to fail.
    const site = work.plan.cost > inlineNanoseconds ? entry : undefined
    return start<T>({ steps: undefined, first: work }, options, site, backend, queue, work.seed)
  }
  const first = here === undefined ? work.next() : runHere(work, here)
  if (first.done) return finished(doneTask(first.value, name, noTiming), lane)
  return start<T>({ steps: work, first: first.value }, options, entry, backend, queue)
}

/** Takes steps for as long as they fit this turn of the event loop: the first that does not, or the end. */
function runHere<T>(steps: Steps<T>, backend: Backend): IteratorResult<Step, T> {
  let at = steps.next()
  while (!at.done && isPlanned(at.value) && fitsThisTurn(at.value.plan.cost)) at = takeHere(steps, at.value, backend)
  return at
}

function takeHere<T>(steps: Steps<T>, step: Step, backend: Backend): IteratorResult<Step, T> {
  let value: unknown
  try {
    if (isPlanned(step)) value = step.value(backend.run(step.plan))
  } catch (error) {
    return steps.throw(error)
  }
  return steps.next(value)
}

function isPlanned(step: Step): step is Planned<unknown> {
  return typeof step === 'object' && 'plan' in step
}

function finished<T>(task: Task<T>, lane: Lane | undefined): Task<T> {
  lane?.started(task)
  lane?.settled(task, 'done')
  return task
}

/** Runs a planned call on this thread and gives its value. */
export function dispatchSync<T>(work: Work<T>, options: ReadOptions): T {
  const { signal } = options
  if (signal?.aborted) throw signal.reason
  const backend = syncBackend(options)
  if (!isSteps(work)) return work.value(backend.run(work.plan))
  let at = work.next()
  while (!at.done) at = takeHere(work, at.value, backend)
  return at.value
}

function syncBackend(options: ReadOptions): Backend {
  if (options.backend === 'worker' || options.backend === 'process') {
    throw codedError('ERR_OFFLOOP_BACKEND', [options.backend, 'the synchronous form runs on the calling thread'])
  }
  const wanted = options.backend === 'auto' ? (readEnvironment().backend ?? 'auto') : options.backend
  if (wanted !== 'auto' && wanted !== 'native') return inline()
  const native = nativeBackend()
  if (native === undefined && wanted === 'native') throw noNative()
  return native ?? inline()
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
  const backend = name === 'native' ? nativeBackend() : name === 'inline' ? inline() : undefined
  if (backend !== undefined) return { backend, queue: 0 }
  return name === 'worker' ? { backend: workers().defaultWorkerBackend(), queue: 0 } : undefined
}

function noNative(): Error {
  return codedError('ERR_OFFLOOP_BACKEND', ['native', bindingFailure() ?? 'no binary'])
}

// Small work stays here, but no more than a millisecond of it in one turn of the event loop: when that is spent, calls
// go to the pool and settle from the loop, so that a million small awaited calls starve nobody.
function fitsThisTurn(cost: number): boolean {
  if (cost > inlineNanoseconds) return false
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
