import { AsyncLocalStorage } from 'node:async_hooks'

import { delay, Limiter, Task } from 'offloop'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

afterEach(() => vi.useRealTimers())

describe('concurrency', () => {
  it('is how many run at once, and the counts say so', async () => {
    const limiter = new Limiter({ concurrency: 2 })
    const gates = [deferred<string>(), deferred<string>(), deferred<string>()]
    const tasks = gates.map(({ promise }) => limiter.run(() => promise))
    expect(tasks.map(({ status }) => status)).toEqual(['running', 'running', 'queued'])
    expect([limiter.active, limiter.pending, limiter.size]).toEqual([2, 1, 3])
    gates[1].resolve('b')
    expect(await tasks[1]).toBe('b')
    expect(tasks[2].status).toBe('running')
    expect([limiter.active, limiter.pending]).toEqual([2, 0])
    gates[0].resolve('a')
    gates[2].resolve('c')
    expect(await Promise.all(tasks)).toEqual(['a', 'b', 'c'])
    expect(limiter.size).toBe(0)
    expect(tasks[0]).toBeInstanceOf(Task)
  })

  it('is freed by errors, of both kinds', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const error = new Error('x')
    const throwing = limiter.run(() => {
      throw error
    })
    const rejecting = limiter.run(() => Promise.reject(error))
    expect(await reasonOf(throwing)).toBe(error)
    expect(await reasonOf(rejecting)).toBe(error)
    expect(await limiter.run(() => 5)).toBe(5)
  })

  it('counts what was cancelled until it has settled', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const gate = deferred()
    const stubborn = limiter.run(() => gate.promise)
    const next = limiter.run(() => 'next')
    stubborn.cancel()
    expect(await reasonOf(stubborn)).toMatchObject({ name: 'AbortError' })
    await settle()
    expect(next.status).toBe('queued')
    gate.resolve(undefined)
    expect(await next).toBe('next')
  })
})

describe('priorities', () => {
  it('go first, and within them what came first', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const gate = deferred()
    const order: string[] = []
    const first = limiter.run(() => gate.promise)
    const add = (name: string, priority?: 'high' | 'normal' | 'low') =>
      limiter.run(() => void order.push(name), { priority })
    void add('l1', 'low')
    void add('n1')
    void add('h1', 'high')
    void add('n2', 'normal')
    void add('h2', 'high')
    void add('l2', 'low')
    gate.resolve(undefined)
    await first
    await limiter.onIdle()
    expect(order).toEqual(['h1', 'h2', 'n1', 'n2', 'l1', 'l2'])
  })

  it('leave nobody in line for good', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    let others = 0
    let high = true
    const busy = (): unknown =>
      high && limiter.run(() => (others++, settle().then(busy), undefined), { priority: 'high' })
    for (let i = 0; i < 3; i++) busy()
    void limiter.run(() => settle())
    await limiter.run(() => (high = false), { priority: 'low' })
    expect(others).toBeGreaterThan(3)
    expect(others).toBeLessThan(100)
    await limiter.onIdle()
  })
})

