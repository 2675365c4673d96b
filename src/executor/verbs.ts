import type { CurrentTask } from './current-task.ts'
import { packFault, unpackFault } from './fault.ts'
import type { Fault } from './fault.ts'
import type { Verb } from './messages.ts'

export type AnyFunction = (...args: unknown[]) => unknown

/** What a verb can ask of its worker. */
export interface Host {
  task(): CurrentTask
  /** Open generators, by number. */
  readonly streams: Map<number, AnyIterator>
  /** Asked to stop. */
  cancelled(): boolean
  /** Throws where a value can't be sent. */
  check(value: unknown): void
}

/** What functions get beside an item. */
export interface ItemInfo {
  /** Its place among the items, from 0. */
  readonly index: number
  /** The pool's `context`, a copy of the worker's own. */
  readonly context: unknown
  /** Aborted when the task is cancelled or its time is up. */
  readonly signal: AbortSignal
}

interface AnyIterator {
  next(value?: unknown): unknown
  return?(value?: unknown): unknown
  throw?(error?: unknown): unknown
}

/** What came of one item, where failures are collected. */
export type ItemOutcome = readonly [value: unknown] | readonly [value: undefined, fault: Fault]

/** Words of the block that workers share over an array of numbers. */
export const share = { cursor: 0, done: 1, stopped: 2, words: 4 } as const

/** Numbers that a claim starts with, the time that one should take, and the most of them. */
const firstClaim = 1
const claimMs = 0.5
const largestClaim = 1 << 16

/** How a function is applied. What is given back may be a promise. */
export const verbs: Readonly<Record<Verb, (host: Host, fn: AnyFunction, args: readonly unknown[]) => unknown>> = {
  call: (_host, fn, args) => fn(...args),
  items: (host, fn, [items, first, settle, spread]) => {
    const each = spread === true ? spreader(host, fn) : caller(host, fn)
    return settle === true
      ? collectItems(host, each, items as unknown[], first as number)
      : mapItems(host, each, items as unknown[], first as number, 0, [])
  },
  numbers: (host, fn, args) => mapNumbers(host, fn, args as unknown as NumbersJob),
  reduce: (host, fn, [map, items, first]) =>
    reduceItems(host, fn, map as AnyFunction, items as unknown[], first as number),
  open(host, fn, [id, args]) {
    const iterator = fn(...(args as unknown[])) as AnyIterator | undefined
    if (typeof iterator?.next !== 'function') {
      throw new TypeError(`Expected \`fn\` to be a generator function, but ${fn.name} returned no iterator`)
    }
    host.streams.set(id as number, iterator)
  },
  resume: (host, _fn, [id, method, value]) => resume(host, id as number, method as Method, value),
}

/** The source, the results, the words above, and a second array for what is no number. */
type NumbersJob = readonly [source: ArrayLike<number>, results: Float64Array, words: Int32Array]

/** Calls fn for each item, and waits for promises only where there are any. */
function mapItems(
  host: Host,
  each: Each,
  items: readonly unknown[],
  first: number,
  from: number,
  results: unknown[],
): unknown {
  for (let i = from; i < items.length; i++) {
    if (host.cancelled()) return results
    const value = each(items[i], first + i)
    if (isThenable(value)) {
      return Promise.resolve(value).then((settled) => {
        results.push(settled)
        return mapItems(host, each, items, first, i + 1, results)
      })
    }
    results.push(value)
  }
  return results
}

async function collectItems(host: Host, each: Each, items: readonly unknown[], first: number): Promise<unknown> {
  const outcomes: ItemOutcome[] = []
  for (let i = 0; i < items.length && !host.cancelled(); i++) {
    try {
      const value = await each(items[i], first + i)
      host.check(value)
      outcomes.push([value])
    } catch (error) {
      outcomes.push([undefined, packFault(error)])
    }
  }
  return outcomes
}

