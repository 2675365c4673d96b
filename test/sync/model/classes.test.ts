import { describe, expect, it } from 'vitest'

import type * as Offloop from '../../../dist/index.js'
import { explore } from './explore.ts'
import { Lab, load } from './load.ts'

type Toolkit = typeof Offloop

const { Semaphore } = load('sync/semaphore.js') as Pick<Toolkit, 'Semaphore'>
const { SharedEvent } = load('sync/event.js') as Pick<Toolkit, 'SharedEvent'>
const { Barrier } = load('sync/barrier.js') as Pick<Toolkit, 'Barrier'>
const { Queue } = load('channels/queue.js') as Pick<Toolkit, 'Queue'>
const { Channel } = load('channels/channel.js') as Pick<Toolkit, 'Channel'>
const { select, selectSync } = load('channels/select.js') as Pick<Toolkit, 'select' | 'selectSync'>

/** Stops that a thread may be made to make beyond those it has to; more takes minutes. */
const preemptions = Number(process.env.PREEMPTIONS ?? 1)

const newWords = () => new Int32Array(new SharedArrayBuffer(16))

describe('a semaphore', () => {
  const blocking = (semaphore: Offloop.Semaphore, words: Int32Array, seen: number[]) => {
    const held = semaphore.acquireSync()
    seen.push(Atomics.add(words, 0, 1) + 1)
    Atomics.sub(words, 0, 1)
    held.release()
  }
  const awaiting = async (semaphore: Offloop.Semaphore, words: Int32Array, seen: number[]) => {
    const held = await semaphore.acquire()
    seen.push(Atomics.add(words, 0, 1) + 1)
    Atomics.sub(words, 0, 1)
    held.release()
  }

  it.each([
    { name: 'three block', programs: [blocking, blocking, blocking] },
    { name: 'two block, one awaits', programs: [blocking, awaiting, blocking] },
  ])('of two lets in two at most, and all in the end, when $name', ({ programs }) => {
    const all: number[] = []
    explore(
      () => {
        const lab = new Lab()
        const semaphore = new Semaphore(2)
        const words = newWords()
        const seen: number[] = []
        programs.forEach((program, i) => lab.thread(`t${i}`, program, semaphore, words, seen))
        return {
          world: lab.world,
          check: () => {
            expect(seen.length).toBe(3)
            expect(Math.max(...seen)).toBeLessThan(3)
            all.push(...seen)
          },
        }
      },
      { preemptions },
    )
    expect(all).toContain(2)
  })
})

describe('an event', () => {
  it('lets all go on that wait when it is set, however they wait', () => {
    const blocking = (event: Offloop.SharedEvent, words: Int32Array) => {
      event.waitSync()
      Atomics.add(words, 0, 1)
    }
    const awaiting = async (event: Offloop.SharedEvent, words: Int32Array) => {
      await event.wait()
      Atomics.add(words, 0, 1)
    }
    const setting = (event: Offloop.SharedEvent) => event.set()
    explore(
      () => {
        const lab = new Lab()
        const event = new SharedEvent()
        const words = newWords()
        lab.thread('blocking', blocking, event, words)
        lab.thread('awaiting', awaiting, event, words)
        lab.thread('setting', setting, event)
        return { world: lab.world, check: () => expect(words[0]).toBe(2) }
      },
      { preemptions },
    )
  })
})

describe('a barrier', () => {
  const blocking = (barrier: Offloop.Barrier, words: Int32Array, rounds: number, seen: number[]) => {
    for (let round = 1; round <= rounds; round++) {
      Atomics.add(words, 0, 1)
      barrier.waitSync()
      seen.push(Atomics.load(words, 0) - 2 * round)
    }
  }
  const awaiting = async (barrier: Offloop.Barrier, words: Int32Array, rounds: number, seen: number[]) => {
    for (let round = 1; round <= rounds; round++) {
      Atomics.add(words, 0, 1)
      await barrier.wait()
      seen.push(Atomics.load(words, 0) - 2 * round)
    }
  }

  it.each([
    { name: 'both block', programs: [blocking, blocking] },
    { name: 'one awaits', programs: [blocking, awaiting] },
  ])('lets nobody pass before all have come, round after round, when $name', ({ programs }) => {
    explore(
      () => {
        const lab = new Lab()
        const barrier = new Barrier(2)
        const words = newWords()
        const seen: number[] = []
        programs.forEach((program, i) => lab.thread(`t${i}`, program, barrier, words, 2, seen))
        return {
          world: lab.world,
          check: () => {
            expect(seen.length).toBe(4)
            // Who passes sees all arrivals of the round, and at most one of the next.
            expect(seen.every((ahead) => ahead === 0 || ahead === 1)).toBe(true)
          },
        }
      },
      { preemptions },
    )
  })
})

