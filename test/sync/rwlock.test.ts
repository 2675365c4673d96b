import { setTimeout as delay } from 'node:timers/promises'

import { Pool, RWLock, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

describe.each([false, true])('a reader-writer lock, fair: %s', (fair) => {
  it('never has a writer beside anybody, in all threads together', async () => {
    const lock = new RWLock({ fair })
    // Two words that only change together, and how often they were read.
    const pair = new Int32Array(new SharedArrayBuffer(12))
    const blocking = (rw: RWLock, words: Int32Array, rounds: number): number => {
      let torn = 0
      for (let i = 0; i < rounds; i++) {
        const held = i % 4 === 0 ? rw.writeSync() : rw.readSync()
        if (words[0] !== words[1]) torn++
        if (i % 4 === 0) {
          words[0] = words[0] + 1
          words[1] = words[1] + 1
        }
        held.release()
      }
      return torn
    }
    const awaiting = async (rw: RWLock, words: Int32Array, rounds: number): Promise<number> => {
      let torn = 0
      for (let i = 0; i < rounds; i++) {
        if (i % 4 === 0) {
          await rw.withWrite(async () => {
            words[0] = words[0] + 1
            await Promise.resolve()
            words[1] = words[1] + 1
          })
        } else {
          await rw.withRead(() => {
            if (words[0] !== words[1]) torn++
          })
        }
      }
      return torn
    }
    const torn = await Promise.all([
      pool.submit(blocking, lock, pair, 2000),
      pool.submit(awaiting, lock, pair, 200),
      startRaw(blocking, [lock, pair, 2000], 'MessagePort').result,
      awaiting(lock, pair, 200),
      awaiting(lock, pair, 200),
    ])
    expect(torn).toEqual([0, 0, 0, 0, 0])
    expect(Array.from(pair.subarray(0, 2))).toEqual([1150, 1150])
    expect([lock.readers, lock.writing]).toEqual([0, false])
  })

  it('has many readers or one writer', async () => {
    const lock = new RWLock({ fair })
    const readers = [await lock.read(), await lock.read(), lock.tryRead()]
    expect([lock.readers, lock.tryWrite()]).toEqual([3, undefined])
    await expect(lock.write({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    // The writer that gave up keeps nobody out.
    readers.push(await lock.read({ timeout: 1000 }))
    for (const reader of readers) reader?.release()
    const writer = lock.tryWrite()
    expect([lock.writing, lock.tryRead(), lock.tryWrite()]).toEqual([true, undefined, undefined])
    await expect(lock.read({ timeout: 5 })).rejects.toMatchObject({ name: 'TimeoutError' })
    writer?.release()
    expect(() => writer?.release()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_NOT_HELD' }))
    expect([lock.readers, lock.writing]).toEqual([0, false])
  })

  it('lets readers in again when a writer that waited is aborted', async () => {
    const lock = new RWLock({ fair })
    const reader = await lock.read()
    const controller = new AbortController()
    const writer = lock.write({ signal: controller.signal })
    const second = pool.submit((rw: RWLock) => rw.readSync().release(), lock)
    const third = lock.read()
    controller.abort('enough')
    await expect(writer).rejects.toBe('enough')
    await second
    ;(await third).release()
    reader.release()
  })

  it('is free of a reader whose thread has ended', async () => {
    const lock = new RWLock({ fair })
    const reading = new SharedEvent()
    const { worker } = startRaw(
      (rw: RWLock, started: SharedEvent) => {
        rw.readSync()
        started.set()
        return new Promise(() => setInterval(() => {}, 1000))
      },
      [lock, reading],
    )
    await reading.wait()
    expect(lock.tryWrite()).toBeUndefined()
    const writer = lock.write()
    await worker.terminate()
    const held = await writer
    expect(held.abandoned).toBe(false)
    held.release()
  })

  it('says so when a writer has ended, until somebody has written', async () => {
    const lock = new RWLock({ fair })
    const writing = new SharedEvent()
    const { worker } = startRaw(
      (rw: RWLock, started: SharedEvent) => {
        rw.writeSync()
        started.set()
        return new Promise(() => setInterval(() => {}, 1000))
      },
      [lock, writing],
    )
    await writing.wait()
    const reader = pool.submit((rw: RWLock) => {
      const held = rw.readSync()
      held.release()
      return held.abandoned
    }, lock)
    await worker.terminate()
    expect(await reader).toBe(true)
    const writer = await lock.write()
    expect(writer.abandoned).toBe(true)
    writer.release()
    expect((await lock.read()).abandoned).toBe(false)
  })

  it.each<Way>(['workerData', 'MessagePort'])('is the same in a raw worker, sent by %s', async (way) => {
    const lock = new RWLock({ fair, name: 'table' })
    const held = await lock.write()
    const { result } = startRaw((rw: RWLock) => [rw.name, rw.writing, rw.tryRead() === undefined], [lock], way)
    expect(await result).toEqual(['table', true, true])
    held.release()
  })
})

describe('the order', () => {
  const log = (): { order: string[]; note: (name: string) => (held: { release(): void }) => void } => {
    const order: string[] = []
    return { order, note: (name) => (held) => void (order.push(name), held.release()) }
  }

  it('has writers first, also before readers that came earlier', async () => {
    const lock = new RWLock()
    const { order, note } = log()
    const held = await lock.write()
    const all = [
      lock.read().then(note('reader 1')),
      lock.write().then(note('writer 1')),
      lock.read().then(note('reader 2')),
      lock.write().then(note('writer 2')),
    ]
    held.release()
    await Promise.all(all)
    expect(order).toEqual(['writer 1', 'writer 2', 'reader 1', 'reader 2'])
  })

  it('keeps new readers out while a writer waits', async () => {
    const lock = new RWLock()
    const { order, note } = log()
    const first = await lock.read()
    const writer = lock.write().then(note('writer'))
    expect(lock.tryRead()).toBeUndefined()
    const reader = lock.read().then(note('reader'))
    await delay(10)
    first.release()
    await Promise.all([writer, reader])
    expect(order).toEqual(['writer', 'reader'])
  })

  it('is that of arrival when it is fair', async () => {
    const lock = new RWLock({ fair: true })
    const { order, note } = log()
    const held = await lock.write()
    const names = ['reader 1', 'reader 2', 'writer 1', 'reader 3', 'writer 2']
    const all = names.map((name) => (name.startsWith('r') ? lock.read() : lock.write()).then(note(name)))
    held.release()
    await Promise.all(all)
    expect(order).toEqual(names)
  })
})

describe('misuse of a reader-writer lock', () => {
  it('is an error', async () => {
    // @ts-expect-error no boolean
    expect(() => new RWLock({ fair: 'yes' })).toThrow('Expected `fair` to be a boolean')
    const lock = new RWLock()
    // @ts-expect-error no function
    await expect(lock.withRead(1)).rejects.toThrow('Expected `fn` to be a function')
    // @ts-expect-error no function
    await expect(lock.withWrite()).rejects.toThrow('Expected `fn` to be a function')
    const main = expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' })
    expect(() => lock.readSync()).toThrow(main)
    expect(() => lock.writeSync()).toThrow(main)
  })

  it('is an error where a thread would block for what it holds itself', async () => {
    const upgrade = (rw: RWLock): void => {
      const held = rw.readSync()
      try {
        rw.writeSync()
      } finally {
        held.release()
      }
    }
    const lock = new RWLock()
    await expect(pool.submit(upgrade, lock)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DEADLOCK' })
    expect(lock.tryWrite()?.isHeld).toBe(true)
  })
})
