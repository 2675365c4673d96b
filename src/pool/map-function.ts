import type { Executor } from '../executor/executor.ts'
import { unpackFault } from '../executor/fault.ts'
import type { NumberBlocks } from '../executor/number-blocks.ts'
import type { Cargo } from '../executor/ship.ts'
import type { ItemOutcome } from '../executor/verbs.ts'
import { share } from '../executor/verbs.ts'
import { arrayClass, dtypeOf } from '../typed-array.ts'
import type { DType, NumberArray } from '../types.ts'
import { callFunction } from './call-function.ts'
import type { ReadFunctionOptions, ReadMapOptions } from './function-options.ts'
import type { Books } from './map.ts'
import type { Task } from './task.ts'
import { Whole } from './whole.ts'

/** A chunk should take this long. */
const chunkMs = 4
/** The cursor is a word of 32 bits. */
const mostNumbers = 2 ** 30
/** From here on numbers are shared out from memory that all workers see. */
const fewNumbers = 64

/** Calls a function for each item, on all workers, and keeps the order of results. */
export function mapFunction(
  executor: Executor,
  cargo: Cargo,
  items: readonly unknown[] | NumberArray,
  options: ReadMapOptions,
  books: Books,
  spread = false,
): Task<unknown[]> {
  const { kind } = executor.options
  if (
    kind === 'worker' &&
    !spread &&
    items.length < mostNumbers &&
    !options.settle &&
    options.chunkSize === undefined &&
    items.length >= fewNumbers
  ) {
    const numbers = sharedNumbers(items, executor.blocks)
    if (numbers !== undefined) return mapNumbers(executor, cargo, numbers, numbers === items, options, books)
  }
  // A copy, as the caller may change the list while the map goes on.
  const list = ArrayBuffer.isView(items) ? Array.from(items) : items.slice()
  return mapChunks(executor, cargo, list, options, books, spread)
}

/** Options of the parts of a whole: their times are the whole's. */
function ofPart(options: ReadMapOptions): ReadFunctionOptions {
  return { ...options, signal: undefined, timeout: undefined, onProgress: undefined, transfer: undefined }
}

/** The numbers in shared memory; undefined where something else is among them. */
function sharedNumbers(items: readonly unknown[] | NumberArray, blocks: NumberBlocks): NumberArray | undefined {
  if (ArrayBuffer.isView(items)) {
    if (items.buffer instanceof SharedArrayBuffer) return items
    // Not its own constructor, which of a Buffer is not what makes one.
    const Type = arrayClass(dtypeOf(items) as DType)
    const copy = new Type(blocks.take(items.byteLength), 0, items.length) as NumberArray
    copy.set(items)
    return copy
  }
  const { length } = items
  if (typeof items[0] !== 'number' || typeof items[length - 1] !== 'number') return undefined
  const numbers = new Float64Array(blocks.take(length * 8), 0, length)
  for (let i = 0; i < length; i++) {
    const item = items[i]
    if (typeof item !== 'number') return undefined
    numbers[i] = item
  }
  return numbers
}

/** Every worker claims numbers from one array until there are none left: one message there and one back. */
function mapNumbers(
  executor: Executor,
  cargo: Cargo,
  source: NumberArray,
  isCallers: boolean,
  options: ReadMapOptions,
  books: Books,
): Task<unknown[]> {
  const { length } = source
  const { blocks } = executor
  const results = new Float64Array(blocks.take(length * 8), 0, length)
  const words = new Int32Array(new SharedArrayBuffer(share.words * 4))
  const whole = new Whole<unknown[]>('worker', options, books, () => Atomics.load(words, share.done) / length)
  whole.onStop = () => Atomics.store(words, share.stopped, 1)
  const others: (readonly [number, unknown])[] = []
  const part = ofPart(options)
  const { size } = executor.options
  // A worker that dies takes what it had claimed with it, so a retry has to begin anew.
  const call = { cargo, verb: 'numbers', args: [source, results, words], names: 'items' } as const
  whole.attempt(() => {
    for (let i = 0; i < size && !whole.over; i++) {
      whole.add(
        callFunction<readonly [number, unknown][]>(executor, call, { ...part, retries: 0 }, undefined),
        (rest) => {
          for (const other of rest) others.push(other)
          if (whole.parts > 0) return
          const array = toArray(results, others)
          blocks.give(results.buffer)
          if (!isCallers) blocks.give(source.buffer as SharedArrayBuffer)
          whole.finish(array)
        },
      )
    }
  })
  return whole.task
}

function toArray(numbers: Float64Array, others: readonly (readonly [number, unknown])[]): unknown[] {
  const array = new Array<unknown>(numbers.length)
  for (let i = 0; i < numbers.length; i++) array[i] = numbers[i]
  for (const [i, value] of others) array[i] = value
  return array
}

/** Sends items in chunks, two for each worker at a time, of a size that follows the time they take. */
function mapChunks(
  executor: Executor,
  cargo: Cargo,
  items: readonly unknown[],
  options: ReadMapOptions,
  books: Books,
  spread: boolean,
): Task<unknown[]> {
  const { kind, size } = executor.options
  const { length } = items
  let done = 0
  let next = 0
  let itemMs: number | undefined
  const whole = new Whole<unknown[]>(kind, options, books, () => done / length)
  const results = new Array<unknown>(length)
  const part = ofPart(options)
  const names = spread ? 'tuples' : 'items'
  const chunkSize = (): number => {
    if (options.chunkSize !== undefined) return options.chunkSize
    if (itemMs === undefined) return 1
    const fair = Math.ceil((length - next) / (size * 2))
    return Math.max(1, Math.min(fair, Math.floor(chunkMs / Math.max(itemMs, 1e-5))))
  }
  const feed = (): void => {
    while (!whole.over && next < length && whole.parts < size * 2) {
      const first = next
      const chunk = items.slice(first, first + chunkSize())
      next += chunk.length
      const list = { at: 0, first }
      const call = { cargo, verb: 'items', args: [chunk, first, options.settle, spread], names, list } as const
      const task = callFunction<readonly unknown[]>(executor, call, part, undefined)
      whole.add(task, (values) => {
        const { runMs } = task.timing
        itemMs = itemMs === undefined ? runMs / chunk.length : itemMs + (runMs / chunk.length - itemMs) * 0.5
        done += chunk.length
        for (let i = 0; i < values.length; i++) {
          results[first + i] = options.settle ? outcomeOf(values[i] as ItemOutcome) : values[i]
        }
        if (done === length) whole.finish(results)
        else feed()
      })
    }
  }
  if (length === 0) whole.finish([])
  else whole.attempt(feed)
  return whole.task
}

/** As Promise.allSettled has it. */
function outcomeOf([value, fault]: ItemOutcome): PromiseSettledResult<unknown> {
  return fault === undefined ? { status: 'fulfilled', value } : { status: 'rejected', reason: unpackFault(fault) }
}
