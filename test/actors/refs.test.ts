import { ActorRef, MailboxRef, Pool, spawn, Thread } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'

class Counter {
  count = 0
  add(n = 1) {
    return (this.count += n)
  }
  fail(): never {
    throw new RangeError('failed on purpose')
  }
  async slow(ms: number) {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return this.count
  }
  die() {
    process.exit(1)
  }
  thread() {
    return require('node:worker_threads').threadId as number
  }
}

class Friend {
  other: ActorRef<Counter> | undefined
  set(other: ActorRef<Counter>) {
    this.other = other
    return [other.constructor.name, other.name, other.isAlive]
  }
  ask(n: number) {
    return this.other?.ask.add(n)
  }
  async tell(times: number) {
    for (let i = 0; i < times; i++) await this.other?.tell.add(1)
    return this.other?.ask.add(0)
  }
  async errorOf(method: 'fail' | 'slow') {
    const { other } = this as { other: ActorRef<Counter> }
    const error = (await other
      .with({ timeout: method === 'fail' ? 60_000 : 20 })
      .ask[method](200)
      .catch((reason: unknown) => reason)) as Error
    return [error.name, error.message]
  }
  get() {
    return this.other
  }
  pass(friend: ActorRef<Friend>) {
    return friend.ask.set(this.other as ActorRef<Counter>)
  }
  end(how: 'close' | 'terminate') {
    return this.other?.[how]()
  }
  join() {
    return this.other?.join()
  }
  joined: unknown
  watch() {
    this.other?.watch((exit) => (this.joined = exit))
  }
  watched() {
    return this.joined
  }
  spawnOne() {
    const { spawn: make } = require('offloop')
    class Child {
      hello() {
        return 'from a child'
      }
    }
    return make(Child)
  }
}

const actors: { terminate(): Promise<unknown> }[] = []
const make = ((...args: Parameters<typeof spawn>) => {
  const actor = spawn(...args)
  actors.push(actor)
  return actor
}) as typeof spawn
afterEach(() => Promise.all(actors.splice(0).map((actor) => actor.terminate())))

