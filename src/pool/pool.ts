import type { Backend } from '../backends/backend.ts'
import { WorkerBackend } from '../backends/worker.ts'
import { checkAtLeast, checkInteger, checkWord } from '../check.ts'
import { defaultBackendName, shared } from '../dispatch.ts'
import { readEnvironment } from '../environment.ts'
import { abortError, codedError, typeMisuse } from '../errors.ts'
import { descriptorOf } from '../kernel.ts'
import { backendNames, readOptions } from '../options.ts'
import type { BackendName, TaskOptions } from '../options.ts'
import { maxThreads } from '../wire.ts'
import { info } from '../info.ts'
import { laneKey } from './lane.ts'
import type { Lane } from './lane.ts'
import { mapItems } from './map.ts'
import type { Books } from './map.ts'
import { TimeStats } from './stats.ts'
import type { PoolStats } from './stats.ts'
import { failedTask } from './task.ts'
import type { Task } from './task.ts'

export interface PoolOptions {
  /**
   * The most threads its tasks use together, 1 to 256; the native pool grows to it.
   * @default the CPUs that the process may use
   */
  threads?: number | undefined
  /**
   * Where its tasks run, unless they say otherwise.
   * @default 'auto'
   */
  backend?: 'auto' | BackendName | undefined
  /**
   * For messages and stats.
   * @default 'pool'
   */
  name?: string | undefined
  /**
   * The most tasks that may wait or run at once; the next one rejects with ERR_OFFLOOP_QUEUE_FULL. `map` waits instead.
   * @default Infinity
   */
  queueLimit?: number | undefined
}

/** How many items of a map are handed to the backend ahead of those that are running. */
const ahead = 64

/** A kernel, by its type: any function that gives a Task. */
type AnyKernel = (...args: never[]) => Task<unknown>
/** What a kernel's Task resolves to. */
type ResultOf<F> = F extends (...args: never[]) => Task<infer R> ? R : never

/**
 * A limit and a queue on the one native pool of the process (and, for the worker backend, workers of its own).
 *
 * @example
 * const pool = new Pool({ threads: 2 })
 * try {
 *   const sums = await pool.map(sum, arrays)
 * } finally {
 *   await pool.close()
 * }
 */
export class Pool {
  readonly #name: string
  readonly #threads: number
  readonly #queueLimit: number
  readonly #made = performance.now()
  readonly #live = new Set<Task<unknown>>()
  readonly #maps = new Set<Task<unknown>>()
  readonly #queues = new Map<BackendName, { readonly backend: Backend; readonly queue: number }>()
  readonly #lane: Lane
  readonly #wait = new TimeStats()
  readonly #run = new TimeStats()
  #busyMs = 0
  #done = 0
  #failed = 0
  #cancelled = 0
  #closing: Promise<void> | undefined
  #emptied: (() => void) | undefined
  #inMap = false
  readonly #books: Books = {
    began: (task) => this.#maps.add(task),
    ended: (task) => {
      this.#maps.delete(task)
      if (this.#live.size + this.#maps.size === 0) this.#emptied?.()
    },
  }

