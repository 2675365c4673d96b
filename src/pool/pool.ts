import { isList, isRevoked } from '../check.ts'
import { defaultBackendName } from '../dispatch.ts'
import { readEnvironment } from '../environment.ts'
import { abortError, codedError, typeMisuse } from '../errors.ts'
import { Executor } from '../executor/executor.ts'
import type { Kind } from '../executor/executor-options.ts'
import { checkValue, packContext } from '../executor/parcel.ts'
import { ship } from '../executor/ship.ts'
import type { ItemInfo } from '../executor/verbs.ts'
import { descriptorOf } from '../kernel.ts'
import type { BackendName, TaskOptions } from '../options.ts'
import { dtypeOf, isBigInt } from '../typed-array.ts'
import type { NumberArray } from '../types.ts'
import { callFunction } from './call-function.ts'
import { readFunctionOptions, readMapOptions } from './function-options.ts'
import type { FunctionOptions, MapOptions } from './function-options.ts'
import { imap } from './imap.ts'
import { KernelSide } from './kernel-side.ts'
import { laneKey, lodgingKey } from './lane.ts'
import type { Guest, Lane, Lodging } from './lane.ts'
import type { Books } from './map.ts'
import { mapFunction } from './map-function.ts'
import { mapReduce } from './map-reduce.ts'
import { readPoolOptions } from './pool-options.ts'
import type { PoolOptions, ReadPoolOptions } from './pool-options.ts'
import { TimeStats } from './stats.ts'
import type { PoolStats } from './stats.ts'
import { RemoteGenerator } from './stream.ts'
import { failedTask } from './task.ts'
import type { Task } from './task.ts'
import { Whole } from './whole.ts'

/** A kernel, by its type: any function that gives a Task. */
type AnyKernel = (...args: never[]) => Task<unknown>
/** What a kernel's Task resolves to. */
type ResultOf<F> = F extends (...args: never[]) => Task<infer R> ? R : never
/** What an ordinary function's Task resolves to. */
type Result<R> = Task<Awaited<R>>
/** What `map` gives: values, or outcomes with `settle`. */
export type Mapped<R, O> = Task<O extends { settle: true } ? PromiseSettledResult<Awaited<R>>[] : Awaited<R>[]>
/** @inline */
type Source<T> = Iterable<T> | AsyncIterable<T>

/**
 * Runs kernels and ordinary functions: a limit and a queue on the one native pool of the process, and workers of its
 * own for functions.
 *
 * @example
 * const pool = new Pool({ workers: 4 })
 * try {
 *   const sums = await pool.map(sum, arrays) // a kernel
 *   const names = await pool.map((path) => require('node:path').basename(path), paths) // a function
 * } finally {
 *   await pool.close()
 * }
 */
