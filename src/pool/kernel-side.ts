import type { Backend } from '../backends/backend.ts'
import type * as Worker from '../backends/worker.ts'
import { defaultBackendName, shared } from '../dispatch.ts'
import { readEnvironment } from '../environment.ts'
import { abortError, typeMisuse } from '../errors.ts'
import { info } from '../info.ts'
import { descriptorOf } from '../kernel.ts'
import { readOptions } from '../options.ts'
import { lazy } from '../lazy.ts'
import type { BackendName } from '../options.ts'
import type { Lane } from './lane.ts'
import { mapItems } from './map.ts'
import type { Books } from './map.ts'
import type { Pool } from './pool.ts'
import type { ReadPoolOptions } from './pool-options.ts'
import { TimeStats } from './stats.ts'
import type { Task } from './task.ts'

const workerBackend = lazy(() => (require('../backends/worker.js') as typeof Worker).WorkerBackend)

/** How many items of a map are handed to the backend ahead of those that are running. */
const ahead = 64

type KernelCall = (...args: readonly unknown[]) => Task<unknown>

/** What a pool does with kernels: a limit and a queue on the native pool, and its books. */
export class KernelSide {
  readonly lane: Lane
  readonly wait = new TimeStats()
  readonly run = new TimeStats()
  readonly counts = { done: 0, failed: 0, cancelled: 0 }
  busyMs = 0
  readonly #pool: Pool
  readonly #threads: number
  readonly #queueLimit: number
  readonly #live = new Set<Task<unknown>>()
  readonly #queues = new Map<BackendName, { readonly backend: Backend; readonly queue: number }>()
  readonly #books: Books
  readonly #settled: () => void
  #inMap = false

  /** `enter` throws where the pool takes no more; `settled` is told of every task that is over. */
  constructor(pool: Pool, options: ReadPoolOptions, books: Books, enter: () => void, settled: () => void) {
    this.#pool = pool
    this.#threads = options.threads
    this.#queueLimit = options.queueLimit
    this.#books = books
    this.#settled = settled
    this.lane = {
      defaultBackend: options.backend,
      backend: (wanted) => this.#backend(wanted),
      enter: () => {
        // A map has been let in as a whole.
        if (!this.#inMap) enter()
      },
      started: (task) => this.#live.add(task),
      settled: (task, outcome) => this.#record(task, outcome),
    }
  }

  /** Tasks that have not settled. */
  get live(): number {
    return this.#live.size
  }

  get queued(): number {
    let queued = 0
    for (const task of this.#live) if (task.status === 'queued') queued++
    return queued
  }

  get threads(): number {
    return this.#threads === 0 ? (readEnvironment().threads ?? info().threads) : this.#threads
  }

  call(kernel: Function, args: readonly unknown[], options: object): Task<unknown> {
    const { arity } = requireKernel(kernel)
    const filled = Array.from({ length: arity }, (_, i) => args[i])
    return (kernel as KernelCall)(...filled, { ...options, pool: this.#pool })
  }

  /** Calls a kernel with each of many lists of arguments. */
  map(kernel: Function, tuples: readonly (readonly unknown[])[], options: unknown): Task<unknown[]> {
    const read = readOptions(options)
    const { lane } = this
    const each = { ...(options as object), pool: this.#pool, onProgress: undefined, timeout: undefined }
    const call = (args: readonly unknown[], signal: AbortSignal): Task<unknown> => {
      this.#inMap = true
      try {
        return this.call(kernel, args, { ...each, signal })
      } finally {
        this.#inMap = false
      }
    }
    const signals = [read.signal, read.timeout === undefined ? undefined : AbortSignal.timeout(read.timeout)]
    const given = signals.filter((signal) => signal !== undefined)
    const signal = given.length > 1 ? AbortSignal.any(given) : given[0]
    const name = read.backend === 'auto' ? defaultBackendName(lane) : read.backend
    return mapItems(tuples, call, { ...read, signal }, name, Math.min(ahead, this.#queueLimit), this.#books)
  }

  terminate(): void {
    for (const task of Array.from(this.#live)) task.cancel(abortError())
  }

  /** Gives back what it has taken; nothing runs any more. */
  async release(): Promise<void> {
    for (const [name, { backend, queue }] of this.#queues) {
      if (name === 'worker') await (backend as Worker.WorkerBackend).stop()
      else if (queue !== 0) backend.closeQueue(queue)
    }
    this.#queues.clear()
  }

  #backend(name: BackendName): { readonly backend: Backend; readonly queue: number } | undefined {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const found =
      name === 'worker'
        ? { backend: new (workerBackend())(this.threads), queue: 0 }
        : this.#openQueue(shared(name)?.backend)
    if (found !== undefined) this.#queues.set(name, found)
    return found
  }

  #openQueue(backend: Backend | undefined) {
    return backend && { backend, queue: backend.openQueue(this.#threads) }
  }

  #record(task: Task<unknown>, outcome: 'done' | 'failed' | 'cancelled'): void {
    this.#live.delete(task)
    this.counts[outcome]++
    const { queuedMs, runMs, threads } = task.timing
    this.wait.record(queuedMs)
    this.run.record(runMs)
    this.busyMs += runMs * Math.max(threads, 1)
    this.#settled()
  }
}

function requireKernel(kernel: unknown) {
  const descriptor = descriptorOf(kernel)
  if (descriptor === undefined) throw typeMisuse('kernel', 'a kernel of offloop, such as `sum`', kernel)
  return descriptor
}
