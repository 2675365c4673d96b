import type { ResourceLimits } from 'node:worker_threads'

import { checkAtLeast, checkFlag, checkInteger, checkWord } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import type { Output } from '../executor/link.ts'
import { backendNames } from '../options.ts'
import type { BackendName } from '../options.ts'
import { maxThreads } from '../wire.ts'

/** Options of {@link Pool}. */
export interface PoolOptions {
  /**
   * The most threads that kernels use together, 1 to 256; the native pool grows to it.
   * @default the CPUs that the process may use
   */
  threads?: number | undefined
  /**
   * The most workers for ordinary functions, 1 to 256. They start when they are needed.
   * @default `threads`
   */
  workers?: number | undefined
  /**
   * Workers that start with the pool and stay.
   * @default 0
   */
  minWorkers?: number | undefined
  /**
   * Milliseconds after which a worker that has nothing to do ends, down to `minWorkers`.
   * @default 60_000
   */
  idleTimeout?: number | undefined
  /**
   * Where its tasks run, unless they say otherwise. 'process' runs functions in child processes, and no kernels.
   * @default 'auto'
   */
  backend?: 'auto' | BackendName | undefined
  /**
   * For messages, stats, debuggers and profilers.
   * @default 'pool'
   */
  name?: string | undefined
  /**
   * The most tasks that may wait or run at once; the next one rejects with ERR_OFFLOOP_QUEUE_FULL. `map` and `imap`
   * wait instead.
   * @default Infinity
   */
  queueLimit?: number | undefined
  /**
   * Milliseconds that a cancelled or timed-out function has to heed its signal until its worker is replaced.
   * @default 100
   */
  graceMs?: number | undefined
  /**
   * Tasks after which a worker is replaced by a new one.
   * @default Infinity
   */
  maxTasksPerWorker?: number | undefined
  /**
   * What a worker may use, as for `new Worker`; a process takes the sizes of its heap.
   * @default Node's
   */
  resourceLimits?: ResourceLimits | undefined
  /**
   * Runs once in every worker before its first task, with `context`. May be asynchronous. Where it fails, tasks reject
   * with ERR_OFFLOOP_WORKER_START.
   * @default none
   */
  initializer?: ((context: never) => unknown) | undefined
  /**
   * A value of which every worker gets a copy: second argument of mapped functions, and of `currentTask()`.
   * @default undefined
   */
  context?: unknown
  /**
   * Environment variables of workers.
   * @default a copy of those of this process
   */
  env?: NodeJS.ProcessEnv | undefined
  /**
   * Where what workers print goes: to the same place as what this process prints, nowhere, or to a function, as text.
   * @default 'inherit'
   */
  stdout?: Output | undefined
  /** The same of errors. */
  stderr?: Output | undefined
  /**
   * Errors of functions tell from where they were submitted as well. Costs some microseconds a task.
   * @default false
   */
  traceSubmit?: boolean | undefined
}

/** PoolOptions after the checks. */
export interface ReadPoolOptions {
  readonly name: string
  /** 0 for what there is. */
  readonly threads: number
  readonly workers: number | undefined
  readonly minWorkers: number
  readonly idleTimeout: number
  readonly backend: 'auto' | BackendName
  readonly queueLimit: number
  readonly graceMs: number
  readonly maxTasksPerWorker: number
  readonly resourceLimits: ResourceLimits | undefined
  readonly initializer: unknown
  readonly context: unknown
  readonly env: NodeJS.ProcessEnv | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly traceSubmit: boolean
}

const longestTimer = 2 ** 31 - 1

export function readPoolOptions(options: unknown): ReadPoolOptions {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const given = options as PoolOptions
  const { name, threads, workers, minWorkers, idleTimeout, backend, queueLimit, graceMs, maxTasksPerWorker } = given
  const { resourceLimits, initializer, context, env, stdout, stderr, traceSubmit } = given
  if (name !== undefined && typeof name !== 'string') throw typeMisuse('name', 'a string', name)
  if (resourceLimits !== undefined) checkObject('resourceLimits', resourceLimits)
  if (env !== undefined) checkObject('env', env)
  if (initializer !== undefined && typeof initializer !== 'function') {
    throw typeMisuse('initializer', 'a function', initializer)
  }
  const most = workers === undefined ? undefined : checkInteger('workers', workers, 1, maxThreads)
  return {
    name: name ?? 'pool',
    threads: threads === undefined ? 0 : checkInteger('threads', threads, 1, maxThreads),
    workers: most,
    minWorkers: minWorkers === undefined ? 0 : checkInteger('minWorkers', minWorkers, 0, most ?? maxThreads),
    idleTimeout: readDelay('idleTimeout', idleTimeout, 60_000),
    backend: backend === undefined ? 'auto' : checkWord('backend', backend, ['auto', ...backendNames]),
    queueLimit: queueLimit === undefined ? Infinity : checkAtLeast('queueLimit', queueLimit, 1),
    graceMs: readDelay('graceMs', graceMs, 100),
    maxTasksPerWorker:
      maxTasksPerWorker === undefined ? Infinity : checkAtLeast('maxTasksPerWorker', maxTasksPerWorker, 1),
    resourceLimits,
    initializer,
    context,
    env,
    stdout: readOutput('stdout', stdout),
    stderr: readOutput('stderr', stderr),
    traceSubmit: checkFlag('traceSubmit', traceSubmit),
  }
}

function readDelay(name: string, value: unknown, otherwise: number): number {
  if (value === undefined) return otherwise
  const ms = checkAtLeast(name, value, 0)
  return ms > longestTimer ? Infinity : ms
}

function readOutput(name: string, value: unknown): Output {
  if (value === undefined) return 'inherit'
  return typeof value === 'function' ? (value as Output) : checkWord(name, value, ['inherit', 'ignore'])
}

function checkObject(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null) throw typeMisuse(name, 'an object', value)
}
