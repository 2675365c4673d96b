import { setTimeout as delay } from 'node:timers/promises'

import { Latch, Once, Pool, SharedEvent } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

// What is waited for, and not held.

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

const timeout = { name: 'TimeoutError' }
const mainThread = { code: 'ERR_OFFLOOP_MAIN_THREAD' }

describe('an event', () => {
  it('lets all go on in all threads when it is set, and until it is cleared', async () => {
    const event = new SharedEvent()
    expect(event.isSet).toBe(false)
    const all = [
      event.wait(),
      event.wait(),
      pool.submit((there: SharedEvent) => there.waitSync(), event),
      startRaw((there: SharedEvent) => there.wait(), [event], 'MessagePort').result,
    ]
    await delay(20)
    event.set()
    event.set()
    await Promise.all(all)
    await event.wait({ timeout: 0 })
    expect(event.isSet).toBe(true)
    event.clear()
    event.clear()
    expect(event.isSet).toBe(false)
    await expect(event.wait({ timeout: 5 })).rejects.toMatchObject(timeout)
  })

  it('lets those go on who wait, though it is cleared at once', async () => {
    const event = new SharedEvent()
    const started = new SharedEvent()
    const there = pool.submit(
      async (own: SharedEvent, begun: SharedEvent) => {
        const waiting = own.wait()
        begun.set()
        await waiting
      },
      event,
      started,
    )
    const here = event.wait()
    await started.wait()
    event.set()
    event.clear()
    await Promise.all([here, there])
    await expect(event.wait({ timeout: 5 })).rejects.toMatchObject(timeout)
  })

  it('ends a wait by timeout and signal', async () => {
    const event = new SharedEvent()
    await expect(event.wait({ signal: AbortSignal.abort('why') })).rejects.toBe('why')
    const controller = new AbortController()
    const waiting = event.wait({ signal: controller.signal })
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
    const there = pool.submit((own: SharedEvent) => own.waitSync({ timeout: 5 }), event)
    await expect(there).rejects.toMatchObject(timeout)
    expect(() => event.waitSync()).toThrow(expect.objectContaining(mainThread))
  })
})

describe('a latch', () => {
  it('lets all go on when it has been counted down, for good', async () => {
    const latch = new Latch(4)
    const down = (there: Latch): void => there.countDown()
    const waiting = [latch.wait(), pool.submit((there: Latch) => there.waitSync(), latch)]
    await Promise.all([pool.submit(down, latch), startRaw(down, [latch], 'MessagePort').result])
    expect(latch.count).toBe(2)
    await expect(latch.wait({ timeout: 5 })).rejects.toMatchObject(timeout)
    latch.countDown(5)
    await Promise.all(waiting)
    latch.countDown()
    expect(latch.count).toBe(0)
    await latch.wait({ timeout: 0 })
  })

  it('may begin open, and refuses what makes no sense', async () => {
    await new Latch(0).wait()
    expect(() => new Latch(-1)).toThrow('Expected `count` to be an integer')
    // @ts-expect-error no number
    expect(() => new Latch()).toThrow(TypeError)
    const latch = new Latch(1)
    expect(() => latch.countDown(0)).toThrow(RangeError)
    expect(() => latch.waitSync()).toThrow(expect.objectContaining(mainThread))
    await expect(latch.wait({ signal: AbortSignal.abort('why') })).rejects.toBe('why')
  })
})

describe('once', () => {
  it('is run once in all threads, and the others wait until it is done', async () => {
    const once = new Once()
    const state = new Int32Array(new SharedArrayBuffer(8))
    const slowly = async (own: Once, words: Int32Array): Promise<number> => {
      await own.run(async () => {
        Atomics.add(words, 0, 1)
        await new Promise((resolve) => setTimeout(resolve, 30))
        Atomics.store(words, 1, 1)
      })
      return Atomics.load(words, 1)
    }
    const blocking = (own: Once, words: Int32Array): number => {
      own.runSync(() => {
        Atomics.add(words, 0, 1)
        Atomics.store(words, 1, 1)
      })
      return Atomics.load(words, 1)
    }
    const seen = await Promise.all([
      slowly(once, state),
      slowly(once, state),
      pool.submit(slowly, once, state),
      pool.submit(blocking, once, state),
      startRaw(slowly, [once, state], 'workerData').result,
      startRaw(blocking, [once, state], 'MessagePort').result,
    ])
    expect(seen).toEqual([1, 1, 1, 1, 1, 1])
    expect([state[0], once.done]).toEqual([1, true])
  })

  it('gives the result to all calls in the thread that ran it', async () => {
    const once = new Once()
    const [a, b] = await Promise.all([once.run(() => ({ made: 1 })), once.run(() => ({ made: 2 }))])
    expect(a).toEqual({ made: 1 })
    expect(b).toBe(a)
    expect(await pool.submit((own: Once) => own.runSync(() => 3), once)).toBeUndefined()
  })

  it('is tried by the next one when it throws', async () => {
    const once = new Once()
    const first = once.run(() => Promise.reject(new Error('no')))
    const second = once.run(() => 'yes')
    await expect(first).rejects.toThrow('no')
    expect(await second).toBe('yes')
    const failing = (own: Once): void => {
      own.runSync(() => {
        throw new RangeError('not there')
      })
    }
    const other = new Once()
    await expect(pool.submit(failing, other)).rejects.toThrow('not there')
    expect(other.done).toBe(false)
    expect(await other.run(() => 'here')).toBe('here')
  })

  it('is tried by the next one when its thread ends', async () => {
    const once = new Once()
    const inside = new SharedEvent()
    const { worker } = startRaw(
      (own: Once, begun: SharedEvent) =>
        own.run(() => {
          begun.set()
          return new Promise(() => setInterval(() => {}, 1000))
        }),
      [once, inside],
    )
    await inside.wait()
    const next = once.run(() => 'mine')
    await worker.terminate()
    expect(await next).toBe('mine')
  })

  it('ends a wait for another by timeout and signal', async () => {
    const once = new Once()
    let end = (): void => {}
    const running = once.run(() => new Promise<void>((resolve) => (end = resolve)))
    await expect(once.run(() => 1, { timeout: 5 })).rejects.toMatchObject(timeout)
    await expect(once.run(() => 1, { signal: AbortSignal.abort('why') })).rejects.toBe('why')
    end()
    await running
    expect(once.done).toBe(true)
  })

  it('refuses what makes no sense', async () => {
    const once = new Once()
    // @ts-expect-error no function
    await expect(once.run(1)).rejects.toThrow('Expected `fn` to be a function')
    expect(() => once.runSync(() => 1)).toThrow(expect.objectContaining(mainThread))
    const itself = (own: Once): unknown => own.runSync(() => own.runSync(() => 1))
    await expect(pool.submit(itself, once)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DEADLOCK' })
    expect(once.done).toBe(false)
  })
})

describe.each<Way>(['workerData', 'MessagePort'])('handles sent by %s', (way) => {
  it('stand for the same objects', async () => {
    const event = new SharedEvent()
    const latch = new Latch(2)
    const once = new Once()
    const all = (a: SharedEvent, b: Latch, c: Once): unknown => {
      a.set()
      b.countDown()
      return [a.isSet, b.count, c.runSync(() => 'there')]
    }
    expect(await startRaw(all, [event, latch, once], way).result).toEqual([true, 1, 'there'])
    expect([event.isSet, latch.count, once.done]).toEqual([true, 1, true])
    for (const object of [event, latch, once]) {
      const { from } = object.constructor as unknown as { from(handle: unknown): unknown }
      expect(from(structuredClone(object.handle))).toBe(object)
    }
  })
})