describe('a queue', () => {
  const producing = (queue: Offloop.Queue<number>, from: number) => {
    queue.putSync(from)
    queue.putSync(from + 1)
  }
  const consuming = (queue: Offloop.Queue<number>, count: number, got: number[]) => {
    for (let i = 0; i < count; i++) got.push(queue.getSync())
  }
  const awaiting = async (queue: Offloop.Queue<number>, count: number, got: number[]) => {
    for (let i = 0; i < count; i++) got.push(await queue.get())
  }

  it.each([
    { name: 'one produces, one consumes', producers: 1, consumers: [consuming], preemptions },
    { name: 'one produces, one awaits', producers: 1, consumers: [awaiting], preemptions },
    { name: 'two produce, one consumes', producers: 2, consumers: [consuming], preemptions: preemptions - 1 },
    { name: 'one produces, two consume', producers: 1, consumers: [consuming, awaiting], preemptions: preemptions - 1 },
  ])('of one place loses nothing and keeps the order, when $name', ({ producers, consumers, ...limits }) => {
    const share = (2 * producers) / consumers.length
    explore(() => {
      const lab = new Lab()
      const queue = new Queue<number>({ capacity: 1 })
      const got = consumers.map((): number[] => [])
      for (let i = 0; i < producers; i++) lab.thread(`producer${i}`, producing, queue, 10 * i)
      consumers.forEach((program, i) => lab.thread(`consumer${i}`, program, queue, share, got[i]))
      return {
        world: lab.world,
        check: () => {
          const sent = Array.from({ length: producers }, (_, i) => [10 * i, 10 * i + 1]).flat()
          expect(got.flat().toSorted((a, b) => a - b)).toEqual(sent)
          for (const each of got) {
            for (let i = 0; i < producers; i++) {
              const own = each.filter((value) => Math.floor(value / 10) === i)
              expect(own).toEqual(own.toSorted((a, b) => a - b))
            }
          }
        },
      }
    }, limits)
  })
})

describe('select', () => {
  type Select = Toolkit['selectSync']
  type Numbers = Offloop.Channel<number>

  it('against select on two channels without a buffer: each case happens to both or to none', () => {
    const left = (choose: Select, a: Numbers, b: Numbers, log: unknown[]) => {
      const { index, value } = choose([a.sending(1), b.receiving()])
      log.push(['left', index, index === 0 ? 1 : value])
    }
    const right = (choose: Select, a: Numbers, b: Numbers, log: unknown[]) => {
      const { index, value } = choose([b.sending(2), a.receiving()])
      log.push(['right', index, index === 0 ? 2 : value])
    }
    const seen = new Set<string>()
    explore(
      () => {
        const lab = new Lab()
        const a = new Channel<number>(0)
        const b = new Channel<number>(0)
        const log: [string, number, number][] = []
        lab.thread('left', left, selectSync, a, b, log)
        lab.thread('right', right, selectSync, a, b, log)
        return {
          world: lab.world,
          check: () => {
            const outcome = log
              .map(([name, index, value]) => `${name}${index}:${value}`)
              .toSorted()
              .join(' ')
            expect(['left0:1 right1:1', 'left1:2 right0:2']).toContain(outcome)
            seen.add(outcome)
          },
        }
      },
      { preemptions },
    )
    expect(seen.size).toBeGreaterThan(0)
  })
  it.each([
    { name: 'blocks', isAsync: false },
    { name: 'awaits', isAsync: true },
  ])('gets what two send, each once, when it $name', ({ isAsync }) => {
    const sending = (channel: Numbers, value: number) => channel.sendSync(value)
    const blocking = (choose: Select, a: Numbers, b: Numbers, got: unknown[]) => {
      for (let i = 0; i < 2; i++) {
        const { index, value } = choose([a.receiving(), b.receiving()])
        got.push(`${index}:${value}`)
      }
    }
    const awaiting = async (choose: Toolkit['select'], a: Numbers, b: Numbers, got: unknown[]) => {
      for (let i = 0; i < 2; i++) {
        const { index, value } = await choose([a.receiving(), b.receiving()])
        got.push(`${index}:${value}`)
      }
    }
    explore(
      () => {
        const lab = new Lab()
        const a = new Channel<number>(0)
        const b = new Channel<number>(0)
        const got: string[] = []
        if (isAsync) lab.thread('receiver', awaiting, select, a, b, got)
        else lab.thread('receiver', blocking, selectSync, a, b, got)
        lab.thread('sender of 1', sending, a, 1)
        lab.thread('sender of 2', sending, b, 2)
        return { world: lab.world, check: () => expect(got.toSorted()).toEqual(['0:1', '1:2']) }
      },
      { preemptions: preemptions - 1 },
    )
  })
})
