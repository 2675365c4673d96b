import { importTasks, spmd } from 'offloop'
import type { Communicator, Received, Task } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

import type * as Work from './fixtures/work.js'

declare const comm: Communicator
const work = importTasks<typeof Work>(new URL('file:///work.js'))

describe('types of ranks', () => {
  it('results are what functions give, awaited, one for each rank', () => {
    expectTypeOf(spmd(2, (c) => c.rank)).toEqualTypeOf<Task<number[]>>()
    expectTypeOf(spmd(2, async (c, a: string, b: number) => [a, b, c.size] as const, 'x', 1)).toEqualTypeOf<
      Task<(readonly [string, number, number])[]>
    >()
    expectTypeOf(spmd.run(2, (c) => c.barrier(), [], { timeout: 5, graceMs: 1 })).toEqualTypeOf<Task<void[]>>()
    // @ts-expect-error a string is no number
    void spmd(2, (_, n: number) => n, 'x')
    // @ts-expect-error there is one argument, not two
    void spmd.run(2, (_, n: number) => n, [1, 2])
    // @ts-expect-error priorities are not for ranks
    void spmd.run(2, () => 1, [], { priority: 'high' })
    // @ts-expect-error its first parameter is no communicator
    void spmd(2, work.double)
  })

  it('messages are what the receiver says', () => {
    expectTypeOf(comm.recv()).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(comm.recvSync<number>(0)).toEqualTypeOf<number>()
    expectTypeOf(comm.recvMessage<string>()).toEqualTypeOf<Promise<Received<string>>>()
  })

  it('collective calls give what they get', () => {
    expectTypeOf(comm.broadcastSync('x' as string)).toEqualTypeOf<string>()
    expectTypeOf(comm.scatter(['a', 'b'])).toEqualTypeOf<Promise<string>>()
    expectTypeOf(comm.gatherSync(comm.rank)).toEqualTypeOf<number[] | undefined>()
    expectTypeOf(comm.allgather(comm.rank)).toEqualTypeOf<Promise<number[]>>()
    expectTypeOf(comm.splitSync(0)).toEqualTypeOf<Communicator | undefined>()
  })

  it('reductions of a literal are of its kind', () => {
    expectTypeOf(comm.allreduceSync(1)).toEqualTypeOf<number>()
    expectTypeOf(comm.allreduce(1n, 'max')).toEqualTypeOf<Promise<bigint>>()
    expectTypeOf(comm.scanSync('a', (a, b) => a + b)).toEqualTypeOf<string>()
    expectTypeOf(comm.reduce(comm.rank)).toEqualTypeOf<Promise<number | undefined>>()
    const array = new Float64Array(1)
    expectTypeOf(comm.allreduceSync(array, 'sum', { out: array })).toEqualTypeOf<typeof array>()
    // @ts-expect-error there is no such operation
    comm.allreduceSync(1, 'plus')
    // @ts-expect-error `out` is of another class
    comm.allreduceSync(array, 'sum', { out: new Int8Array(1) })
  })
})
