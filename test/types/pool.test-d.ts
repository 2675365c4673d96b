import { importTasks, map, Pool, sum } from 'offloop'
import type { CurrentTask, ItemInfo, PoolStats, Task } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

import type * as Tasks from './fixtures/work.js'

declare const pool: Pool
const work = importTasks<typeof Tasks>(new URL('file:///work.js'))

describe('types of functions on a pool', () => {
  it('results are what functions give, awaited', () => {
    expectTypeOf(pool.submit((a: number, b: string) => a + b, 1, 'x')).toEqualTypeOf<Task<string>>()
    expectTypeOf(pool.submit(async (n: number) => [n], 1)).toEqualTypeOf<Task<number[]>>()
    expectTypeOf(pool.run((n: number) => n > 1, [2], { retries: 1, runTimeout: 5 })).toEqualTypeOf<Task<boolean>>()
    expectTypeOf(pool.submit(sum, new Float64Array(1))).toEqualTypeOf<Task<number>>()
    expectTypeOf(pool.broadcast((level: number) => `${level}`, 1)).toEqualTypeOf<Task<string[]>>()
  })

  it('arguments are those of the function', () => {
    // @ts-expect-error a string is no number
    void pool.run((n: number) => n, ['x'])
    // @ts-expect-error there is one argument, not two
    void pool.run((n: number) => n, [1, 2])
    // @ts-expect-error options of kernels are not those of functions
    void pool.run((n: number) => n, [1], { descending: true })
  })

  it('map knows items, the info beside them, and outcomes with settle', () => {
    const lengths = pool.map(
      (word: string, info) => {
        expectTypeOf(info).toEqualTypeOf<ItemInfo>()
        return word.length
      },
      ['a'],
    )
    expectTypeOf(lengths).toEqualTypeOf<Task<number[]>>()
    const outcomes = pool.map((word: string) => word.length, ['a'], { settle: true })
    expectTypeOf(outcomes).toEqualTypeOf<Task<PromiseSettledResult<number>[]>>()
    expectTypeOf(pool.starmap((a: number, b: string) => b + a, [[1, 'x']])).toEqualTypeOf<Task<string[]>>()
    expectTypeOf(map((n: number) => `${n}`, [1])).toEqualTypeOf<Task<string[]>>()
    // @ts-expect-error a string is no number
    void pool.map((n: number) => n, ['x'])
  })

  it('iterators give what functions give', () => {
    expectTypeOf(pool.imap((n: number) => `${n}`, [1])).toEqualTypeOf<AsyncGenerator<string, void, undefined>>()
    expectTypeOf(
      pool.stream(function* (n: number): Generator<string, boolean, number> {
        return n > (yield 'x')
      }, 1),
    ).toEqualTypeOf<AsyncGenerator<string, boolean, number>>()
  })

  it('exports of modules are typed as they are, functions alone', () => {
    expectTypeOf(pool.submit(work.double, 2)).toEqualTypeOf<Task<number>>()
    expectTypeOf(work).not.toHaveProperty('version')
    // @ts-expect-error a string is no number
    void pool.submit(work.double, 'x')
  })

  it('mapReduce folds what the map gives', () => {
    const total = pool.mapReduce(
      ['a', 'b'],
      (word: string) => word.length,
      (a, b) => a + b,
      0,
    )
    expectTypeOf(total).toEqualTypeOf<Task<number>>()
  })

  it('nothing is any', () => {
    expectTypeOf<PoolStats['workers'][number]['utilization']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<CurrentTask['context']>().toEqualTypeOf<unknown>()
    // @ts-expect-error there is no such option
    void new Pool({ maxThreads: 2 })
  })
})
