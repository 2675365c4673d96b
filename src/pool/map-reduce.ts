import type { Executor } from '../executor/executor.ts'
import type { Cargo } from '../executor/ship.ts'
import { callFunction } from './call-function.ts'
import type { ReadMapOptions } from './function-options.ts'
import type { Books } from './map.ts'
import type { Task } from './task.ts'
import { Whole } from './whole.ts'

/** Pieces that items are cut into. They depend on the number of items alone, and so do the bits of a sum. */
const pieces = 64

/**
 * reduce(…reduce(reduce(initial, map(items[0])), map(items[1]))…), where reduce is associative: pieces are mapped and
 * reduced by workers, and what they give is reduced in order.
 */
export function mapReduce(
  executor: Executor,
  map: Cargo,
  reduce: Cargo,
  items: readonly unknown[],
  initial: readonly unknown[],
  options: ReadMapOptions,
  books: Books,
): Task<unknown> {
  const { kind } = executor.options
  const size = options.chunkSize ?? Math.max(1, Math.ceil(items.length / pieces))
  const count = Math.ceil(items.length / size)
  const part = { ...options, signal: undefined, timeout: undefined, onProgress: undefined, transfer: undefined }
  let done = 0
  const progress = () => done / (count + 1)
  const whole = new Whole<unknown>(kind, options, books, progress)
  const partials = new Array<unknown>(count)
  const call = (shipped: unknown, chunk: readonly unknown[], first: number) => {
    const list = { at: 1, first }
    const args = [shipped, chunk, first]
    return callFunction<unknown>(
      executor,
      { cargo: reduce, verb: 'reduce', args, names: 'items', list },
      part,
      undefined,
    )
  }
  const combine = (): void => {
    const all = [...initial, ...partials]
    if (all.length === 1) whole.finish(all[0])
    else whole.add(call(undefined, all, 0), (value) => whole.finish(value))
  }
  let next = 0
  const feed = (): void => {
    while (!whole.over && next < count && whole.parts < executor.options.size * 2) {
      const index = next++
      const chunk = items.slice(index * size, (index + 1) * size)
      whole.add(call(map.shipped, chunk, index * size), (value) => {
        partials[index] = value
        done++
        if (done === count) combine()
        else feed()
      })
    }
  }
  whole.attempt(() => {
    if (count > 0) feed()
    else if (initial.length > 0) whole.finish(initial[0])
    else throw new TypeError('Expected `initial` to be given where there are no items to reduce')
  })
  return whole.task
}
