import { setTimeout as delay } from 'node:timers/promises'

import { Held, Lock, Pool, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'
import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

describe.each([false, true])('a lock, fair: %s', (fair) => {
  it('is held by one at a time among promises, each of which gets it', async () => {
    const lock = new Lock({ fair })
    const order: number[] = []
    let inside = 0
    const enter = async (i: number): Promise<void> => {
      const held = await lock.acquire()
      expect(++inside).toBe(1)
      await Promise.resolve()
      order.push(i)
      inside--
      held.release()
    }
    await Promise.all(Array.from({ length: 300 }, (_, i) => enter(i)))
    expect(order).toEqual(Array.from({ length: 300 }, (_, i) => i))
    expect(lock.locked).toBe(false)
  })

  it('keeps a counter exact between the main thread, the workers of a pool and raw workers', async () => {
    const lock = new Lock({ fair })
    const counter = new Int32Array(new SharedArrayBuffer(4))
    const blocking = (ownLock: Lock, ownCounter: Int32Array, times: number): void => {
      for (let i = 0; i < times; i++) {
        const held = ownLock.acquireSync()
        ownCounter[0] = ownCounter[0] + 1
        held.release()
      }
    }
    const awaiting = async (ownLock: Lock, ownCounter: Int32Array, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await ownLock.with(() => {
          ownCounter[0] = ownCounter[0] + 1
        })
      }
    }
    await Promise.all([
      pool.submit(blocking, lock, counter, 5000),
      pool.submit(awaiting, lock, counter, 500),
      startRaw(blocking, [lock, counter, 5000], 'workerData').result,
      startRaw(awaiting, [lock, counter, 500], 'MessagePort').result,
      awaiting(lock, counter, 500),
    ])
    expect(counter[0]).toBe(11_500)
  })
})

describe.each<Way>(['workerData', 'MessagePort'])('a handle sent by %s', (way) => {
  it('stands for the same lock', async () => {
    const lock = new Lock({ name: 'shared' })
    const held = await lock.acquire()
    const seen = startRaw(
      (ownLock: Lock) => [ownLock.name, ownLock.locked, ownLock.tryAcquire() === undefined],
      [lock],
      way,
    )
    expect(await seen.result).toEqual(['shared', true, true])
    held.release()
  })
})

