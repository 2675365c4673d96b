import { Channel, LifoQueue, Pipe, PriorityQueue, Queue, select, selectSync } from 'offloop'
import type { PipeEnd } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

describe('types of queues, pipes and channels', () => {
  it('queues know their items', async () => {
    const queue = new Queue<number>({ capacity: 2 })
    expectTypeOf(queue.get()).toEqualTypeOf<Promise<number>>()
    expectTypeOf(queue.getSync()).toEqualTypeOf<number>()
    expectTypeOf(queue.tryGet()).toEqualTypeOf<number | undefined>()
    expectTypeOf(queue.put(1, { timeout: 1 })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(queue.tryPut(1)).toEqualTypeOf<boolean>()
    expectTypeOf(Queue.from<string>(queue.handle).get()).toEqualTypeOf<Promise<string>>()
    expectTypeOf(new Queue().getSync()).toEqualTypeOf<unknown>()
    for await (const item of new LifoQueue<string>()) expectTypeOf(item).toEqualTypeOf<string>()
    for (const item of queue) expectTypeOf(item).toEqualTypeOf<number>()
    // @ts-expect-error a string is no number
    void queue.put('x')
    // @ts-expect-error it has no such option
    expectTypeOf(new Queue({ size: 3 })).toBeObject()
  })

  it('only a PriorityQueue has priorities', () => {
    void new PriorityQueue<string>().put('x', { priority: 1, timeout: 5 })
    // @ts-expect-error a Queue has none
    void new Queue<string>().put('x', { priority: 1 })
  })

  it('the ends of a pipe mirror each other', () => {
    const [a, b] = Pipe<number, string>()
    expectTypeOf(a).toEqualTypeOf<PipeEnd<number, string>>()
    expectTypeOf(b).toEqualTypeOf<PipeEnd<string, number>>()
    expectTypeOf(b.recv()).toEqualTypeOf<Promise<number>>()
    expectTypeOf(a.recvSync()).toEqualTypeOf<string>()
  })

  it('select knows which case gives what', async () => {
    const [a, b] = [new Channel<number>(), new Channel<string>(3)]
    const chosen = await select([a.receiving(), b.sending('x'), b.receiving()])
    expectTypeOf(chosen.index).toEqualTypeOf<0 | 1 | 2>()
    if (chosen.index === 0 && !chosen.done) expectTypeOf(chosen.value).toEqualTypeOf<number>()
    if (chosen.index === 1) expectTypeOf(chosen.value).toEqualTypeOf<undefined>()
    if (chosen.index === 2) expectTypeOf(chosen.value).toEqualTypeOf<string | undefined>()
    const now = selectSync([a.receiving()], { otherwise: 'none' as const })
    expectTypeOf(now.index).toEqualTypeOf<0 | -1>()
    if (now.index === -1) expectTypeOf(now.value).toEqualTypeOf<'none'>()
    const list: Channel<number>[] = []
    const any = await select(list.map((channel) => channel.receiving()))
    expectTypeOf(any.index).toEqualTypeOf<number>()
    // @ts-expect-error a channel by itself is no case
    void select([a])
    // @ts-expect-error a number is no string
    b.sending(5)
  })
})
