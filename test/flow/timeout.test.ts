import { delay, Pool, Task, timeout } from 'offloop'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

afterEach(() => vi.useRealTimers())

describe('timeout', () => {
  it('gives what comes in time, and lets go of its timer', async () => {
    vi.useFakeTimers()
    expect(await timeout(Promise.resolve(1), 1000)).toBe(1)
    expect(await timeout(() => 2, 1000)).toBe(2)
    expect(await timeout(async () => 3, Infinity)).toBe(3)
    const error = new Error('its own')
    expect(await reasonOf(timeout(Promise.reject(error), 1000))).toBe(error)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('rejects with a TimeoutError, which a Task is cancelled with', async () => {
    vi.useFakeTimers()
    const task = delay(1e9)
    const limited = timeout(task, 250)
    expect(limited).toBeInstanceOf(Task)
    vi.advanceTimersByTime(249)
    expect(limited.status).toBe('running')
    vi.advanceTimersByTime(1)
    const reason = await reasonOf(limited)
    expect(reason).toBeInstanceOf(DOMException)
    expect(reason).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('250 ms') as unknown })
    expect(await reasonOf(task)).toBe(reason)
    expect(task.status).toBe('cancelled')
    expect(vi.getTimerCount()).toBe(0)
  })

  it("aborts the function's signal with it, with the message that was given", async () => {
    let told: unknown
    const limited = timeout((signal) => untilAborted(signal).catch((why: unknown) => (told = why)), 1, {
      message: 'too slow',
    })
    const reason = await reasonOf(limited)
    expect(reason).toMatchObject({ name: 'TimeoutError', message: 'too slow' })
    await settle()
    expect(told).toBe(reason)
  })

  it('stops a loop in a worker', async () => {
    const pool = new Pool({ workers: 1 })
    const task = pool.submit(() => {
      for (;;);
    })
    expect(await reasonOf(timeout(task, 20))).toMatchObject({ name: 'TimeoutError' })
    await reasonOf(task)
    expect(task.status).toBe('cancelled')
    await pool.terminate()
  })

  it('ends by a signal, with its reason', async () => {
    const controller = new AbortController()
    const task = delay(1e9)
    const limited = timeout(task, 1e9, { signal: controller.signal })
    controller.abort('enough')
    expect(await reasonOf(limited)).toBe('enough')
    expect(await reasonOf(task)).toBe('enough')
    let called = false
    expect(await reasonOf(timeout(() => (called = true), 5, { signal: controller.signal }))).toBe('enough')
    expect(called).toBe(false)
    expect(listeners(controller.signal)).toBe(0)
  })

  it('is not crossed by a promise that fails later', async () => {
    const late = deferred()
    expect(await reasonOf(timeout(late.promise, 0))).toMatchObject({ name: 'TimeoutError' })
    late.reject(new Error('nobody waits'))
    await settle()
  })

  it('refuses misuse by rejecting', async () => {
    expect(await reasonOf(timeout(1, NaN))).toBeInstanceOf(RangeError)
    expect(await reasonOf(timeout(1, -1))).toBeInstanceOf(RangeError)
    expect(await reasonOf(timeout(1, undefined as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(timeout(1, 1, { message: 5 as never }))).toBeInstanceOf(TypeError)
    expect(await reasonOf(timeout(1, 1, { signal: 5 as never }))).toBeInstanceOf(TypeError)
  })
})

describe('delay', () => {
  it('resolves with the value when the time has gone by, and not before', async () => {
    vi.useFakeTimers()
    const task = delay(1000, { value: 'x' })
    vi.advanceTimersByTime(999)
    await Promise.resolve()
    expect(task.status).toBe('running')
    expect(task.progress).toBeCloseTo(0.999)
    vi.advanceTimersByTime(1)
    expect(await task).toBe('x')
    const none = delay(0)
    vi.advanceTimersByTime(1)
    expect(await none).toBeUndefined()
  })

  it('is never early by the clock that performance.now() reads', async () => {
    const times = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const begun = performance.now()
        await delay(i / 3)
        return performance.now() - begun - i / 3
      }),
    )
    expect(Math.min(...times)).toBeGreaterThan(-0.02)
  })

  it('is longer than 2^31 - 1 ms where it was told to be', async () => {
    vi.useFakeTimers()
    const days = 60
    const task = delay(days * 864e5)
    vi.advanceTimersByTime(days * 864e5 - 1)
    expect(task.status).toBe('running')
    vi.advanceTimersByTime(2)
    await task
    expect(vi.getTimerCount()).toBe(0)
  })

  it('works where a test stops the timers and not the clock', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const task = delay(60_000)
    vi.advanceTimersByTime(60_000)
    await task
  })

  it('is cancelled by hand or by a signal, and leaves nothing behind', async () => {
    vi.useFakeTimers()
    const task = delay(1000)
    task.cancel('mine')
    expect(await reasonOf(task)).toBe('mine')
    const controller = new AbortController()
    const other = delay(Infinity, { signal: controller.signal })
    vi.advanceTimersByTime(1e12)
    expect(other.status).toBe('running')
    controller.abort('theirs')
    expect(await reasonOf(other)).toBe('theirs')
    expect(await reasonOf(delay(5, { signal: controller.signal }))).toBe('theirs')
    expect(vi.getTimerCount()).toBe(0)
    expect(listeners(controller.signal)).toBe(0)
  })

  it('refuses misuse by rejecting', async () => {
    for (const bad of [NaN, -1]) expect(await reasonOf(delay(bad))).toBeInstanceOf(RangeError)
    for (const bad of ['5', undefined, null, 5n]) expect(await reasonOf(delay(bad as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(delay(1, { ref: 1 as never }))).toBeInstanceOf(TypeError)
  })
})
