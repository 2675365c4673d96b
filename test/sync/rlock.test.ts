import { Pool, RLock, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

describe('an RLock', () => {
  it('is entered again by its token, and free when all tokens are released', async () => {
    const lock = new RLock()
    const first = await lock.acquire()
    const second = await lock.acquire({ held: first })
    const third = lock.tryAcquire({ held: second })
    expect(third?.isHeld).toBe(true)
    first.release()
    expect([first.isHeld, second.isHeld, lock.locked]).toEqual([false, true, true])
    third?.release()
    second.release()
    expect(lock.locked).toBe(false)
  })

  it('is entered again by with(held, fn), at any depth', async () => {
    const lock = new RLock()
    const walk = (depth: number, held?: Parameters<typeof lock.release>[0]): Promise<number> => {
      if (depth === 0) return Promise.resolve(0)
      const deeper = async (own: NonNullable<typeof held>): Promise<number> => 1 + (await walk(depth - 1, own))
      return held === undefined ? lock.with(deeper) : lock.with(held, deeper)
    }
    expect(await walk(5)).toBe(5)
    expect(lock.locked).toBe(false)
  })

  it('keeps other promises of the thread out', async () => {
    const lock = new RLock()
    const held = await lock.acquire()
    await expect(lock.acquire({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(lock.tryAcquire()).toBeUndefined()
    held.release()
  })

  it('is entered again by the thread in the blocking form, by any of its objects', async () => {
    const lock = new RLock()
    const nested = (ownLock: RLock, copy: RLock): unknown => {
      ownLock.acquireSync()
      copy.acquireSync()
      const third = ownLock.tryAcquire()
      const seen = [third !== undefined]
      ownLock.release()
      ownLock.release()
      seen.push(ownLock.locked)
      copy.release()
      return [...seen, ownLock.locked]
    }
    expect(await pool.submit(nested, lock, RLock.from(structuredClone(lock.handle)))).toEqual([true, true, false])
    for (const way of ['workerData', 'MessagePort'] as Way[]) {
      expect(await startRaw(nested, [lock, lock], way).result).toEqual([true, true, false])
    }
  })

  it('stays the thread’s between tasks, without anybody keeping a token', async () => {
    const one = new Pool({ workers: 1 })
    const lock = new RLock()
    await one.submit((ownLock: RLock) => void ownLock.acquireSync(), lock)
    await one.submit(() => {
      const junk = []
      for (let i = 0; i < 2e5; i++) junk.push({ i })
      return junk.length
    })
    expect(lock.tryAcquire()).toBeUndefined()
    await one.submit((ownLock: RLock) => void ownLock.acquireSync(), lock)
    await one.submit((ownLock: RLock) => ownLock.release(), lock)
    expect(lock.locked).toBe(true)
    await one.submit((ownLock: RLock) => ownLock.release(), lock)
    expect(lock.locked).toBe(false)
    await one.close()
  })

  it('excludes other threads: nested updates are exact', async () => {
    const lock = new RLock()
    const counter = new Int32Array(new SharedArrayBuffer(4))
    const work = (ownLock: RLock, ownCounter: Int32Array): void => {
      for (let i = 0; i < 2000; i++) {
        const outer = ownLock.acquireSync()
        const inner = ownLock.acquireSync()
        ownCounter[0] = ownCounter[0] + 1
        inner.release()
        ownCounter[0] = ownCounter[0] + 1
        outer.release()
      }
    }
    await Promise.all([pool.submit(work, lock, counter), pool.submit(work, lock, counter)])
    expect(counter[0]).toBe(8000)
  })

  it('goes to the next as abandoned, however deep its thread was in it', async () => {
    const lock = new RLock()
    const inside = new SharedEvent()
    const { worker } = startRaw(
      (ownLock: RLock, ownInside: SharedEvent) => {
        ownLock.acquireSync()
        ownLock.acquireSync()
        ownInside.set()
        return new Promise(() => setInterval(() => {}, 1000))
      },
      [lock, inside],
    )
    await inside.wait()
    const next = lock.acquire()
    await worker.terminate()
    const held = await next
    expect(held.abandoned).toBe(true)
    held.release()
    expect(lock.locked).toBe(false)
  })
})

describe('misuse of an RLock', () => {
  const code = 'ERR_OFFLOOP_NOT_HELD'

  it('is an error for tokens that are spent or of another lock', async () => {
    const lock = new RLock()
    const other = await new RLock().acquire()
    await expect(lock.acquire({ held: other })).rejects.toMatchObject({ code })
    await expect(lock.with(other, () => 1)).rejects.toMatchObject({ code })
    const held = await lock.acquire()
    held.release()
    await expect(lock.acquire({ held })).rejects.toMatchObject({ code })
    expect(() => lock.release()).toThrow(expect.objectContaining({ code }))
    // @ts-expect-error no token
    await expect(lock.acquire({ held: 1 })).rejects.toThrow('Expected `held` to be the token')
    // @ts-expect-error no function
    await expect(lock.with(held, 1)).rejects.toThrow('Expected `fn` to be a function')
  })

  it('is an error where a thread would block for what one of its promises holds', async () => {
    const task = pool.submit(async (lock: RLock) => {
      const held = await lock.acquire()
      try {
        lock.acquireSync()
      } finally {
        held.release()
      }
    }, new RLock())
    await expect(task).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DEADLOCK' })
    expect(() => new RLock().acquireSync()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' }))
  })
})
