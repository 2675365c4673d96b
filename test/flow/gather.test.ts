import { AsyncLocalStorage } from 'node:async_hooks'

import { delay, gather, Pool, Task } from 'offloop'
import { describe, expect, it } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

describe('gather gives', () => {
  it('results in the order of the items, whatever they are', async () => {
    const late = deferred<string>()
    const all = gather([late.promise, () => 'called', async () => 'async', 4, delay(1, { value: 'task' }), undefined])
    expect(all).toBeInstanceOf(Task)
    late.resolve('late')
    expect(await all).toEqual(['late', 'called', 'async', 4, 'task', undefined])
    expect(all.status).toBe('done')
    expect(await gather([])).toEqual([])
    expect(await gather(new Set([Promise.resolve(1), 2]))).toEqual([1, 2])
    expect(await gather(new Map([[1, () => 2]]).values())).toEqual([2])
  })

  it('what a thenable comes to, asked once', async () => {
    let asked = 0
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable
      then(resolve: (value: number) => void) {
        asked++
        resolve(7)
      },
    }
    expect(await gather([thenable])).toEqual([7])
    expect(asked).toBe(1)
  })

  it('outcomes with settle, and cancels nothing', async () => {
    const error = new Error('one of them')
    const task = delay(1, { value: 'x' })
    const outcomes = await gather([Promise.reject(error), task, () => Promise.reject(error)], { settle: true })
    expect(outcomes).toEqual([
      { status: 'rejected', reason: error },
      { status: 'fulfilled', value: 'x' },
      { status: 'rejected', reason: error },
    ])
    expect(task.status).toBe('done')
  })

  it('how much is over', async () => {
    const parts = [deferred(), deferred(), deferred(), deferred()]
    const all = gather(parts.map(({ promise }) => promise))
    expect(all.progress).toBe(0)
    parts[2].resolve(undefined)
    await settle()
    expect(all.progress).toBe(0.25)
    for (const { resolve } of parts) resolve(undefined)
    await all
    expect(all.progress).toBe(1)
  })
})

describe('a limit', () => {
  it('is how many functions run at once, and they begin in order', async () => {
    let running = 0
    let most = 0
    const began: number[] = []
    const functions = Array.from({ length: 20 }, (_, i) => async () => {
      began.push(i)
      most = Math.max(most, ++running)
      await settle()
      running--
      return i
    })
    expect(await gather(functions, { limit: 3 })).toEqual(functions.map((_, i) => i))
    expect(most).toBe(3)
    expect(began).toEqual(functions.map((_, i) => i))
  })

  it.each(['sync', 'async'])('asks a %s source for an item when there is a place', async (kind) => {
    const gates = Array.from({ length: 6 }, () => deferred())
    let asked = 0
    function* numbers() {
      for (const { promise } of gates) {
        asked++
        yield () => promise
      }
    }
    async function* later() {
      yield* numbers()
    }
    const all = gather(kind === 'sync' ? numbers() : later(), { limit: 2 })
    await settle()
    expect(asked).toBe(2)
    gates[1].resolve(undefined)
    await settle()
    expect(asked).toBe(3)
    for (const { resolve } of gates) resolve(undefined)
    expect(await all).toHaveLength(6)
  })

  it('counts no promise of an array, and one that fails ends it before its turn', async () => {
    const error = new Error('early')
    const failing = deferred()
    const all = gather([untilAborted, untilAborted, failing.promise], { limit: 1 })
    await settle()
    failing.reject(error)
    expect(await reasonOf(all)).toBe(error)
  })
})

