import { setTimeout as delay } from 'node:timers/promises'

import { Condition, Held, Lock, Pool, RLock, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

/** Starts `count` waits, one after another; each notes its number when it is over. */
async function waiters(condition: Condition, count: number, over: number[]): Promise<Promise<void>[]> {
  const all = Array.from({ length: count }, (_, i) =>
    condition.with(async (held) => {
      await condition.wait(held)
      over.push(i)
    }),
  )
  // The lock is free for this when all of them wait.
  await condition.with(() => {})
  return all
}

describe.each([Lock, RLock])('a condition of a %o', (Class) => {
  it('notifies as many as it is told, the oldest first', async () => {
    const condition = new Condition(new Class())
    const over: number[] = []
    const all = await waiters(condition, 5, over)
    await condition.with(() => condition.notify())
    await all[0]
    await condition.with(() => condition.notify(2))
    await Promise.all(all.slice(0, 3))
    await delay(20)
    expect(over).toEqual([0, 1, 2])
    await condition.with(() => condition.notifyAll())
    await Promise.all(all)
    expect(over).toEqual([0, 1, 2, 3, 4])
    expect(condition.lock.locked).toBe(false)
  })

  it('passes things between threads, none lost and none twice', async () => {
    const condition = new Condition(new Class())
    const box = new Int32Array(new SharedArrayBuffer(8))
    const take = (ownCondition: Condition, ownBox: Int32Array, count: number): number => {
      let sum = 0
      for (let i = 0; i < count; i++) {
        const held = ownCondition.acquireSync()
        ownCondition.waitForSync(() => ownBox[0] !== 0, held)
        sum += ownBox[0]
        ownBox[0] = 0
        ownCondition.notifyAll()
        held.release()
      }
      return sum
    }
    const put = async (ownCondition: Condition, ownBox: Int32Array, from: number, count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        await ownCondition.with(async (held) => {
          await ownCondition.waitFor(() => ownBox[0] === 0, held)
          ownBox[0] = from + i
          ownCondition.notifyAll()
        })
      }
    }
    const sums = await Promise.all([
      pool.submit(take, condition, box, 100),
      startRaw(take, [condition, box, 100], 'MessagePort').result,
      pool.submit(put, condition, box, 1, 100).then(() => 0),
      put(condition, box, 101, 100).then(() => 0),
    ])
    expect(sums.reduce((a, b) => a + b)).toBe((200 * 201) / 2)
  })
})