export class Pool {
  readonly #options: ReadPoolOptions
  readonly #made = performance.now()
  readonly #maps = new Set<Task<unknown>>()
  readonly #kernels: KernelSide
  readonly #executors = new Map<Kind, Executor>()
  readonly #guests = new Set<Guest>()
  #closing: Promise<void> | undefined
  #emptied: (() => void) | undefined
  readonly #books: Books = {
    began: (task) => this.#maps.add(task),
    ended: (task) => {
      this.#maps.delete(task)
      this.#settled()
    },
  }

  constructor(options: PoolOptions = {}) {
    this.#options = readPoolOptions(options)
    const settled = () => this.#settled()
    this.#kernels = new KernelSide(this, this.#options, this.#books, () => this.#enter(), settled)
    const { initializer, minWorkers } = this.#options
    if (initializer !== undefined) ship(initializer)
    if (minWorkers > 0) this.#executor(undefined)
  }

  /** @internal */
  get [laneKey](): Lane {
    return this.#kernels.lane
  }

  /** @internal */
  get [lodgingKey](): Lodging {
    const { name, workers, context, resourceLimits, env, stdout, stderr } = this.#options
    const size = workers ?? this.#kernels.threads
    const add = (guest: Guest): void => void this.#guests.add(guest)
    const closed = this.#closing !== undefined
    return { name, workers: size, context, resourceLimits, env, stdout, stderr, closed, add }
  }

  /**
   * Runs a kernel or a function with arguments and options.
   * @example pool.run(sort, [x], { descending: true, priority: 'high' })
   * @example pool.run(parse, [buffer], { transfer: [buffer], runTimeout: 1000, signal })
   */
  run<A extends readonly unknown[], R>(fn: (...args: A) => R, args: A, options?: FunctionOptions): Result<R>
  run<F extends AnyKernel>(kernel: F, args?: readonly unknown[], options?: TaskOptions & object): Task<ResultOf<F>>
  run(fn: Function, args: readonly unknown[] = [], options?: object): Task<unknown> {
    try {
      checkCallable(fn)
      if (!isList(args)) throw typeMisuse('args', 'an array of arguments', args)
      if (options !== undefined && (typeof options !== 'object' || options === null))
        throw typeMisuse('options', 'an object', options)
      if (isKernel(fn)) return this.#kernels.call(fn, args, options ?? {})
      const read = options && readFunctionOptions(options)
      this.#enter()
      const call = { cargo: ship(fn), verb: 'call', args: args.slice(), names: 'args' } as const
      return callFunction(this.#executor(read?.backend), call, read, this.#site(this.run))
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * Runs a function with arguments and nothing else, or a kernel with arguments of which the last may be its options.
   * @example await pool.submit((n) => fibonacci(n), 40) // refuses: fibonacci is not in it
   * @example await pool.submit(matmul, a, b)
   */
  submit<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Result<R>
  submit<F extends AnyKernel>(kernel: F, ...args: Parameters<F> | readonly unknown[]): Task<ResultOf<F>>
  submit(fn: Function, ...args: readonly unknown[]): Task<unknown> {
    try {
      checkCallable(fn)
      const descriptor = descriptorOf(fn)
      if (descriptor !== undefined) {
        const options = args[descriptor.arity] ?? {}
        if (typeof options !== 'object') throw typeMisuse('options', 'an object', options)
        return this.#kernels.call(fn, args, options)
      }
      this.#enter()
      const call = { cargo: ship(fn), verb: 'call', args, names: 'args' } as const
      return callFunction(this.#executor(undefined), call, undefined, this.#site(this.submit))
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * Calls a function with each item, `fn(item, { index, context, signal })`, or a kernel, and keeps the order. The first
   * failure cancels the rest and is the rejection, unless `settle`. Items travel in chunks that follow the time they
   * take; numbers are shared out from memory. `onProgress`, `signal` and `timeout` are of the whole map.
   * @example await pool.map(sort, arrays, { descending: true })
   * @example await pool.map((text) => JSON.parse(text).id, lines)
   */
  map<T, R, const O extends MapOptions>(
    fn: (item: T, info: ItemInfo) => R,
    items: Iterable<T>,
    options?: O,
  ): Mapped<R, O>
  map<F extends AnyKernel>(kernel: F, items: Iterable<unknown>, options?: TaskOptions & object): Task<ResultOf<F>[]>
  map(fn: Function, items: Iterable<unknown>, options: object = {}): Task<unknown[]> {
    try {
      checkCallable(fn)
      const descriptor = descriptorOf(fn)
      if (descriptor !== undefined && descriptor.arity !== 1) throw typeMisuse('fn', 'a kernel of one argument', fn)
      checkIterable(items)
      this.#requireOpen()
      if (descriptor !== undefined) {
        return this.#kernels.map(
          fn,
          Array.from(items, (item) => [item]),
          options,
        )
      }
      const read = readMapOptions(options)
      const list = isNumberArray(items) || isList(items) ? items : Array.from(items)
      return mapFunction(this.#executor(read.backend), ship(fn), list, read, this.#books)
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * The same with a list of arguments for each call. A function with one parameter more gets the second argument of
   * `map` there.
   * @example await pool.starmap((a, b) => a ** b, [[2, 5], [3, 2]]) // [32, 9]
   */
  starmap<A extends readonly unknown[], R, const O extends MapOptions>(
    fn: (...args: A) => R,
    tuples: Iterable<A>,
    options?: O,
  ): Mapped<R, O>
  starmap<F extends AnyKernel>(
    kernel: F,
    tuples: Iterable<readonly unknown[]>,
    options?: TaskOptions & object,
  ): Task<ResultOf<F>[]>
  starmap(fn: Function, tuples: Iterable<readonly unknown[]>, options: object = {}): Task<unknown[]> {
    try {
      checkCallable(fn)
      checkIterable(tuples)
      this.#requireOpen()
      const lists = Array.from(tuples, (tuple, i) => {
        if (!isList(tuple)) throw typeMisuse(`tuples[${i}]`, 'an array of arguments', tuple)
        return tuple
      })
      if (isKernel(fn)) return this.#kernels.map(fn, lists, options)
      const read = readMapOptions(options)
      return mapFunction(this.#executor(read.backend), ship(fn), lists, read, this.#books, true)
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * Results as they are needed, in order: items are pulled from a sync or async source, endless ones included, at most
   * two chunks a worker before the consumer. Leaving the loop cancels what is under way and closes the source.
   * @example for await (const page of pool.imap(render, urls())) response.write(page)
   */
  imap<T, R>(
    fn: (item: T, info: ItemInfo) => R,
    items: Source<T>,
    options?: MapOptions,
  ): AsyncGenerator<Awaited<R>, void, undefined> {
    return this.#imap(fn, items, options, true) as AsyncGenerator<Awaited<R>, void, undefined>
  }

  /** The same in the order in which they are ready. */
  imapUnordered<T, R>(
    fn: (item: T, info: ItemInfo) => R,
    items: Source<T>,
    options?: MapOptions,
  ): AsyncGenerator<Awaited<R>, void, undefined> {
    return this.#imap(fn, items, options, false) as AsyncGenerator<Awaited<R>, void, undefined>
  }

  /**
   * Maps items and folds what that gives, both in workers: reduceFn must be associative. Pieces depend on the number of
   * items alone, so a sum of floats has the same bits with any number of workers.
   * @param rest `initial`, where the fold starts, on the left (without it that is the first item; nothing to fold is an
   *   error), and options.
   * @example await pool.mapReduce(lines, (line) => line.length, (a, b) => a + b, 0)
   */
  mapReduce<T, M>(
    items: Iterable<T>,
    mapFn: (item: T, info: ItemInfo) => M,
    reduceFn: (a: Awaited<M>, b: Awaited<M>) => Awaited<M> | Promise<Awaited<M>>,
    ...rest: [initial?: Awaited<M>, options?: MapOptions]
  ): Task<Awaited<M>> {
    try {
      checkCallable(mapFn, 'mapFn')
      checkCallable(reduceFn, 'reduceFn')
      checkIterable(items)
      this.#requireOpen()
      const read = readMapOptions(rest[1] ?? {})
      const initial = rest.length === 0 || rest[0] === undefined ? [] : [rest[0]]
      const executor = this.#executor(read.backend)
      const list = Array.from(items)
      return mapReduce(executor, ship(mapFn), ship(reduceFn), list, initial, read, this.#books) as Task<Awaited<M>>
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * Runs a function once in every worker, all of which start for it.
   * @returns What it gave in each.
   * @example await pool.broadcast((level) => { process.env.LOG_LEVEL = level }, 'debug')
   */
  broadcast<A extends readonly unknown[], R>(fn: (...args: A) => R, ...args: A): Task<Awaited<R>[]> {
    try {
      checkCallable(fn)
      this.#requireOpen()
      const cargo = ship(fn)
      const executor = this.#executor(undefined)
      const members = executor.everyone()
      const results: Awaited<R>[] = []
      let done = 0
      const read = readFunctionOptions({})
      const whole = new Whole<Awaited<R>[]>(backendOf(executor), read, this.#books, () => done / members.length)
      whole.attempt(() => {
        members.forEach((member, i) => {
          const call = { cargo, verb: 'call', args, names: 'args', member } as const
          whole.add(callFunction<Awaited<R>>(executor, call, undefined, undefined), (value) => {
            results[i] = value
            done++
            if (done === members.length) whole.finish(results)
          })
        })
      })
      return whole.task
    } catch (error) {
      return this.#failed(error)
    }
  }

  /**
   * A generator that runs in a worker, as an async generator here: one message there and back for each `next`, and
   * nothing ahead. Between its steps the worker does other work.
   * @example for await (const row of pool.stream(parseRows, path)) console.log(row)
   */
  stream<A extends readonly unknown[], T, R, N>(
    fn: (...args: A) => Generator<T, R, N> | AsyncGenerator<T, R, N>,
    ...args: A
  ): AsyncGenerator<Awaited<T>, Awaited<R>, N> {
    checkCallable(fn)
    this.#requireOpen()
    const executor = this.#executor(undefined)
    checkValue(args, 'args', executor.channel)
    return new RemoteGenerator<Awaited<T>, Awaited<R>, N>(executor, ship(fn), args, () => this.#requireOpen())
  }

  /** Counts, the queue's length, times and workers, as of now. */
  stats(): PoolStats {
    const elapsed = performance.now() - this.#made
    const sides = [this.#kernels, ...this.#executors.values()]
    const sum = (of: (side: (typeof sides)[number]) => number) => sides.reduce((total, side) => total + of(side), 0)
    const queued = sum((side) => side.queued)
    const live = this.#kernels.live + this.#outstanding()
    const { threads } = this.#kernels
    return {
      name: this.#options.name,
      backend: this.#options.backend,
      threads,
      queued,
      running: live - queued,
      done: sum(({ counts }) => counts.done),
      failed: sum(({ counts }) => counts.failed),
      cancelled: sum(({ counts }) => counts.cancelled),
      utilization: elapsed === 0 ? 0 : Math.min(1, sum(({ busyMs }) => busyMs) / (elapsed * this.#capacity())),
      wait: TimeStats.spreadOf(sides.map(({ wait }) => wait)),
      run: TimeStats.spreadOf(sides.map(({ run }) => run)),
      workers: [...this.#executors.values()].flatMap((executor) => executor.workers()),
    }
  }

  /** Takes no more tasks; resolves when those it has are settled, its queue is given back and its workers are gone. */
  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  /** Cancels all its tasks, which reject with an AbortError that counts as handled; resolves when none runs any more. */
  terminate(): Promise<void> {
    const closed = this.close()
    for (const task of Array.from(this.#maps)) task.cancel(abortError())
    this.#kernels.terminate()
    for (const executor of this.#executors.values()) void executor.terminate(abortError())
    for (const guest of this.#guests) void guest.terminate()
    return closed
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #imap(fn: Function, items: Source<unknown>, options: MapOptions | undefined, ordered: boolean) {
    checkCallable(fn)
    if (isKernel(fn)) throw typeMisuse('fn', 'an ordinary function; kernels have `map`', fn)
    const isSource =
      typeof items === 'object' && items !== null && (Symbol.iterator in items || Symbol.asyncIterator in items)
    if (!isSource && typeof items !== 'string') throw typeMisuse('items', 'an iterable or an async iterable', items)
    this.#requireOpen()
    const read = readMapOptions(options ?? {})
    const executor = this.#executor(read.backend)
    const ahead = Math.min(executor.options.size * 2, this.#options.queueLimit)
    return imap(executor, ship(fn), items, read, ordered, ahead, () => this.#requireOpen())
  }

  async #drain(): Promise<void> {
    const guests = Array.from(this.#guests, (guest) => guest.close())
    if (this.#kernels.live + this.#maps.size + this.#outstanding() > 0) {
      await new Promise<void>((resolve) => (this.#emptied = resolve))
    }
    await Promise.all([...this.#executors.values()].map((executor) => executor.close()))
    await Promise.all(guests)
    await this.#kernels.release()
  }

  #settled(): void {
    if (this.#emptied !== undefined && this.#kernels.live + this.#maps.size + this.#outstanding() === 0) this.#emptied()
  }

  /** Threads and workers that it may use. */
  #capacity(): number {
    let capacity = this.#executors.size === 0 || this.#kernels.run.count > 0 ? this.#kernels.threads : 0
    for (const { options } of this.#executors.values()) capacity += options.size
    return capacity
  }

  #outstanding(): number {
    let count = 0
    for (const executor of this.#executors.values()) count += executor.outstanding
    return count
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw codedError('ERR_OFFLOOP_CLOSED', [`The pool '${this.#options.name}'`])
  }

  #enter(): void {
    this.#requireOpen()
    const { queueLimit, name } = this.#options
    if (queueLimit === Infinity) return
    const live = this.#kernels.live + this.#outstanding()
    if (live >= queueLimit)
      throw codedError('ERR_OFFLOOP_QUEUE_FULL', [`The pool '${name}'`, String(live), 'tasks', 'queueLimit'])
  }

  /** The executor that takes functions: the one that is named, or the pool's. */
  #executor(named: 'auto' | BackendName | undefined): Executor {
    const wanted = named === undefined || named === 'auto' ? this.#options.backend : named
    const kind = this.#kind(wanted)
    let executor = this.#executors.get(kind)
    if (executor === undefined) {
      const { context, initializer, workers } = this.#options
      executor = new Executor({
        ...this.#options,
        kind,
        size: kind === 'inline' ? 1 : (workers ?? this.#kernels.threads),
        minimum: kind === 'inline' ? 0 : Math.min(this.#options.minWorkers, workers ?? this.#kernels.threads),
        initializer: initializer === undefined ? undefined : ship(initializer),
        context: packContext(context, kind === 'process' ? 'process' : 'worker'),
        settled: () => this.#settled(),
      })
      this.#executors.set(kind, executor)
    }
    return executor
  }

  #kind(wanted: 'auto' | BackendName): Kind {
    if (wanted === 'native') {
      throw codedError('ERR_OFFLOOP_BACKEND', ['native', "ordinary functions run on 'worker' or 'process'"])
    }
    if (wanted !== 'auto') return wanted
    const forced = readEnvironment().backend
    return forced === undefined || forced === 'native' ? 'worker' : forced
  }

  #site(entry: Function): Function | undefined {
    return this.#options.traceSubmit ? entry : undefined
  }

  #failed<T>(error: unknown): Task<T> {
    const { backend } = this.#options
    return failedTask(error, backend === 'auto' ? safeDefault(this.#kernels.lane) : backend)
  }
}

// A call that failed before a backend took it still has to say something.
function safeDefault(lane: Lane): BackendName {
  try {
    return defaultBackendName(lane)
  } catch {
    return 'native'
  }
}

function backendOf({ options: { kind } }: Executor): BackendName {
  return kind
}

function isKernel(fn: unknown): boolean {
  return descriptorOf(fn) !== undefined
}

function checkCallable(fn: unknown, name = 'fn'): asserts fn is Function {
  if (typeof fn !== 'function') throw typeMisuse(name, 'a function or a kernel of offloop, such as `sum`', fn)
}

function checkIterable(items: unknown): asserts items is Iterable<unknown> {
  const isIterable =
    items !== null &&
    items !== undefined &&
    !isRevoked(items) &&
    typeof (items as { [Symbol.iterator]?: unknown })[Symbol.iterator] === 'function'
  if (!isIterable) throw typeMisuse('items', 'an iterable', items)
}

function isNumberArray(items: unknown): items is NumberArray {
  const dtype = dtypeOf(items)
  return dtype !== undefined && dtype !== 'float16' && !isBigInt(dtype)
}
