import { delay, Task, waitAny } from 'offloop'
import { describe, expect, it } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

describe('waitAny', () => {
  it('gives the first that completes, its place and its outcome', async () => {
    const slow = deferred<string>()
    const quick = deferred<string>()
    const tasks = [slow.promise, quick.promise]
    const any = waitAny(tasks)
    expect(any).toBeInstanceOf(Task)
    quick.resolve('q')
    expect(await any).toEqual({ index: 1, task: tasks[1], status: 'fulfilled', value: 'q' })
    const error = new Error('x')
    expect(await waitAny([slow.promise, Promise.reject(error)])).toMatchObject({
      index: 1,
      status: 'rejected',
      reason: error,
    })
    expect(await waitAny([slow.promise, () => 'called'])).toMatchObject({ index: 1, value: 'called' })
    // Of several that are there, the first.
    expect(await waitAny([slow.promise, 1, 2])).toMatchObject({ index: 1 })
  })

  it("passes over failures with mode 'fulfilled', and has all of them when there is nothing else", async () => {
    const [a, b] = [new Error('a'), new Error('b')]
    const first = deferred<number>()
    expect(await waitAny([Promise.reject(a), 5], { mode: 'fulfilled' })).toMatchObject({ index: 1, value: 5 })
    const any = waitAny([first.promise, Promise.reject(b)], { mode: 'fulfilled' })
    await settle()
    first.reject(a)
    const error = await reasonOf(any)
    expect(error).toBeInstanceOf(AggregateError)
    expect((error as AggregateError).errors).toEqual([a, b])
  })

  it('cancels nothing unless it is asked to', async () => {
    const run = async (cancelRest?: boolean) => {
      const task = delay(1e9, { ref: false })
      let aborted = false
      const listen = (signal: AbortSignal) =>
        new Promise(() => signal.addEventListener('abort', () => (aborted = true)))
      await waitAny([task, listen, 1], { cancelRest })
      await reasonOf(waitAny([task, listen], { cancelRest, signal: AbortSignal.abort() }))
      return [task.status, aborted]
    }
    expect(await run()).toEqual(['running', false])
    expect(await run(false)).toEqual(['running', false])
    expect(await run(true)).toEqual(['cancelled', true])
  })

  it('ends by its signal, its timeout, and cancel', async () => {
    const controller = new AbortController()
    const any = waitAny([untilAborted], { signal: controller.signal })
    controller.abort('enough')
    expect(await reasonOf(any)).toBe('enough')
    expect(listeners(controller.signal)).toBe(0)
    expect(await reasonOf(waitAny([untilAborted], { timeout: 1 }))).toMatchObject({ name: 'TimeoutError' })
    const cancelled = waitAny([untilAborted])
    cancelled.cancel('mine')
    expect(await reasonOf(cancelled)).toBe('mine')
  })

  it('leaves nothing on a promise that lives long', async () => {
    const shutdown = deferred<string>()
    let reactions = 0
    const { promise } = shutdown
    const { then } = Promise.prototype
    // Counts what is hung on this promise alone.
    // oxlint-disable-next-line no-extend-native, unicorn/no-thenable
    Promise.prototype.then = function (this: Promise<unknown>, ...handlers: [never, never]) {
      if (this === promise) reactions++
      return then.apply(this, handlers)
    } as typeof then
    try {
      for (let i = 0; i < 100; i++) await waitAny([promise, i])
    } finally {
      // oxlint-disable-next-line no-extend-native, unicorn/no-thenable
      Promise.prototype.then = then
    }
    expect(reactions).toBe(1)
    const last = waitAny([promise])
    shutdown.resolve('over')
    expect(await last).toMatchObject({ value: 'over' })
    expect(await waitAny([promise])).toMatchObject({ value: 'over' })
  })

  it('does not wait for nothing, and refuses misuse', async () => {
    expect(await reasonOf(waitAny([]))).toBeInstanceOf(RangeError)
    expect(await reasonOf(waitAny(5 as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(waitAny([1], { mode: 'first' as never }))).toBeInstanceOf(RangeError)
  })
})
