import { asCompleted, delay, gather, Limiter, schedule, sum, TaskGroup, timeout, waitAny } from 'offloop'
import type { Schedule, ScheduledRun, Task } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

declare const text: Promise<string>
declare const numbers: Iterable<Promise<number>>
declare const starters: AsyncIterable<() => Promise<Date>>

describe('types of promises together', () => {
  it('gather knows each item of a list, and all of a source', () => {
    const all = gather([text, sum(new Float64Array(1)), async () => true, () => 'x', 5n as bigint])
    expectTypeOf(all).toEqualTypeOf<Task<[string, number, boolean, string, bigint]>>()
    expectTypeOf(gather([1, 2].map((n) => Promise.resolve(`${n}`)))).toEqualTypeOf<Task<string[]>>()
    expectTypeOf(gather(numbers, { limit: 2 })).toEqualTypeOf<Task<number[]>>()
    expectTypeOf(gather(starters, { limit: 2, signal: new AbortController().signal })).toEqualTypeOf<Task<Date[]>>()
    expectTypeOf(gather([text, 1 as number], { settle: true })).toEqualTypeOf<
      Task<[PromiseSettledResult<string>, PromiseSettledResult<number>]>
    >()
    expectTypeOf(gather(numbers, { settle: true })).toEqualTypeOf<Task<PromiseSettledResult<number>[]>>()
  })

  it('functions are told the signal', () => {
    void gather([
      (signal) => {
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>()
      },
    ])
    void timeout((signal) => expectTypeOf(signal).toEqualTypeOf<AbortSignal>(), 5)
    void new Limiter().run((signal) => expectTypeOf(signal).toEqualTypeOf<AbortSignal>())
  })

  it('asCompleted gives outcomes', async () => {
    for await (const t of asCompleted([text, text])) {
      expectTypeOf(t.result()).toEqualTypeOf<string>()
      expectTypeOf(t.index).toEqualTypeOf<number>()
      expectTypeOf(t.task).toEqualTypeOf<Promise<string>>()
      if (t.status === 'fulfilled') expectTypeOf(t.value).toEqualTypeOf<string>()
      // @ts-expect-error it may be that there is none
      void t.value
    }
    for await (const t of asCompleted(starters)) expectTypeOf(t.result()).toEqualTypeOf<Date>()
  })

  it('waitAny gives an outcome, or a value where only those count', async () => {
    const first = await waitAny([text, sum(new Float64Array(1))])
    if (first.status === 'fulfilled') expectTypeOf(first.value).toEqualTypeOf<string | number>()
    else expectTypeOf(first.reason).toBeAny()
    const { index, value } = await waitAny([text, async () => 5], { mode: 'fulfilled' })
    expectTypeOf(index).toEqualTypeOf<number>()
    expectTypeOf(value).toEqualTypeOf<string | number>()
  })

  it('timeout and delay', () => {
    expectTypeOf(timeout(text, 5)).toEqualTypeOf<Task<string>>()
    expectTypeOf(timeout(async () => 5, 5, { message: 'too slow' })).toEqualTypeOf<Task<number>>()
    expectTypeOf(delay(5)).toEqualTypeOf<Task<undefined>>()
    expectTypeOf(delay(5, { value: 'x' as string })).toEqualTypeOf<Task<string>>()
    // @ts-expect-error a number is needed
    void timeout(text)
  })

  it('TaskGroup', () => {
    const run = TaskGroup.run(async (group) => {
      expectTypeOf(group.signal).toEqualTypeOf<AbortSignal>()
      expectTypeOf(group.spawn(async () => 5)).toEqualTypeOf<Task<number>>()
      expectTypeOf(group.spawn(text)).toEqualTypeOf<Task<string>>()
      // @ts-expect-error nothing runs in a number
      void group.spawn(5)
      return 'x'
    })
    expectTypeOf(run).toEqualTypeOf<Task<string>>()
    // @ts-expect-error groups are made by run
    void new TaskGroup()
  })

  it('Limiter', () => {
    const limiter = new Limiter({ concurrency: 2, rate: { count: 1, perMs: 5 } })
    expectTypeOf(limiter.run(async () => 5, { priority: 'high' })).toEqualTypeOf<Task<number>>()
    const wrapped = limiter.wrap(async (a: number, b: string) => b + a)
    expectTypeOf(wrapped(1, 'x')).toEqualTypeOf<Task<string>>()
    // @ts-expect-error a string is no number
    void wrapped('x', 'x')
    // @ts-expect-error there is no such priority
    void limiter.run(() => 1, { priority: 'urgent' })
  })

  it('schedule', () => {
    const job = schedule({ cron: '* * * * *' }, (run) => expectTypeOf(run).toEqualTypeOf<ScheduledRun>())
    expectTypeOf(job).toEqualTypeOf<Schedule>()
    expectTypeOf(job.next).toEqualTypeOf<Date | undefined>()
    expectTypeOf(job.done).toEqualTypeOf<Promise<void>>()
  })
})
