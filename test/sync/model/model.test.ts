import { describe, expect, it } from 'vitest'

import type { Lock as LockType } from '../../../dist/index.js'
import { explore } from './explore.ts'
import { Lab, load } from './load.ts'

/** Stops that a thread may be made to make beyond those it has to; more takes minutes. */
const usual = Number(process.env.PREEMPTIONS ?? 1)

/** A place where at most one may be, and a count of visits. */
class Room {
  readonly words = new Int32Array(new SharedArrayBuffer(8))
  most = 0

  enter = (inside: number): void => {
    this.most = Math.max(this.most, inside)
  }
}

const { Lock } = load('sync/lock.js') as { Lock: new (options?: { fair?: boolean }) => LockType }

describe('the explorer', () => {
  const sleeper = (words: Int32Array) => {
    if (Atomics.load(words, 0) === 0) Atomics.wait(words, 1, 0)
  }
  const recheck = (words: Int32Array) => {
    while (Atomics.load(words, 0) === 0) Atomics.wait(words, 1, 0)
  }
  const waker = (words: Int32Array) => {
    Atomics.store(words, 0, 1)
    Atomics.notify(words, 1)
  }
  const carefulWaker = (words: Int32Array) => {
    Atomics.store(words, 0, 1)
    Atomics.store(words, 1, 1)
    Atomics.notify(words, 1)
  }
  const increment = (words: Int32Array) => {
    const value = Atomics.load(words, 0)
    Atomics.store(words, 0, value + 1)
  }

  const run = (programs: readonly ((words: Int32Array) => void)[], expected: number, preemptions: number) =>
    explore(
      () => {
        const lab = new Lab()
        const words = new Int32Array(new SharedArrayBuffer(8))
        programs.forEach((program, i) => lab.thread(`t${i}`, program, words))
        return { world: lab.world, check: () => expect(words[0]).toBe(expected) }
      },
      { preemptions },
    )

  it('finds a wake-up that is lost between a look and the sleep', () => {
    expect(() => run([sleeper, waker], 1, 1)).toThrow(/t0 waits for ever/)
    expect(() => run([recheck, waker], 1, 1)).toThrow(/t0 waits for ever/)
    expect(run([recheck, carefulWaker], 1, 9).schedules).toBeGreaterThan(5)
  })

  it('finds an update that is lost, where one preemption is allowed', () => {
    expect(run([increment, increment], 2, 0).schedules).toBe(2)
    expect(() => run([increment, increment], 2, 1)).toThrow(/Schedule: t0/)
  })

  it('runs every order of independent steps', () => {
    // Two threads of three steps each: the binomial coefficient of 6 over 3, less what the last step can't change.
    const three = (words: Int32Array) => {
      Atomics.add(words, 0, 1)
      Atomics.add(words, 0, 1)
    }
    expect(run([three, three], 4, 9).schedules).toBe(20)
  })
})

describe('a lock', () => {
  const blocking = (lock: LockType, room: Room, words: Int32Array) => {
    const held = lock.acquireSync()
    room.enter(Atomics.add(words, 0, 1) + 1)
    Atomics.sub(words, 0, 1)
    Atomics.add(words, 1, 1)
    held.release()
  }
  const awaiting = async (lock: LockType, room: Room, words: Int32Array) => {
    const held = await lock.acquire()
    room.enter(Atomics.add(words, 0, 1) + 1)
    Atomics.sub(words, 0, 1)
    Atomics.add(words, 1, 1)
    held.release()
  }

  const cases = [
    { name: 'two block', programs: [blocking, blocking], extra: 1 },
    { name: 'two await in threads of their own', programs: [awaiting, awaiting], extra: 1 },
    { name: 'one blocks, one awaits', programs: [blocking, awaiting], extra: 1 },
    { name: 'three block', programs: [blocking, blocking, blocking], extra: 0 },
  ]

  describe.each([{ fair: false }, { fair: true }])('fair: $fair', (options) => {
    it.each(cases)('excludes and loses no wake-up when $name', ({ programs, extra }) => {
      const { schedules } = explore(
        () => {
          const lab = new Lab()
          const lock = new Lock(options)
          const room = new Room()
          programs.forEach((program, i) => lab.thread(`t${i}`, program, lock, room, room.words))
          return {
            world: lab.world,
            check: () => expect([room.most, room.words[1]]).toEqual([1, programs.length]),
          }
        },
        { preemptions: usual + extra },
      )
      expect(schedules).toBeGreaterThan(100)
    })
  })
})