describe('rate', () => {
  it('allows no more than so many starts in any stretch of its length', async () => {
    vi.useFakeTimers()
    const limiter = new Limiter({ rate: { count: 3, perMs: 1000 } })
    const starts: number[] = []
    const begun = Date.now()
    const start = () => limiter.run(() => void starts.push(Date.now() - begun))
    void start()
    await vi.advanceTimersByTimeAsync(600)
    for (let i = 0; i < 6; i++) void start()
    await vi.advanceTimersByTimeAsync(10_000)
    // The window slides: the one that began at 0 makes room at 1000, those of 600 at 1600.
    expect(starts).toEqual([0, 600, 600, 1000, 1600, 1600, 2000])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('goes together with concurrency', async () => {
    vi.useFakeTimers()
    const limiter = new Limiter({ concurrency: 1, rate: { count: 2, perMs: 100 } })
    const starts: number[] = []
    const begun = Date.now()
    for (let i = 0; i < 5; i++) {
      void limiter.run(() => {
        starts.push(Date.now() - begun)
        return delay(30)
      })
    }
    await vi.advanceTimersByTimeAsync(1000)
    expect(starts).toEqual([0, 30, 100, 130, 200])
  })

  it('keeps to it by the real clock', async () => {
    const perMs = 40
    const limiter = new Limiter({ rate: { count: 5, perMs } })
    const starts: number[] = []
    await Promise.all(Array.from({ length: 20 }, () => limiter.run(() => void starts.push(performance.now()))))
    const spans = starts.slice(5).map((time, i) => time - starts[i])
    expect(Math.min(...spans)).toBeGreaterThan(perMs - 1)
  })

  it('holds no timer for what was cancelled', async () => {
    vi.useFakeTimers()
    const limiter = new Limiter({ rate: { count: 1, perMs: 1e9 } })
    await limiter.run(() => 1)
    const waiting = limiter.run(() => 2)
    expect(vi.getTimerCount()).toBe(1)
    waiting.cancel()
    await reasonOf(waiting)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('a call', () => {
  it('is cancelled in line and never begins', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const gate = deferred()
    const controller = new AbortController()
    void limiter.run(() => gate.promise)
    let called = 0
    const fn = () => called++
    const [mine, theirs, slow] = [
      limiter.run(fn),
      limiter.run(fn, { signal: controller.signal }),
      limiter.run(fn, { timeout: 1 }),
    ]
    mine.cancel('mine')
    controller.abort('theirs')
    expect(await reasonOf(mine)).toBe('mine')
    expect(await reasonOf(theirs)).toBe('theirs')
    expect(await reasonOf(slow)).toMatchObject({ name: 'TimeoutError' })
    expect(await reasonOf(limiter.run(fn, { signal: controller.signal }))).toBe('theirs')
    gate.resolve(undefined)
    await limiter.onIdle()
    expect(called).toBe(0)
    expect(listeners(controller.signal)).toBe(0)
  })

  it('is told by its signal when it runs; a Task that it gives is cancelled', async () => {
    const limiter = new Limiter()
    let told: unknown
    const run = limiter.run((signal) => untilAborted(signal).catch((why: unknown) => (told = why)))
    run.cancel('mine')
    expect(await reasonOf(run)).toBe('mine')
    await settle()
    expect(told).toBe('mine')
    const task = delay(1e9)
    const slow = limiter.run(() => task, { timeout: 1 })
    expect(await reasonOf(slow)).toMatchObject({ name: 'TimeoutError' })
    expect(task.status).toBe('cancelled')
    await limiter.onIdle()
  })

  it('runs in the context it was made in', async () => {
    const storage = new AsyncLocalStorage<string>()
    const limiter = new Limiter({ concurrency: 1 })
    const read = (name: string) =>
      storage.run(name, () =>
        limiter.run(async () => {
          await settle()
          return storage.getStore()
        }),
      )
    expect(await Promise.all([read('a'), read('b'), read('c')])).toEqual(['a', 'b', 'c'])
  })

  it('may be that of a wrapped function, with its arguments and `this`', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const account = {
      sum: 10,
      add: limiter.wrap(async function (this: { sum: number }, a: number, b: number) {
        await settle()
        return (this.sum += a + b)
      }),
    }
    expect(await Promise.all([account.add(1, 2), account.add(3, 4)])).toEqual([13, 20])
  })
})

describe('a Limiter', () => {
  it('clears its line, and goes on', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const gate = deferred<string>()
    const running = limiter.run(() => gate.promise)
    const waiting = [limiter.run(() => 1), limiter.run(() => 2)]
    // Nobody looks at the second one: it counts as handled.
    limiter.clear('cleared')
    expect(await reasonOf(waiting[0])).toBe('cleared')
    expect(waiting[1].status).toBe('cancelled')
    expect(limiter.size).toBe(1)
    gate.resolve('x')
    expect(await running).toBe('x')
    expect(await limiter.run(() => 3)).toBe(3)
  })

  it('says when it is idle', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    await limiter.onIdle()
    let done = 0
    for (let i = 0; i < 3; i++) void limiter.run(async () => (await settle(), done++))
    await Promise.all([limiter.onIdle(), limiter.onIdle()])
    expect(done).toBe(3)
  })

  it('is closed when all is done, and takes no more', async () => {
    const limiter = new Limiter({ concurrency: 1 })
    const tasks = [limiter.run(() => settle().then(() => 1)), limiter.run(() => 2)]
    const closing = limiter[Symbol.asyncDispose]()
    expect(await reasonOf(limiter.run(() => 3))).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    await closing
    expect(tasks.map(({ status }) => status)).toEqual(['done', 'done'])
  })

  it('refuses more than its line may hold', async () => {
    const limiter = new Limiter({ concurrency: 1, queueLimit: 1 })
    const gate = deferred()
    const tasks = [limiter.run(() => gate.promise), limiter.run(() => 1)]
    expect(await reasonOf(limiter.run(() => 2))).toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    gate.resolve(undefined)
    await Promise.all(tasks)
    const strict = new Limiter({ concurrency: 1, queueLimit: 0 })
    const one = strict.run(() => settle())
    expect(await reasonOf(strict.run(() => 2))).toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    expect(strict.pending).toBe(0)
    await one
  })

  it('refuses misuse', async () => {
    const bad: unknown[] = [
      { concurrency: '2' },
      { rate: 5 },
      { rate: { count: 1 } },
      5,
      { rate: { count: 'x', perMs: 1 } },
    ]
    for (const options of bad) expect(() => new Limiter(options as never)).toThrow(TypeError)
    for (const options of [{ concurrency: 0 }, { queueLimit: -1 }, { rate: { count: 1, perMs: 0 } }]) {
      expect(() => new Limiter(options)).toThrow(RangeError)
    }
    const limiter = new Limiter()
    expect(await reasonOf(limiter.run(5 as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(limiter.run(() => 1, { priority: 'x' as never }))).toBeInstanceOf(RangeError)
    expect(() => limiter.wrap(5 as never)).toThrow(TypeError)
  })
})