describe('a lock', () => {
  it('is one object in one thread, however often it is opened', async () => {
    const lock = new Lock()
    expect(Lock.from(lock.handle)).toBe(lock)
    expect(Lock.from(structuredClone(lock.handle))).toBe(lock)
    expect(Lock.from(lock)).toBe(lock)
    const inWorker = await pool.submit((one: Lock, { two }: { two: Lock }) => one === two, lock, { two: lock })
    expect(inWorker).toBe(true)
  })

  it('can be made in a worker and sent back', async () => {
    const lock = await pool.submit(() => {
      const offloop = require('offloop')
      return new offloop.Lock({ name: 'from afar' })
    })
    expect(lock).toBeInstanceOf(Lock)
    expect(lock.name).toBe('from afar')
    await lock.with(() => expect(lock.locked).toBe(true))
  })

  it('gives what the function gives, and is released when that throws', async () => {
    const lock = new Lock()
    expect(await lock.with(async (held) => [held.isHeld, lock.locked])).toEqual([true, true])
    await expect(lock.with(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(lock.locked).toBe(false)
  })

  it('is released by dispose, once', async () => {
    const lock = new Lock()
    const held = await lock.acquire()
    expect(held).toBeInstanceOf(Held)
    held[Symbol.dispose]()
    held[Symbol.dispose]()
    expect([lock.locked, held.isHeld]).toEqual([false, false])
    await (await lock.acquire())[Symbol.asyncDispose]()
    expect(lock.locked).toBe(false)
  })

  it('is taken by tryAcquire where it is free', () => {
    const lock = new Lock()
    const held = lock.tryAcquire()
    expect(held?.isHeld).toBe(true)
    expect(lock.tryAcquire()).toBeUndefined()
    lock.release()
    expect(lock.tryAcquire()).toBeInstanceOf(Held)
  })

  it('serves in order of arrival when it is fair, between threads as well', async () => {
    const lock = new Lock({ fair: true })
    const log = new Int32Array(new SharedArrayBuffer(16))
    const held = await lock.acquire()
    const take = async (ownLock: Lock, ownLog: Int32Array, who: number): Promise<void> => {
      Atomics.add(ownLog, 3, 1)
      await ownLock.with(() => {
        ownLog[Atomics.add(ownLog, 2, 1)] = who
      })
    }
    const first = pool.submit(take, lock, log, 1)
    while (Atomics.load(log, 3) < 1) await delay(1)
    await delay(20)
    const second = take(lock, log, 2)
    held.release()
    // One that comes now has to wait its turn.
    expect(lock.tryAcquire()).toBeUndefined()
    await Promise.all([first, second])
    expect([log[0], log[1]]).toEqual([1, 2])
  })

  it('ends a wait by timeout or signal, and goes on to the next', async () => {
    const lock = new Lock()
    const held = await lock.acquire()
    await expect(lock.acquire({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(lock.acquire({ timeout: 0 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(lock.acquire({ signal: AbortSignal.abort('why') })).rejects.toBe('why')
    const controller = new AbortController()
    const aborted = lock.acquire({ signal: controller.signal })
    const next = lock.acquire()
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    held.release()
    expect((await next).isHeld).toBe(true)
  })

  it('is not taken by a wait whose time was over while it began', async () => {
    const lock = new Lock()
    const held = await lock.acquire()
    const waits = Array.from({ length: 3000 }, (_, i) => lock.acquire({ timeout: (i % 100) / 10_000 }))
    const outcomes = await Promise.allSettled(waits)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toEqual([])
    held.release()
    await delay(5)
    expect(lock.locked).toBe(false)
  })

  it('ends a blocking wait by timeout, and by the cancel of its task', async () => {
    const lock = new Lock()
    const held = await lock.acquire()
    const timed = pool.submit((ownLock: Lock) => {
      try {
        ownLock.acquireSync({ timeout: 10 })
      } catch (error) {
        return (error as Error).name
      }
    }, lock)
    expect(await timed).toBe('TimeoutError')
    const started = new SharedEvent()
    const blocked = pool.submit(
      (ownLock: Lock, ownStarted: SharedEvent) => {
        ownStarted.set()
        // The lock may come before the cancel is seen.
        ownLock.acquireSync().release()
      },
      lock,
      started,
    )
    await started.wait()
    blocked.cancel()
    await expect(blocked).rejects.toMatchObject({ name: 'AbortError' })
    held.release()
    // The cancelled wait took nothing with it.
    const next = await lock.acquire({ timeout: 10_000 })
    next.release()
  })

  it('goes to the next as abandoned when its thread ends', async () => {
    const lock = new Lock()
    const holding = new SharedEvent()
    const { worker } = startRaw(
      (ownLock: Lock, ownHolding: SharedEvent) => {
        ownLock.acquireSync()
        ownHolding.set()
        return new Promise(() => setInterval(() => {}, 1000))
      },
      [lock, holding],
    )
    await holding.wait()
    const waiting = pool.submit((ownLock: Lock) => {
      const held = ownLock.acquireSync()
      const { abandoned } = held
      held.release()
      return abandoned
    }, lock)
    expect(lock.tryAcquire()).toBeUndefined()
    await worker.terminate()
    expect(await waiting).toBe(true)
    const held = await lock.acquire()
    expect(held.abandoned).toBe(false)
    held.release()
  })

  it('is free for tryAcquire when the thread that holds it ends', async () => {
    const lock = new Lock({ fair: true })
    const { worker, result } = startRaw((ownLock: Lock) => ownLock.acquireSync().isHeld, [lock])
    expect(await result).toBe(true)
    await worker.terminate()
    expect(lock.locked).toBe(false)
    expect(lock.tryAcquire()?.abandoned).toBe(true)
  })
})

describe('a process', () => {
  it('lives as long as somebody waits in it, and ends after that by itself', async () => {
    const source = `
      import { Lock } from 'offloop'
      const lock = new Lock()
      await lock.acquire()
      lock.acquire({ timeout: 250 }).catch((error) => console.log(JSON.stringify(error.name)))`
    expect(await jsonFrom(source)).toBe('TimeoutError')
  })

  it('is not kept alive by a lock that is held, nor by one that was waited for', async () => {
    const source = `
      import { Lock } from 'offloop'
      const lock = new Lock()
      const held = await lock.acquire()
      setTimeout(() => held.release(), 20)
      await lock.acquire()
      console.log(true)`
    expect(await jsonFrom(source)).toBe(true)
  })
})

describe('misuse of a lock', () => {
  it('is a TypeError or RangeError that says so', async () => {
    // @ts-expect-error no boolean
    expect(() => new Lock({ fair: 1 })).toThrow('Expected `fair` to be a boolean, got `1` (number)')
    // @ts-expect-error no string
    expect(() => new Lock({ name: 1 })).toThrow('Expected `name` to be a string')
    // @ts-expect-error no object
    expect(() => new Lock(null)).toThrow('Expected `options` to be an object')
    expect(() => Lock.from({})).toThrow('Expected `handle` to be the `handle` of a Lock')
    expect(() => Lock.from(new SharedEvent().handle)).toThrow(TypeError)
    const lock = new Lock()
    await expect(lock.acquire({ timeout: -1 })).rejects.toThrow(RangeError)
    // @ts-expect-error no number
    await expect(lock.acquire({ timeout: '1' })).rejects.toThrow(TypeError)
    // @ts-expect-error no signal
    await expect(lock.acquire({ signal: {} })).rejects.toThrow('Expected `signal` to be an AbortSignal')
    // @ts-expect-error no function
    await expect(lock.with(1)).rejects.toThrow('Expected `fn` to be a function')
    // @ts-expect-error no token
    expect(() => lock.release(1)).toThrow('Expected `held` to be the token')
    expect(lock.locked).toBe(false)
  })

  it('is ERR_OFFLOOP_NOT_HELD for a release without hold', async () => {
    const code = 'ERR_OFFLOOP_NOT_HELD'
    const lock = new Lock({ name: 'db' })
    expect(() => lock.release()).toThrow(expect.objectContaining({ code, message: expect.stringContaining('`db`') }))
    const held = await lock.acquire()
    const other = await new Lock().acquire()
    expect(() => lock.release(other)).toThrow(expect.objectContaining({ code }))
    held.release()
    expect(() => held.release()).toThrow(expect.objectContaining({ code }))
    const again = await lock.acquire()
    expect(() => lock.release(held)).toThrow(expect.objectContaining({ code }))
    expect(again.isHeld).toBe(true)
    await expect(pool.submit((ownLock: Lock) => ownLock.release(), lock)).rejects.toMatchObject({ code })
    expect(lock.locked).toBe(true)
  })

  it('is ERR_OFFLOOP_MAIN_THREAD for a blocking form there', () => {
    expect(() => new Lock().acquireSync()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' }))
  })

  it('is ERR_OFFLOOP_DEADLOCK where a thread would block for what it holds itself', async () => {
    const lock = new Lock()
    const twice = (ownLock: Lock): void => {
      ownLock.acquireSync()
      try {
        ownLock.acquireSync()
      } finally {
        ownLock.release()
      }
    }
    await expect(pool.submit(twice, lock)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DEADLOCK' })
    const timed = (ownLock: Lock): void => {
      const held = ownLock.acquireSync()
      try {
        ownLock.acquireSync({ timeout: 5 })
      } finally {
        held.release()
      }
    }
    await expect(pool.submit(timed, lock)).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(lock.locked).toBe(false)
  })

  it('is refused before a lock is sent to a process', async () => {
    const processes = new Pool({ workers: 1, backend: 'process' })
    await expect(processes.submit((lock: Lock) => lock.locked, new Lock())).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_BACKEND',
    })
    await processes.close()
  })
})