describe('a condition', () => {
  it('holds the lock again after a wait, whatever ended it', async () => {
    const condition = new Condition(new Lock())
    await condition.with(async (held) => {
      await expect(condition.wait(held, { timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
      expect([held.isHeld, condition.lock.locked]).toEqual([true, true])
      const controller = new AbortController()
      const aborted = condition.wait(held, { signal: controller.signal })
      expect([held.isHeld, condition.lock.locked]).toEqual([false, false])
      controller.abort('enough')
      await expect(aborted).rejects.toBe('enough')
      expect([held.isHeld, condition.lock.locked]).toEqual([true, true])
      await expect(condition.wait({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
      expect(held.isHeld).toBe(true)
    })
    expect(condition.lock.locked).toBe(false)
  })

  it('releases an RLock from any depth, and comes back to it', async () => {
    const lock = new RLock()
    const condition = new Condition(lock)
    const waiting = pool.submit((ownCondition: Condition) => {
      const own = ownCondition.lock
      own.acquireSync()
      own.acquireSync()
      ownCondition.waitSync()
      own.release()
      const still = own.locked
      own.release()
      return [still, own.locked]
    }, condition)
    for (let over = false; !over; await delay(1)) {
      over = await Promise.race([waiting.then(() => true), delay(1, false)])
      if (!over) await condition.with(() => condition.notify())
    }
    expect(await waiting).toEqual([true, false])
  })

  it('keeps a notice for who waited when it was given, though another comes', async () => {
    const condition = new Condition()
    const over: number[] = []
    const [first] = await waiters(condition, 1, over)
    await condition.with(async (held) => {
      condition.notify()
      // A newcomer, before the first could run.
      await expect(condition.wait(held, { timeout: 20 })).rejects.toMatchObject({ name: 'TimeoutError' })
    })
    await first
    expect(over).toEqual([0])
  })

  it('gives a notice to the next where one gives up before', async () => {
    const condition = new Condition()
    const results = await Promise.all([
      condition.with((held) => condition.wait(held, { timeout: 5 }).catch((error: Error) => error.name)),
      condition.with((held) => condition.wait(held)),
      delay(40).then(() => condition.with(() => condition.notify())),
    ])
    expect(results[0]).toBe('TimeoutError')
  })

  it('gives a notice to one of two, though the other may time out at that very time', async () => {
    const condition = new Condition()
    const asked = new Int32Array(new SharedArrayBuffer(4))
    const outcomes = { notified: 0, timedOut: 0 }
    const waitShortly = (there: Condition, flag: Int32Array, timeout: number): 'notified' | 'timedOut' => {
      const held = there.acquireSync()
      Atomics.store(flag, 0, 1)
      try {
        there.waitSync(held, { timeout })
        return 'notified'
      } catch {
        return 'timedOut'
      } finally {
        held.release()
      }
    }
    for (let round = 0; round < 60; round++) {
      const over: number[] = []
      asked[0] = 0
      const there = pool.submit(waitShortly, condition, asked, round % 4)
      while (Atomics.load(asked, 0) === 0) await delay(0)
      const [here] = await waiters(condition, 1, over)
      await condition.with(() => condition.notify())
      const outcome = await there
      outcomes[outcome]++
      if (outcome === 'notified') await condition.with(() => condition.notify())
      await here
    }
    expect(outcomes.notified + outcomes.timedOut).toBe(60)
    expect(outcomes.timedOut).toBeGreaterThan(0)
  })

  it('gives what the predicate gives, which has the last word', async () => {
    const condition = new Condition()
    let value = ''
    const got = condition.with((held) => condition.waitFor(async () => value, held))
    await condition.with(() => condition.notifyAll())
    await condition.with(() => {
      value = 'ready'
      condition.notifyAll()
    })
    expect(await got).toBe('ready')
    await condition.with(async () => {
      expect(await condition.waitFor(() => 7, { timeout: 0 })).toBe(7)
      await expect(condition.waitFor(() => false, { timeout: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
      const late = performance.now() + 20
      expect(await condition.waitFor(() => performance.now() >= late, { timeout: 20 })).toBe(true)
      const failing = () => {
        throw new Error('no')
      }
      await expect(condition.waitFor(failing)).rejects.toThrow('no')
    })
  })

  it('belongs to the lock it was sent with', async () => {
    const lock = new Lock()
    const condition = new Condition(lock)
    const same = await pool.submit(
      (ownCondition: Condition, ownLock: Lock) => ownCondition.lock === ownLock,
      condition,
      lock,
    )
    expect(same).toBe(true)
    for (const way of ['workerData', 'MessagePort'] as Way[]) {
      const { result } = startRaw(
        (ownLock: Lock, ownCondition: Condition) => ownCondition.lock === ownLock,
        [lock, condition],
        way,
      )
      expect(await result).toBe(true)
    }
  })

  it('forgets waits of a thread that has ended', async () => {
    const condition = new Condition()
    const inside = new SharedEvent()
    const { worker } = startRaw(
      (ownCondition: Condition, ownInside: SharedEvent) => {
        ownCondition.acquireSync()
        ownInside.set()
        ownCondition.waitSync()
      },
      [condition, inside],
    )
    await inside.wait()
    const over: number[] = []
    const [mine] = await waiters(condition, 1, over)
    await worker.terminate()
    await condition.with(() => condition.notify())
    await mine
    expect(over).toEqual([0])
  })

  it('does not get a lock back that was disposed while it waited', async () => {
    const condition = new Condition(new Lock())
    const held = await condition.acquire()
    const waiting = condition.wait(held)
    held[Symbol.dispose]()
    await condition.with(() => condition.notify())
    await waiting
    expect(condition.lock.locked).toBe(false)
  })

  it('refuses who does not hold the lock', async () => {
    const code = 'ERR_OFFLOOP_NOT_HELD'
    const condition = new Condition()
    await expect(condition.wait()).rejects.toMatchObject({ code })
    await expect(condition.waitFor(() => false)).rejects.toMatchObject({ code })
    expect(() => condition.notify()).toThrow(expect.objectContaining({ code }))
    expect(() => condition.notifyAll()).toThrow(expect.objectContaining({ code }))
    const other = await new Lock().acquire()
    await expect(condition.with(() => condition.wait(other))).rejects.toMatchObject({ code })
    expect(other).toBeInstanceOf(Held)
  })

  it('refuses what makes no sense', async () => {
    // @ts-expect-error no lock
    expect(() => new Condition({})).toThrow('Expected `lock` to be a Lock or an RLock')
    const condition = new Condition()
    await condition.with(async () => {
      expect(() => condition.notify(0)).toThrow(RangeError)
      // @ts-expect-error no function
      await expect(condition.waitFor(1)).rejects.toThrow('Expected `predicate` to be a function')
      // @ts-expect-error no token
      await expect(condition.wait(1)).rejects.toThrow(TypeError)
    })
    expect(() => condition.waitSync()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' }))
  })
})
