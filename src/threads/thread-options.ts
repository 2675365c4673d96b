import type { ResourceLimits, TransferListItem } from 'node:worker_threads'

import { checkAtLeast, checkFlag, isList } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import type { Output } from '../executor/link.ts'
import { readSignal } from './wait.ts'

/** Options of {@link Process}. */
export interface ProcessOptions<A extends readonly unknown[] = readonly unknown[]> {
  /**
   * What the function is called with: data, copied when it starts.
   * @default []
   */
  args?: A | undefined
  /**
   * A daemon keeps nothing alive, and ends with whoever made it. Others keep the process alive until they end.
   * @default false
   */
  daemon?: boolean | undefined
  /**
   * For messages, debuggers and profilers.
   * @default 'thread 1', 'process 1' and so on
   */
  name?: string | undefined
  /**
   * What `currentTask().context` gives in there, a copy.
   * @default undefined
   */
  context?: unknown
  /**
   * Asks it to stop, as `cancel(signal.reason)` does.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * Milliseconds that the function has to heed `cancel` or `signal` until it is ended.
   * @default 100
   */
  graceMs?: number | undefined
  /**
   * What it may use, as for `new Worker`; a process takes the sizes of its heap.
   * @default Node's
   */
  resourceLimits?: ResourceLimits | undefined
  /**
   * Its environment variables.
   * @default a copy of those of this process
   */
  env?: NodeJS.ProcessEnv | undefined
  /**
   * Where what it prints goes: to the same place as what this process prints, nowhere, or to a function, as text.
   * @default 'inherit'
   */
  stdout?: Output | undefined
  /**
   * The same for errors.
   * @default 'inherit'
   */
  stderr?: Output | undefined
}

/** Options of {@link Thread}. */
export interface ThreadOptions<A extends readonly unknown[] = readonly unknown[]> extends ProcessOptions<A> {
  /**
   * ArrayBuffers, MessagePorts and the like among the arguments that move to the thread and are gone here.
   * @default everything is copied, but for shared memory
   */
  transfer?: readonly TransferListItem[] | undefined
}

/** ThreadOptions after the checks. */
export interface ReadThreadOptions {
  readonly args: readonly unknown[]
  readonly daemon: boolean
  readonly name: string
  readonly context: unknown
  readonly signal: AbortSignal | undefined
  readonly graceMs: number
  readonly resourceLimits: ResourceLimits | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly transfer: readonly TransferListItem[] | undefined
}

export function readThreadOptions(given: unknown, defaultName: () => string): ReadThreadOptions {
  if (typeof given !== 'object' || given === null) throw typeMisuse('options', 'an object', given)
  const { args, daemon, name, context, signal, transfer, ...rest } = given as ThreadOptions
  if (args !== undefined && !isList(args)) throw typeMisuse('args', 'an array of arguments', args)
  if (name !== undefined && typeof name !== 'string') throw typeMisuse('name', 'a string', name)
  return {
    args: args?.slice() ?? [],
    daemon: checkFlag('daemon', daemon),
    name: name ?? defaultName(),
    context,
    signal: readSignal(signal),
    transfer: readTransfer(transfer),
    ...readWorker(rest),
  }
}

/** What every worker of its own has of options. */
export type WorkerOptions = Pick<ProcessOptions, 'graceMs' | 'resourceLimits' | 'env' | 'stdout' | 'stderr'>

export function readWorker({ graceMs, resourceLimits, env, stdout, stderr }: WorkerOptions) {
  return {
    graceMs: graceMs === undefined ? 100 : checkAtLeast('graceMs', graceMs, 0),
    resourceLimits: readObject('resourceLimits', resourceLimits),
    env: readObject('env', env),
    stdout: readOutput('stdout', stdout),
    stderr: readOutput('stderr', stderr),
  }
}

export function readTransfer(value: unknown): readonly TransferListItem[] | undefined {
  if (value !== undefined && !isList(value)) throw typeMisuse('transfer', 'an array', value)
  return value?.slice() as TransferListItem[] | undefined
}

function readObject<T extends object>(name: string, value: T | undefined): T | undefined {
  if (value !== undefined && (typeof value !== 'object' || value === null)) throw typeMisuse(name, 'an object', value)
  return value
}

function readOutput(name: string, value: Output | undefined): Output {
  if (value === undefined) return 'inherit'
  if (value === 'inherit' || value === 'ignore' || typeof value === 'function') return value
  throw typeMisuse(name, "'inherit', 'ignore' or a function", value)
}