describe('the first error', () => {
  it('is the rejection, and cancels Tasks and functions; what has not begun never does', async () => {
    const error = new Error('first')
    const task = delay(1e9)
    let reason: unknown
    let begun = false
    const all = gather(
      [
        task,
        async (signal: AbortSignal) => {
          reason = await reasonOf(untilAborted(signal))
        },
        async () => {
          await settle()
          throw error
        },
        () => (begun = true),
      ],
      { limit: 2 },
    )
    expect(await reasonOf(all)).toBe(error)
    expect(all.status).toBe('failed')
    expect(await reasonOf(task)).toMatchObject({ name: 'AbortError', cause: error })
    await settle()
    expect(reason).toMatchObject({ name: 'AbortError', cause: error })
    expect(begun).toBe(false)
  })

  it('does not wait for what ignores its signal', async () => {
    const never = new Promise<never>(() => {})
    expect(await reasonOf(gather([() => never, never, () => Promise.reject(new Error('x'))]))).toEqual(new Error('x'))
  })

  it('cancels a Task that a function gave', async () => {
    const task = delay(1e9)
    await reasonOf(gather([() => task, () => Promise.reject(new Error('x'))]))
    expect(task.status).toBe('cancelled')
  })

  it('may be thrown by the source, which is closed when something else fails', async () => {
    const error = new Error('of the source')
    const task = delay(1e9)
    async function* broken() {
      yield () => task
      await settle()
      throw error
    }
    expect(await reasonOf(gather(broken()))).toBe(error)
    expect(task.status).toBe('cancelled')
    let closed = false
    function* endless() {
      try {
        for (;;) yield () => Promise.reject(error)
      } finally {
        closed = true
      }
    }
    expect(await reasonOf(gather(endless(), { limit: 1 }))).toBe(error)
    expect(closed).toBe(true)
  })

  it('cancels a task of a Pool', async () => {
    const pool = new Pool({ workers: 1 })
    const task = pool.submit(() => {
      for (;;);
    })
    await reasonOf(gather([task, delay(1).then(() => Promise.reject(new Error('x')))]))
    await reasonOf(task)
    expect(task.status).toBe('cancelled')
    await pool.terminate()
  })
})

describe('gather ends early', () => {
  it('by its signal, with the reason', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const task = delay(1e9)
    let told: unknown
    const all = gather([task, (signal: AbortSignal) => untilAborted(signal).catch((why: unknown) => (told = why))], {
      signal: controller.signal,
    })
    expect(listeners(controller.signal)).toBe(1)
    controller.abort(reason)
    expect(await reasonOf(all)).toBe(reason)
    expect(all.status).toBe('cancelled')
    expect(await reasonOf(task)).toBe(reason)
    await settle()
    expect(told).toBe(reason)
    expect(listeners(controller.signal)).toBe(0)
  })

  it('before it began, where the signal has aborted: nothing is called, Tasks are cancelled', async () => {
    const task = delay(1e9)
    let called = false
    const all = gather([task, () => (called = true)], { signal: AbortSignal.abort('no') })
    expect(await reasonOf(all)).toBe('no')
    expect(called).toBe(false)
    expect(await reasonOf(task)).toBe('no')
  })

  it('by its timeout and by cancel', async () => {
    expect(await reasonOf(gather([untilAborted], { timeout: 1 }))).toMatchObject({ name: 'TimeoutError' })
    const all = gather([untilAborted])
    all.cancel()
    expect(await reasonOf(all)).toMatchObject({ name: 'AbortError' })
  })
})

describe('gather', () => {
  it('leaves no listener behind', async () => {
    const { signal } = new AbortController()
    await Promise.all(Array.from({ length: 50 }, () => gather([1, () => 2], { signal, timeout: 1e9 })))
    await Promise.allSettled(
      Array.from({ length: 50 }, () => gather([() => Promise.reject(new Error('x'))], { signal })),
    )
    expect(listeners(signal)).toBe(0)
  })

  it('runs functions and sources in the context of the call', async () => {
    const storage = new AsyncLocalStorage<string>()
    const shared = settle()
    const read = async () => {
      await shared
      return storage.getStore()
    }
    async function* source() {
      for (let i = 0; i < 3; i++) {
        const store = storage.getStore()
        yield () => store
      }
    }
    const runs = ['a', 'b'].map((name) =>
      storage.run(name, async () => [
        ...(await gather([shared, read, read, () => storage.getStore()], { limit: 1 })).slice(1),
        ...(await gather(source(), { limit: 1 })),
      ]),
    )
    expect(await Promise.all(runs)).toEqual([Array(6).fill('a'), Array(6).fill('b')])
  })

  it('refuses misuse by rejecting', async () => {
    const bad = [5, 'abc', null, undefined, {}, () => {}, Promise.resolve([])]
    for (const tasks of bad) expect(await reasonOf(gather(tasks as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(gather([], 5 as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(gather([], { limit: 0 }))).toBeInstanceOf(RangeError)
    expect(await reasonOf(gather([], { limit: 'x' as never }))).toEqual(
      new TypeError("Expected `limit` to be an integer from 1 and up, got `'x'` (string)"),
    )
    expect(await reasonOf(gather([], { signal: {} as never }))).toBeInstanceOf(TypeError)
    expect(await reasonOf(gather([], { settle: 1 as never }))).toBeInstanceOf(TypeError)
    expect(await reasonOf(gather([], { timeout: NaN }))).toBeInstanceOf(RangeError)
  })
})
