import type { TransferListItem } from 'node:worker_threads'

import { checkAtLeast, checkFlag, checkInteger, isList } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { readOptions } from '../options.ts'
import type { ReadOptions, TaskOptions } from '../options.ts'

/** Options of a call of an ordinary function. */
export interface FunctionOptions extends Omit<TaskOptions, 'threads'> {
  /**
   * Milliseconds that it may wait for a worker until it rejects with a TimeoutError.
   * @default none
   */
  queueTimeout?: number | undefined
  /**
   * Milliseconds that it may run. Its worker is taken back when the function heeds its signal, else replaced.
   * @default none
   */
  runTimeout?: number | undefined
  /**
   * ArrayBuffers, MessagePorts and the like among the arguments that move to the worker and are gone here. Threads only.
   * @default everything is copied, but for shared memory
   */
  transfer?: readonly TransferListItem[] | undefined
  /**
   * How many times it is tried again when its worker dies under it.
   * @default 0
   */
  retries?: number | undefined
}

/** Options of `map` over ordinary functions. */
export interface MapOptions extends Omit<FunctionOptions, 'transfer'> {
  /**
   * Items that travel together.
   * @default as many as keep a worker busy for some milliseconds, measured as it goes
   */
  chunkSize?: number | undefined
  /**
   * Collects failures instead of stopping at the first: results are those of Promise.allSettled.
   * @default false
   */
  settle?: boolean | undefined
}

/** FunctionOptions after the checks. */
export interface ReadFunctionOptions extends ReadOptions {
  readonly queueTimeout: number | undefined
  readonly runTimeout: number | undefined
  readonly transfer: readonly TransferListItem[] | undefined
  readonly retries: number
}

export interface ReadMapOptions extends ReadFunctionOptions {
  readonly chunkSize: number | undefined
  readonly settle: boolean
}

export function readFunctionOptions(value: unknown): ReadFunctionOptions {
  const common = readOptions(value)
  const { queueTimeout, runTimeout, transfer, retries } = common.raw as FunctionOptions
  if (transfer !== undefined && !isList(transfer)) throw typeMisuse('transfer', 'an array', transfer)
  return {
    ...common,
    queueTimeout: readTime('queueTimeout', queueTimeout),
    runTimeout: readTime('runTimeout', runTimeout),
    transfer: transfer?.slice(),
    retries: retries === undefined ? 0 : checkInteger('retries', retries, 0, Number.MAX_SAFE_INTEGER),
  }
}

export function readMapOptions(value: unknown): ReadMapOptions {
  const options = readFunctionOptions(value)
  const { chunkSize, settle } = options.raw as MapOptions
  return {
    ...options,
    chunkSize: chunkSize === undefined ? undefined : checkInteger('chunkSize', chunkSize, 1, Number.MAX_SAFE_INTEGER),
    settle: checkFlag('settle', settle),
  }
}

function readTime(name: string, value: unknown): number | undefined {
  if (value === undefined || value === Infinity) return undefined
  return Math.min(Math.ceil(checkAtLeast(name, value, 0)), 2 ** 31 - 1)
}
