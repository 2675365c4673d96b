import type { ItemInfo } from '../executor/verbs.ts'
import type { TaskOptions } from '../options.ts'
import type { MapOptions } from './function-options.ts'
import { Pool } from './pool.ts'
import type { Mapped } from './pool.ts'
import type { Task } from './task.ts'

let pool: Pool | undefined

/** The pool of calls that name none. Its workers start on first use and keep nothing alive. */
export function defaultPool(): Pool {
  pool ??= new Pool({ name: 'offloop' })
  return pool
}

/** The result of a kernel. */
type ResultOf<F> = F extends (...args: never[]) => Task<infer R> ? R : never

/** The type of {@link map}. */
export interface MapFunction {
  /** A function, with each item, in chunks, in order: see {@link Pool.map}. */
  <T, R, const O extends MapOptions>(fn: (item: T, info: ItemInfo) => R, items: Iterable<T>, options?: O): Mapped<R, O>
  /** A kernel, with each item as its first argument. */
  <F extends (...args: never[]) => Task<unknown>>(
    kernel: F,
    items: Iterable<unknown>,
    options?: TaskOptions & object,
  ): Task<ResultOf<F>[]>
}

/**
 * {@link Pool.map} on the pool that the options name, or the default one.
 * @example await map((word) => word.length, ['one', 'three']) // [3, 5]
 */
export const map = function map(fn: never, items: Iterable<never>, options: object = {}): unknown {
  const given = (options as TaskOptions | null)?.pool
  return (given instanceof Pool ? given : defaultPool()).map(fn, items, options)
} as unknown as MapFunction
