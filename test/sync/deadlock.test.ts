import { setTimeout as delay } from 'node:timers/promises'

import { Barrier, Condition, Lock, Pool, RLock, RWLock, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'

// Debug mode. No test here ends by itself where a deadlock is not found.

const pool = new Pool({ workers: 3 })
afterAll(() => pool.terminate())

const code = 'ERR_OFFLOOP_DEADLOCK'
const watched = (name: string): Lock => new Lock({ name, debug: true })

/** Takes one lock, waits until all have theirs, then wants the other: what came of that. */
const blocking = (own: Lock, other: Lock, ready: Barrier): string => {
  const held = own.acquireSync()
  try {
    ready.waitSync()
    other.acquireSync().release()
    return 'went on'
  } catch (error) {
    return (error as Error).message
  } finally {
    held.release()
  }
}

const awaiting = async (own: Lock, other: Lock, ready: Barrier): Promise<string> => {
  const held = await own.acquire()
  try {
    await ready.wait()
    const second = await other.acquire()
    second.release()
    return 'went on'
  } catch (error) {
    return (error as Error).message
  } finally {
    held.release()
  }
}

/** One is told of the deadlock, with all its locks; when it has released its own the others go on. */
function expectOneVictim(outcomes: readonly string[], names: readonly string[]): void {
  const victims = outcomes.filter((outcome) => outcome !== 'went on')
  expect(victims).toHaveLength(1)
  for (const name of names) expect(victims[0]).toContain(`\`${name}\``)
  expect(victims[0]).toMatch(
    /^This wait would never end: thread \d+ waits for `\w+` at .+, which thread \d+ holds since /,
  )
}

describe('a deadlock', () => {
  it('is found between threads that block', async () => {
    const [a, b, ready] = [watched('a'), watched('b'), new Barrier(2)]
    const outcomes = await Promise.all([pool.submit(blocking, a, b, ready), pool.submit(blocking, b, a, ready)])
    expectOneVictim(outcomes, ['a', 'b'])
    expect([a.locked, b.locked]).toEqual([false, false])
  })

  it('is found between promises of one thread', async () => {
    const [a, b, ready] = [watched('a'), watched('b'), new Barrier(2)]
    expectOneVictim(await Promise.all([awaiting(a, b, ready), awaiting(b, a, ready)]), ['a', 'b'])
  })

  it('is found between three, here and there, that block and that wait', async () => {
    const [a, b, c, ready] = [watched('a'), watched('b'), watched('c'), new Barrier(3)]
    const outcomes = await Promise.all([
      pool.submit(blocking, a, b, ready),
      pool.submit(awaiting, b, c, ready),
      awaiting(c, a, ready),
    ])
    expectOneVictim(outcomes, ['a', 'b', 'c'])
  })

  it('is found where a promise waits for what it holds itself', async () => {
    const lock = watched('mine')
    const held = await lock.acquire()
    await expect(lock.acquire()).rejects.toMatchObject({ code, message: expect.stringContaining('`mine`') })
    await expect(lock.with(() => 1)).rejects.toMatchObject({ code })
    held.release()
    await lock.with(async () => {
      await delay(1)
      await expect(lock.with(() => 1)).rejects.toMatchObject({ code })
    })
    expect(lock.locked).toBe(false)
  })

  it('is found in a thread that blocks and in one that awaits while it holds what it blocked for', async () => {
    const lock = watched('mine')
    const task = pool.submit(async (own: Lock) => {
      const held = own.acquireSync()
      try {
        await own.acquire()
      } finally {
        held.release()
      }
    }, lock)
    await expect(task).rejects.toMatchObject({ code })
    expect(lock.locked).toBe(false)
  })

  it('is found between a lock and an RLock, and with the lock of a condition', async () => {
    const [a, b] = [watched('a'), new RLock({ name: 'b', debug: true })]
    const condition = new Condition(b)
    let waits = false
    const first = a.with(async () => {
      await b.with((held) => {
        waits = true
        return condition.wait(held)
      })
    })
    while (!waits) await delay(1)
    await b.with(async () => {
      condition.notify()
      await expect(a.acquire()).rejects.toMatchObject({ code })
    })
    await first
  })

  it('is found where a reader reads again while a writer waits', async () => {
    const lock = new RWLock({ name: 'table', debug: true })
    const held = await lock.read()
    const writer = pool.submit((own: RWLock) => own.writeSync().release(), lock)
    for (let probe = lock.tryRead(); probe !== undefined; probe = lock.tryRead()) {
      probe.release()
      await delay(1)
    }
    await expect(lock.read()).rejects.toMatchObject({ code })
    held.release()
    await writer
  })

  it('is found where a reader wants to write', async () => {
    const lock = new RWLock({ debug: true })
    const held = await lock.read()
    await expect(lock.write()).rejects.toMatchObject({ code })
    held.release()
    await lock.withWrite(() => {})
  })
})

describe('what is no deadlock', () => {
  it('is a lock that another promise of the thread holds for long', async () => {
    const lock = watched('slow')
    const enter = async (): Promise<boolean> => {
      const held = await lock.acquire()
      await delay(250)
      held.release()
      return true
    }
    // The second begins where the first has its lock already, in what the first did not begin.
    const first = enter()
    await delay(20)
    expect(await Promise.all([first, enter(), enter()])).toEqual([true, true, true])
  })

  it('is a lock that a thread holds for long', async () => {
    const lock = watched('slow')
    const slow = pool.submit((own: Lock) => {
      const held = own.acquireSync()
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
      held.release()
    }, lock)
    await delay(20)
    await lock.with(() => {})
    await slow
  })

  it('is a lock that is not watched', async () => {
    const lock = new Lock()
    const held = await lock.acquire()
    await expect(lock.acquire({ timeout: 350 })).rejects.toMatchObject({ name: 'TimeoutError' })
    held.release()
  })
})

describe('a holder', () => {
  it('is named: its thread, and in debug mode the place', async () => {
    const lock = watched('db')
    expect(lock.holder).toBeUndefined()
    const held = await lock.acquire()
    expect(lock.holder?.place).toMatch(/deadlock\.test\.ts:\d+:\d+$/)
    const seen = await pool.submit((own: Lock) => own.holder, lock)
    expect(seen).toEqual(lock.holder)
    held.release()
    const started = new SharedEvent()
    const end = new SharedEvent()
    const task = pool.submit(
      (own: Lock, began: SharedEvent, over: SharedEvent) => {
        own.acquireSync()
        began.set()
        over.waitSync()
        own.release()
        return require('node:worker_threads').threadId as number
      },
      lock,
      started,
      end,
    )
    await started.wait()
    const { holder } = lock
    end.set()
    expect(holder?.thread).toBe(await task)
    expect(lock.holder).toBeUndefined()
    const plain = new RLock()
    const token = await plain.acquire()
    expect(plain.holder).toEqual({ thread: expect.any(Number) })
    token.release()
    expect(plain.holder).toBeUndefined()
  })

  it('of a reader-writer lock is one of several', async () => {
    for (const lock of [new RWLock(), new RWLock({ debug: true })]) {
      const here = await lock.read()
      const there = pool.submit(async (own: RWLock) => {
        const held = await own.read()
        const { holders } = own
        held.release()
        return new Set(holders.map(({ thread }) => thread)).size
      }, lock)
      expect(await there).toBe(2)
      here.release()
      expect(lock.holders).toEqual([])
      expect((await lock.write()).isHeld && lock.holders.length).toBe(1)
    }
  })
})

it('debug mode is on for all locks of a process with OFFLOOP_DEBUG=locks', async () => {
  const source = `
    import { Lock, Pool } from 'offloop'
    const lock = new Lock()
    const held = await lock.acquire()
    const mine = await lock.acquire().catch((error) => error.code)
    const pool = new Pool({ workers: 1 })
    const there = await pool.submit(async () => {
      const { Lock } = require('offloop')
      const lock = new Lock()
      await lock.acquire()
      return lock.acquire().then(() => 'went on', (error) => error.code)
    })
    await pool.close()
    console.log(JSON.stringify([mine, there]))`
  expect(await jsonFrom(source, { OFFLOOP_DEBUG: 'locks' })).toEqual([code, code])
})

it('debug mode is an option that is a boolean', () => {
  // @ts-expect-error no boolean
  expect(() => new Lock({ debug: 1 })).toThrow('Expected `debug` to be a boolean')
  // @ts-expect-error no boolean
  expect(() => new RWLock({ debug: 'locks' })).toThrow('Expected `debug` to be a boolean')
})
