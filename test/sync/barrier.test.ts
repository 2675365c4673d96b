import { setTimeout as delay } from 'node:timers/promises'

import { Barrier, Pool } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

const broken = { code: 'ERR_OFFLOOP_BROKEN_BARRIER' }

async function untilWaiting(barrier: Barrier, count: number): Promise<void> {
  while (barrier.waiting < count) await delay(1)
}

describe('a barrier', () => {
  it('lets all go on together, each with its arrival index', async () => {
    const barrier = new Barrier(3)
    const first = barrier.wait()
    const second = barrier.wait()
    expect([barrier.parties, barrier.waiting, barrier.broken]).toEqual([3, 2, false])
    expect(await Promise.all([first, second, barrier.wait()])).toEqual([0, 1, 2])
    expect(barrier.waiting).toBe(0)
    expect(await new Barrier(1).wait()).toBe(0)
  })

  it('keeps threads in step, round after round', async () => {
    const parties = 4
    const rounds = 200
    const barrier = new Barrier(parties)
    const at = new Int32Array(new SharedArrayBuffer(4 * parties))
    const blocking = (ownBarrier: Barrier, ownAt: Int32Array, me: number, ownRounds: number): number => {
      let firsts = 0
      for (let round = 1; round <= ownRounds; round++) {
        Atomics.store(ownAt, me, round)
        if (ownBarrier.waitSync() === 0) firsts++
        // Nobody can be a round behind, or two ahead.
        for (let i = 0; i < ownAt.length; i++)
          if (ownAt[i] < round || ownAt[i] > round + 1) throw new Error(`${i} at ${ownAt[i]}`)
      }
      return firsts
    }
    const awaiting = async (ownBarrier: Barrier, ownAt: Int32Array, me: number, ownRounds: number): Promise<number> => {
      let firsts = 0
      for (let round = 1; round <= ownRounds; round++) {
        Atomics.store(ownAt, me, round)
        if ((await ownBarrier.wait()) === 0) firsts++
        for (let i = 0; i < ownAt.length; i++)
          if (ownAt[i] < round || ownAt[i] > round + 1) throw new Error(`${i} at ${ownAt[i]}`)
      }
      return firsts
    }
    const firsts = await Promise.all([
      pool.submit(blocking, barrier, at, 0, rounds),
      pool.submit(awaiting, barrier, at, 1, rounds),
      startRaw(blocking, [barrier, at, 2, rounds]).result,
      awaiting(barrier, at, 3, rounds),
    ])
    expect(firsts.reduce((a, b) => a + b)).toBe(rounds)
  })

  it.each<Way>(['workerData', 'MessagePort'])('is the same in a raw worker, sent by %s', async (way) => {
    const barrier = new Barrier(2, { name: 'both' })
    const { result } = startRaw(
      async (ownBarrier: Barrier) => [ownBarrier.name, (await ownBarrier.wait()) < 2],
      [barrier],
      way,
    )
    expect(await barrier.wait()).toBeLessThan(2)
    expect(await result).toEqual(['both', true])
  })

  it('is broken by abort for who waits and who comes, until it is reset', async () => {
    const barrier = new Barrier(3, { name: 'phase' })
    const here = barrier.wait()
    const there = pool.submit((ownBarrier: Barrier) => ownBarrier.waitSync(), barrier)
    const both = Promise.allSettled([here, there])
    await untilWaiting(barrier, 2)
    barrier.abort()
    barrier.abort()
    for (const outcome of await both) expect(outcome).toMatchObject({ status: 'rejected', reason: broken })
    expect([barrier.broken, barrier.waiting]).toEqual([true, 0])
    await expect(barrier.wait()).rejects.toMatchObject({ ...broken, message: expect.stringContaining('`phase`') })
    barrier.reset()
    expect(barrier.broken).toBe(false)
    expect(await Promise.all([barrier.wait(), barrier.wait(), barrier.wait()])).toEqual([0, 1, 2])
  })

  it('is broken for the others when one times out', async () => {
    const barrier = new Barrier(3)
    const waiting = barrier.wait()
    const outcome = expect(waiting).rejects.toMatchObject(broken)
    await expect(barrier.wait({ timeout: 10 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await outcome
    expect(barrier.broken).toBe(true)
    barrier.reset()
    const there = pool.submit((ownBarrier: Barrier) => ownBarrier.waitSync({ timeout: 10 }), barrier)
    await expect(there).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(barrier.broken).toBe(true)
  })

  it('is broken for the others when one is aborted, and not by one that was aborted before', async () => {
    const barrier = new Barrier(3)
    await expect(barrier.wait({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect([barrier.broken, barrier.waiting]).toEqual([false, 0])
    const outcome = expect(barrier.wait()).rejects.toMatchObject(broken)
    const controller = new AbortController()
    const aborted = barrier.wait({ signal: controller.signal })
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    await outcome
  })

  it('passes at the last moment rather than breaking', async () => {
    const barrier = new Barrier(1)
    expect(await barrier.wait({ timeout: 0 })).toBe(0)
    const two = new Barrier(2)
    const first = two.wait()
    expect(await two.wait({ timeout: 0 })).toBe(1)
    expect(await first).toBe(0)
  })

  it('breaks off who waits when it is reset, and is whole after that', async () => {
    const barrier = new Barrier(2)
    const waiting = barrier.wait()
    barrier.reset()
    await expect(waiting).rejects.toMatchObject(broken)
    expect([barrier.broken, barrier.waiting]).toEqual([false, 0])
    const passed = Promise.all([barrier.wait(), barrier.wait()])
    // Who was let go before a reset has passed.
    barrier.reset()
    barrier.abort()
    expect(await passed).toEqual([0, 1])
  })

  it('is broken by the end of a thread that waits', async () => {
    const barrier = new Barrier(3)
    const { worker } = startRaw((ownBarrier: Barrier) => ownBarrier.waitSync(), [barrier])
    await untilWaiting(barrier, 1)
    const outcome = expect(barrier.wait()).rejects.toMatchObject(broken)
    await worker.terminate()
    await outcome
  })

  it('refuses what makes no sense', () => {
    expect(() => new Barrier(0)).toThrow('Expected `parties` to be an integer from 1 to 32768, got `0` (number)')
    // @ts-expect-error no number
    expect(() => new Barrier('2')).toThrow(TypeError)
    // @ts-expect-error no string
    expect(() => new Barrier(2, { name: 2 })).toThrow('Expected `name` to be a string')
    expect(() => new Barrier(2).waitSync()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MAIN_THREAD' }))
  })
})