/** Claims numbers in pieces that grow until one takes long enough; gives what were no numbers, by position. */
function mapNumbers(host: Host, fn: AnyFunction, [source, results, words]: NumbersJob): unknown {
  const each = caller(host, fn)
  const others: [number, unknown][] = []
  let claim = firstClaim
  const work = (from: number, to: number): unknown => {
    for (let i = from; i < to; i++) {
      const value = each(source[i], i)
      if (typeof value === 'number') {
        results[i] = value
      } else if (isThenable(value)) {
        return Promise.resolve(value).then((settled) => {
          if (typeof settled === 'number') results[i] = settled
          else others.push([i, settled])
          return work(i + 1, to)
        })
      } else {
        others.push([i, value])
      }
    }
    return undefined
  }
  const next = (): unknown => {
    for (;;) {
      if (host.cancelled() || Atomics.load(words, share.stopped) !== 0) return others
      const from = Atomics.add(words, share.cursor, claim)
      if (from >= source.length) return others
      const to = Math.min(source.length, from + claim)
      const started = performance.now()
      const after = (): void => {
        const ms = performance.now() - started
        Atomics.add(words, share.done, to - from)
        // The end is shared out in small pieces, so that nobody waits long for the last one.
        const fair = Math.max(1, (source.length - to) >> 3)
        if (ms < claimMs) claim = Math.min(claim * 2, largestClaim, fair)
        else if (ms > 2 * claimMs && claim > 1) claim >>= 1
      }
      const pending = work(from, to)
      if (pending !== undefined) {
        return (pending as Promise<unknown>).then(() => {
          after()
          return next()
        })
      }
      after()
    }
  }
  return next()
}

/** From the left; the first item is where it starts. */
async function reduceItems(
  host: Host,
  reduce: AnyFunction,
  map: AnyFunction | undefined,
  items: readonly unknown[],
  first: number,
): Promise<unknown> {
  const each = map === undefined ? (item: unknown) => item : caller(host, map)
  let total = await each(items[0], first)
  for (let i = 1; i < items.length && !host.cancelled(); i++) {
    const value = each(items[i], first + i)
    const next = reduce(total, isThenable(value) ? await value : value)
    total = isThenable(next) ? await next : next
  }
  return total
}

/** Lets a generator finish that nobody reads any more. */
export function closeStream(host: Host, id: number): unknown {
  const iterator = host.streams.get(id)
  host.streams.delete(id)
  return iterator?.return?.()
}

type Method = 'next' | 'return' | 'throw'

async function resume(host: Host, id: number, method: Method, given: unknown): Promise<unknown> {
  const value = method === 'throw' ? unpackFault(given as Fault) : given
  const iterator = host.streams.get(id)
  if (iterator === undefined) {
    if (method === 'throw') throw value
    return { done: true, value: method === 'return' ? value : undefined }
  }
  try {
    if (iterator[method] === undefined) {
      if (method === 'throw') throw value
      host.streams.delete(id)
      return { done: true, value }
    }
    const step = (await iterator[method](value)) as { done?: boolean; value: unknown }
    const done = step.done === true
    if (done) host.streams.delete(id)
    return { done, value: await step.value }
  } catch (error) {
    host.streams.delete(id)
    throw error
  }
}

type Each = (item: unknown, index: number) => unknown

/** fn(item, { index, context, signal }); the second argument is made only for functions that could look at it. */
function caller(host: Host, fn: AnyFunction): Each {
  if (takesOne(fn)) return (item) => fn(item)
  const task = host.task()
  return (item, index) => fn(item, infoOf(task, index))
}

/** One plain parameter: neither `(x, info = {})`, whose length is 1 as well, nor `arguments`. */
function takesOne(fn: AnyFunction): boolean {
  if (fn.length !== 1) return false
  const source = Function.prototype.toString.call(fn)
  return onePlain.test(source) && !source.includes('arguments')
}

const onePlain = /^(async\s*)?(function\s*[\w$]*\s*\(\s*[\w$]+\s*\)|\(\s*[\w$]+\s*\)\s*=>|[\w$]+\s*=>)/

/** fn(...tuple), and the same object behind it for functions with a parameter more. */
function spreader(host: Host, fn: AnyFunction): Each {
  const task = host.task()
  return (item, index) => {
    const tuple = item as unknown[]
    return fn.length > tuple.length ? fn(...tuple, infoOf(task, index)) : fn(...tuple)
  }
}

function infoOf(task: CurrentTask, index: number): ItemInfo {
  return {
    index,
    context: task.context,
    get signal() {
      return task.signal
    },
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
}