  constructor(options: PoolOptions = {}) {
    if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
    const { threads, backend, name, queueLimit } = options
    if (name !== undefined && typeof name !== 'string') throw typeMisuse('name', 'a string', name)
    this.#name = name ?? 'pool'
    this.#threads = threads === undefined ? 0 : checkInteger('threads', threads, 1, maxThreads)
    this.#queueLimit = queueLimit === undefined ? Infinity : checkAtLeast('queueLimit', queueLimit, 1)
    this.#lane = {
      defaultBackend: backend === undefined ? 'auto' : checkWord('backend', backend, ['auto', ...backendNames]),
      backend: (wanted) => this.#backend(wanted),
      enter: () => this.#enter(),
      started: (task) => this.#live.add(task),
      settled: (task, outcome) => this.#settled(task, outcome),
    }
    if (this.#lane.defaultBackend === 'process') {
      throw codedError('ERR_OFFLOOP_BACKEND', ['process', 'kernels do not run in child processes'])
    }
  }

  /** @internal */
  get [laneKey](): Lane {
    return this.#lane
  }

  /**
   * Runs a kernel with arguments and options.
   * @example pool.run(sort, [x], { descending: true, priority: 'high' })
   */
  run<F extends AnyKernel>(
    kernel: F,
    args: readonly unknown[] = [],
    options: TaskOptions & object = {},
  ): Task<ResultOf<F>> {
    try {
      const { arity } = requireKernel(kernel)
      if (!Array.isArray(args)) throw typeMisuse('args', 'an array of arguments', args)
      if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
      const filled = Array.from({ length: arity }, (_, i) => args[i] as unknown)
      return this.#call(kernel, [...filled, withPool(options, this)])
    } catch (error) {
      return failedTask(error, 'native')
    }
  }

  /**
   * Runs a kernel with arguments, of which the last may be its options.
   * @example pool.submit(matmul, a, b)
   */
  submit<F extends AnyKernel>(kernel: F, ...args: Parameters<F> | readonly unknown[]): Task<ResultOf<F>> {
    try {
      const { arity } = requireKernel(kernel)
      return this.run(kernel, args.slice(0, arity), (args[arity] ?? {}) as TaskOptions)
    } catch (error) {
      return failedTask(error, 'native')
    }
  }

  /**
   * Runs a kernel once for each item, in order; the first failure cancels the rest and is the rejection. `onProgress`,
   * `signal` and `timeout` are of the whole map, other options of each call.
   * @example await pool.map(sort, arrays, { descending: true })
   */
  map<F extends AnyKernel>(
    kernel: F,
    items: Iterable<unknown>,
    options: TaskOptions & object = {},
  ): Task<ResultOf<F>[]> {
    try {
      if (requireKernel(kernel).arity !== 1) throw typeMisuse('kernel', 'a kernel of one argument', kernel)
      const read = readOptions(options)
      if (items === null || items === undefined || typeof items[Symbol.iterator] !== 'function') {
        throw typeMisuse('items', 'an iterable of inputs', items)
      }
      this.#requireOpen()
      const each = { ...withPool(options, this), onProgress: undefined, timeout: undefined }
      const call = (item: unknown, signal: AbortSignal) => this.#callInMap(kernel, [item, { ...each, signal }])
      const signals = [read.signal, read.timeout === undefined ? undefined : AbortSignal.timeout(read.timeout)]
      const given = signals.filter((signal) => signal !== undefined)
      const signal = given.length > 1 ? AbortSignal.any(given) : given[0]
      const name = read.backend === 'auto' ? defaultBackendName(this.#lane) : read.backend
      const most = Math.min(ahead, this.#queueLimit)
      return mapItems(Array.from(items), call, { ...read, signal }, name, most, this.#books) as Task<ResultOf<F>[]>
    } catch (error) {
      return failedTask(error, 'native')
    }
  }

  stats(): PoolStats {
    let queued = 0
    for (const task of this.#live) if (task.status === 'queued') queued++
    const threads = this.#threadCount()
    const elapsed = performance.now() - this.#made
    return {
      name: this.#name,
      backend: this.#lane.defaultBackend,
      threads,
      queued,
      running: this.#live.size - queued,
      done: this.#done,
      failed: this.#failed,
      cancelled: this.#cancelled,
      utilization: elapsed === 0 ? 0 : Math.min(1, this.#busyMs / (elapsed * threads)),
      wait: this.#wait.spread(),
      run: this.#run.spread(),
    }
  }

  /** Takes no more tasks; resolves when those it has are settled and its queue is given back. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** Cancels all its tasks, which reject with an AbortError that counts as handled; resolves when none runs any more. */
  terminate(): Promise<void> {
    const closed = this.close()
    for (const task of [...this.#maps, ...this.#live]) task.cancel(abortError())
    return closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #drain(): Promise<void> {
    if (this.#live.size + this.#maps.size > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
    for (const { backend, queue } of this.#queues.values()) {
      if (backend instanceof WorkerBackend) await backend.stop()
      else if (queue !== 0) backend.closeQueue(queue)
    }
    this.#queues.clear()
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw codedError('ERR_OFFLOOP_CLOSED', [`The pool '${this.#name}'`])
  }

  #enter(): void {
    // A map has been let in as a whole.
    if (this.#inMap) return
    this.#requireOpen()
    if (this.#live.size >= this.#queueLimit) {
      throw codedError('ERR_OFFLOOP_QUEUE_FULL', [`The pool '${this.#name}'`, String(this.#live.size)])
    }
  }

  #backend(name: BackendName): { readonly backend: Backend; readonly queue: number } | undefined {
    const known = this.#queues.get(name)
    if (known !== undefined) return known
    const found =
      name === 'worker'
        ? { backend: new WorkerBackend(this.#threadCount()), queue: 0 }
        : this.#openQueue(shared(name)?.backend)
    if (found !== undefined) this.#queues.set(name, found)
    return found
  }

  #openQueue(backend: Backend | undefined) {
    return backend && { backend, queue: backend.openQueue(this.#threads) }
  }

  #threadCount(): number {
    return this.#threads === 0 ? (readEnvironment().threads ?? info().threads) : this.#threads
  }

  #call<F extends AnyKernel>(kernel: F, args: readonly unknown[]): Task<ResultOf<F>> {
    return (kernel as unknown as (...args: readonly unknown[]) => Task<ResultOf<F>>)(...args)
  }

  #settled(task: Task<unknown>, outcome: 'done' | 'failed' | 'cancelled'): void {
    this.#live.delete(task)
    if (outcome === 'done') this.#done++
    else if (outcome === 'failed') this.#failed++
    else this.#cancelled++
    const { queuedMs, runMs, threads } = task.timing
    this.#wait.record(queuedMs)
    this.#run.record(runMs)
    this.#busyMs += runMs * Math.max(threads, 1)
    if (this.#live.size + this.#maps.size === 0) this.#emptied?.()
  }

  #callInMap<F extends AnyKernel>(kernel: F, args: readonly unknown[]): Task<ResultOf<F>> {
    this.#inMap = true
    try {
      return this.#call(kernel, args)
    } finally {
      this.#inMap = false
    }
  }
}

function withPool<O extends object>(options: O, pool: Pool): O & { pool: Pool } {
  return { ...options, pool }
}

function requireKernel(kernel: unknown) {
  const descriptor = descriptorOf(kernel)
  if (descriptor === undefined) throw typeMisuse('kernel', 'a kernel of offloop, such as `sum`', kernel)
  return descriptor
}
