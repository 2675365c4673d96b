import { BoundedSemaphore, Pool, Semaphore, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

describe.each([Semaphore, BoundedSemaphore])('a %o', (Class) => {
  it('lets in as many as it has permits, in all threads together', async () => {
    const semaphore = new Class(2)
    const inside = new Int32Array(new SharedArrayBuffer(8))
    const blocking = (ownSemaphore: Semaphore, ownInside: Int32Array): void => {
      for (let i = 0; i < 500; i++) {
        const held = ownSemaphore.acquireSync()
        const now = Atomics.add(ownInside, 0, 1) + 1
        if (now > 2) Atomics.store(ownInside, 1, now)
        Atomics.sub(ownInside, 0, 1)
        held.release()
      }
    }
    const awaiting = async (ownSemaphore: Semaphore, ownInside: Int32Array): Promise<void> => {
      for (let i = 0; i < 200; i++) {
        await ownSemaphore.with(async () => {
          const now = Atomics.add(ownInside, 0, 1) + 1
          if (now > 2) Atomics.store(ownInside, 1, now)
          await Promise.resolve()
          Atomics.sub(ownInside, 0, 1)
        })
      }
    }
    await Promise.all([
      pool.submit(blocking, semaphore, inside),
      pool.submit(awaiting, semaphore, inside),
      startRaw(blocking, [semaphore, inside], 'MessagePort').result,
      awaiting(semaphore, inside),
      awaiting(semaphore, inside),
    ])
    expect([semaphore.value, ...inside]).toEqual([2, 0, 0])
  })

  it('counts: several permits at once', async () => {
    const semaphore = new Class(5)
    const held = await semaphore.acquire(3)
    expect(semaphore.value).toBe(2)
    expect(semaphore.tryAcquire(3)).toBeUndefined()
    expect(semaphore.tryAcquire(2)?.isHeld).toBe(true)
    held.release()
    expect(semaphore.value).toBe(3)
    semaphore.release(2)
    expect(semaphore.value).toBe(5)
  })

  it('ends waits by timeout and signal, which take no permit', async () => {
    const semaphore = new Class(1)
    const held = await semaphore.acquire()
    await expect(semaphore.acquire({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    const controller = new AbortController()
    const aborted = semaphore.acquire(1, { signal: controller.signal })
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    const timed = pool.submit((ownSemaphore: Semaphore) => void ownSemaphore.acquireSync(1, { timeout: 5 }), semaphore)
    await expect(timed).rejects.toMatchObject({ name: 'TimeoutError' })
    held.release()
    expect(semaphore.value).toBe(1)
  })

  it.each<Way>(['workerData', 'MessagePort'])('is the same in a raw worker, sent by %s', async (way) => {
    const semaphore = new Class(3)
    const { result } = startRaw(
      (ownSemaphore: Semaphore) => {
        ownSemaphore.acquireSync(2)
        return [ownSemaphore.constructor.name, ownSemaphore.value]
      },
      [semaphore],
      way,
    )
    expect(await result).toEqual([Class.name, 1])
    expect(semaphore.value).toBe(1)
  })

  it('refuses what makes no sense', async () => {
    const semaphore = new Class(2)
    // @ts-expect-error no number
    expect(() => new Class('1')).toThrow(TypeError)
    expect(() => new Class(-1)).toThrow(RangeError)
    await expect(semaphore.acquire(0)).rejects.toThrow(RangeError)
    await expect(semaphore.acquire(1.5)).rejects.toThrow(RangeError)
    expect(() => semaphore.release(0)).toThrow('Expected `n` to be an integer')
    expect(() => semaphore.acquireSync()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' }))
    const held = await semaphore.acquire()
    semaphore.release(held)
    expect(() => semaphore.release(held)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_HELD' }))
    expect(semaphore.value).toBe(2)
  })
})

describe('a Semaphore', () => {
  it('is released by whom it pleases, as a count of what there is', async () => {
    const items = new Semaphore(0)
    const consumer = pool.submit(async (ownItems: Semaphore) => {
      let got = 0
      for (; got < 10; got++) await ownItems.acquire()
      return got
    }, items)
    for (let i = 0; i < 5; i++) items.release(2)
    expect(await consumer).toBe(10)
    expect(items.value).toBe(0)
  })

  it('does not let one who wants many keep those back who want few', async () => {
    const semaphore = new Semaphore(0)
    const many = semaphore.acquire(3)
    const few = semaphore.acquire(1)
    semaphore.release()
    await few
    semaphore.release(3)
    await many
    expect(semaphore.value).toBe(0)
  })

  it('serves in order when it is fair, many or few', async () => {
    const semaphore = new Semaphore(0, { fair: true })
    const order: string[] = []
    const many = semaphore.acquire(3).then(() => order.push('many'))
    const few = semaphore.acquire(1).then(() => order.push('few'))
    semaphore.release()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(order).toEqual([])
    semaphore.release(3)
    await Promise.all([many, few])
    expect(order).toEqual(['many', 'few'])
  })

  it('has a value that can be counted', () => {
    const semaphore = new Semaphore(2 ** 31 - 1)
    expect(() => semaphore.release()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_OVER_RELEASE' }))
  })

  it('keeps what a thread had taken that ended', async () => {
    const semaphore = new Semaphore(2)
    const taken = new SharedEvent()
    const { worker } = startRaw(
      (ownSemaphore: Semaphore, ownTaken: SharedEvent) => {
        ownSemaphore.acquireSync()
        ownTaken.set()
        return new Promise(() => setInterval(() => {}, 1000))
      },
      [semaphore, taken],
    )
    await taken.wait()
    await worker.terminate()
    expect(semaphore.value).toBe(1)
  })
})

describe('a BoundedSemaphore', () => {
  it('refuses a release too many, and keeps its value', async () => {
    const semaphore = new BoundedSemaphore(2, { name: 'slots' })
    const error = expect.objectContaining({
      code: 'ERR_OFFLOOP_OVER_RELEASE',
      message: expect.stringContaining('`slots`'),
    })
    expect(() => semaphore.release()).toThrow(error)
    await semaphore.acquire()
    expect(() => semaphore.release(2)).toThrow(error)
    semaphore.release()
    await expect(pool.submit((one: BoundedSemaphore) => one.release(), semaphore)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_OVER_RELEASE',
    })
    expect(semaphore.value).toBe(2)
  })

  it('refuses to wait for more than it has', async () => {
    await expect(new BoundedSemaphore(2).acquire(3)).rejects.toThrow('Expected `n` to be an integer from 1 to 2')
  })
})