describe('a reference to an actor', () => {
  it('arrives as what it is, in another actor, a Pool task and a Thread, and comes home as the same', async () => {
    const counter = make(Counter, [], { name: 'counted' })
    const friend = make(Friend)
    expect(await friend.ask.set(counter)).toEqual(['ActorRef', 'counted', true])
    expect(await friend.ask.ask(5)).toBe(5)
    expect(await friend.ask.get()).toBe(counter)

    const pool = new Pool({ workers: 1 })
    actors.push(pool)
    const use = async ({ ref }: { ref: ActorRef<Counter> }, n: number) => [await ref.ask.add(n), ref] as const
    for (let i = 1; i <= 3; i++) {
      const [count, same] = await pool.submit(use, { ref: counter }, i)
      expect([count, same === counter]).toEqual([5 + (i * (i + 1)) / 2, true])
    }
    const thread = new Thread(async (ref: ActorRef<Counter>) => ref.ask.add(9), { args: [counter] }).start()
    expect(await thread.join()).toBe(20)
  })

  it('may be passed on by who got it, and given back to where it lives', async () => {
    const counter = make(Counter)
    const first = make(Friend)
    const second = make(Friend)
    await first.ask.set(counter)
    expect(await first.ask.pass(second)).toEqual(['ActorRef', 'Counter', true])
    expect(await second.ask.ask(3)).toBe(3)
    const self = make(Friend)
    await self.ask.set(self as unknown as ActorRef<Counter>)
    expect(await self.ask.get()).toBe(self)
  })

  it('keeps errors, timeouts and the order of each sender', async () => {
    const counter = make(Counter)
    const friend = make(Friend)
    await friend.ask.set(counter)
    expect(await friend.ask.errorOf('fail')).toEqual(['RangeError', 'failed on purpose'])
    expect(await friend.ask.errorOf('slow')).toMatchObject(['TimeoutError', expect.any(String)])
    expect(await Promise.all([friend.ask.tell(100), counter.ask.slow(0)])).toEqual([100, expect.any(Number)])
  })

  it('tells of the end, and brings it about', async () => {
    const counter = make(Counter)
    const friend = make(Friend)
    await friend.ask.set(counter)
    await friend.ask.watch()
    await friend.ask.end('close')
    expect(await counter.join()).toEqual({ reason: 'closed' })
    await expect(friend.ask.ask(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    expect(await friend.ask.join()).toEqual({ reason: 'closed' })
    expect(await friend.ask.watched()).toEqual({ reason: 'closed' })

    const other = make(Counter)
    await friend.ask.set(other)
    await friend.ask.ask(1)
    await friend.ask.end('terminate')
    expect(await other.join()).toEqual({ reason: 'terminated' })
    await expect(friend.ask.ask(1)).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('follows an actor that died and was made again', async () => {
    const counter = make(Counter, [], { restart: 'restart' })
    const friend = make(Friend)
    await friend.ask.set(counter)
    expect(await friend.ask.ask(5)).toBe(5)
    await expect(counter.ask.die()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect(await friend.ask.ask(1)).toBe(1)
    expect(await counter.ask.add(1)).toBe(2)
  })

  it('goes to actors that actors made, which end with those', async () => {
    const parent = make(Friend)
    const child = (await parent.ask.spawnOne()) as ActorRef<{ hello(): string }>
    expect(child).toBeInstanceOf(ActorRef)
    expect(await child.ask.hello()).toBe('from a child')
    await parent.terminate()
    expect(await child.join()).toMatchObject({ reason: 'died' })
    await expect(child.ask.hello()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
  })

  it('to one in a process goes by who made it, and none goes to a process', async () => {
    const counter = make(Counter, [], { backend: 'process' })
    const friend = make(Friend)
    await friend.ask.set(counter)
    expect(await friend.ask.ask(5)).toBe(5)
    expect(await friend.ask.errorOf('fail')).toEqual(['RangeError', 'failed on purpose'])
    const away = make(Friend, [], { backend: 'process' })
    await expect(away.ask.set(counter)).rejects.toMatchObject({
      code: 'ERR_OFFLOOP_BACKEND',
      message: expect.stringContaining('`args[0]` is an actor'),
    })
  })

  it('cannot be in a context, of which there are many copies', () => {
    const counter = make(Counter)
    expect(() => spawn(Counter, [], { context: { counter } })).toThrow(/`context`.*without actors/)
  })

  it('is direct: two actors talk while the thread that made them is held', async () => {
    const talked = await jsonFrom<number>(`
      import { spawn } from 'offloop'
      class Talker {
        count = 0
        set(other) { this.other = other }
        ping(words) {
          Atomics.add(words, 0, 1)
          this.other.tell.ping(words)
        }
      }
      const [a, b] = [spawn(Talker), spawn(Talker)]
      await a.ask.set(b)
      await b.ask.set(a)
      const words = new Int32Array(new SharedArrayBuffer(4))
      await a.ask.ping(words)
      const before = Atomics.load(words, 0)
      while (Atomics.load(words, 0) < before + 1000);
      console.log(Atomics.load(words, 0) - before)
      process.exit()
    `)
    expect(talked).toBeGreaterThanOrEqual(1000)
  })

  it('opens one line between two threads, however many are sent', async () => {
    const counters = Array.from({ length: 20 }, () => make(Counter, [], { worker: 'shared' }))
    const friend = make(Friend)
    for (const counter of counters) await friend.ask.set(counter)
    expect(await friend.ask.ask(1)).toBe(1)
    const threads = await Promise.all(counters.map((counter) => counter.ask.thread()))
    expect(new Set(threads).size).toBeLessThan(20)
  })

  it('is made by spawn alone', () => {
    for (const Class of [ActorRef, MailboxRef]) {
      expect(() => new (Class as unknown as new () => unknown)()).toThrow(/spawn/)
    }
  })
})

describe('actors of a pool', () => {
  it('live in as many workers as it has, and end with it', async () => {
    const pool = new Pool({ workers: 2, name: 'herd', context: 7 })
    const many = Array.from({ length: 1000 }, () => spawn(Counter, [], { pool }))
    expect(await Promise.all(many.map((actor) => actor.ask.add(1)))).toEqual(Array(1000).fill(1))
    const threads = await Promise.all(many.map((actor) => actor.ask.thread()))
    expect(new Set(threads).size).toBe(2)
    const last = many[0].ask.slow(20)
    await pool.close()
    expect(await last).toBe(1)
    expect(await many[999].join()).toEqual({ reason: 'closed' })
    expect(() => spawn(Counter, [], { pool })).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }))
    expect(() => spawn(Counter, [], { pool: {} as Pool })).toThrow(/`pool`/)
  })

  it('are terminated with it', async () => {
    const pool = new Pool({ workers: 1 })
    const actor = spawn(Counter, [], { pool })
    const asked = actor.ask.slow(100_000)
    await pool.terminate()
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
    expect(await actor.join()).toEqual({ reason: 'terminated' })
  })

  it('that die together are each made again', async () => {
    const pool = new Pool({ workers: 1 })
    actors.push(pool)
    const [a, b] = [spawn(Counter, [], { pool, restart: true }), spawn(Counter, [], { pool, restart: true })]
    await Promise.all([a.ask.add(1), b.ask.add(1)])
    await expect(a.ask.die()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect(await Promise.all([a.ask.add(5), b.ask.add(6)])).toEqual([5, 6])
  })
})
