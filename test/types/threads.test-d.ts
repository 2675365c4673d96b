import { importTasks, Process, Thread } from 'offloop'
import type { Current } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

import type * as Tasks from './fixtures/work.js'

const work = importTasks<typeof Tasks>(new URL('file:///work.js'))

describe('types of threads', () => {
  it('join gives what the function gives, awaited', () => {
    const thread = new Thread(async (n: number) => [n], { args: [1] })
    expectTypeOf(thread.join()).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(thread.start().join({ timeout: 1 })).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(thread.result).toEqualTypeOf<number[] | undefined>()
    expectTypeOf(thread.error).toEqualTypeOf<unknown>()
    expectTypeOf(thread.status).toEqualTypeOf<'new' | 'running' | 'done' | 'failed' | 'cancelled'>()
    expectTypeOf(thread.threadId).toEqualTypeOf<number | undefined>()
    expectTypeOf(new Process(() => 'x').join()).toEqualTypeOf<Promise<string>>()
    expectTypeOf(new Process(() => 'x').pid).toEqualTypeOf<number | undefined>()
    expectTypeOf(new Thread(work.double, { args: [2] }).join()).toEqualTypeOf<Promise<number>>()
    expectTypeOf(Thread.current).toEqualTypeOf<Current>()
  })

  it('arguments are those of the function', () => {
    // @ts-expect-error a string is no number
    void new Thread((n: number) => n, { args: ['x'] })
    // @ts-expect-error there is one argument, not two
    void new Thread((n: number) => n, { args: [1, 2] })
    // @ts-expect-error nothing moves to a process
    void new Process((n: ArrayBuffer) => n, { args: [new ArrayBuffer(1)], transfer: [] })
  })
})
