import { threadId } from 'node:worker_threads'

import { alloc, importTasks, ndarray, NDArray, spawn } from 'offloop'
import type { ActorRef } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { until } from '../helpers/work.ts'
import type * as Bank from './fixtures/bank.mjs'

const bank = importTasks<typeof Bank>(new URL('./fixtures/bank.mjs', import.meta.url))
const closed = { code: 'ERR_OFFLOOP_CLOSED' }
const died = { code: 'ERR_OFFLOOP_WORKER_DIED' }

class Base {
  base = 'of the base'
  inherited() {
    return this.base
  }
}

class Everything extends Base {
  static made = 0
  static double(n: number) {
    return n * 2
  }
  #secret = 1
  readonly log: unknown[] = []
  own = () => 'own'
  accessor = 5
  constructor(start = 0) {
    super()
    this.#secret = start
    Everything.made++
  }
  get total() {
    return this.#secret
  }
  async add(n: number, ms = 0) {
    if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    this.#hidden(n)
    this.log.push(n)
    return this.total
  }
  #hidden(n: number) {
    this.#secret += n
  }
  statics() {
    return [Everything.made, Everything.double(4)]
  }
  logged() {
    return this.log
  }
  fail(message: string): never {
    throw Object.assign(new RangeError(message, { cause: new TypeError('deep') }), { code: 'E_MINE' })
  }
  die() {
    process.exit(3)
  }
  where() {
    return require('node:worker_threads').threadId as number
  }
  pid() {
    return process.pid
  }
  echo<T>(value: T) {
    return value
  }
  fn() {
    return () => 1
  }
}

const actors: ActorRef[] = []
const make = ((...args: Parameters<typeof spawn>) => {
  const actor = spawn(...args)
  actors.push(actor)
  return actor
}) as typeof spawn
afterEach(() => Promise.all(actors.splice(0).map((actor) => actor.terminate())))

describe.each(['worker', 'process'] as const)('an actor on %s', (backend) => {
  it('is an object of the class: fields, private and static members, accessors, what it extends', async () => {
    const actor = make(Everything, [10], { backend })
    expect(await actor.ask.add(1)).toBe(11)
    expect(await actor.ask.inherited()).toBe('of the base')
    expect(await actor.ask.statics()).toEqual([1, 8])
    expect(await actor.ask.own()).toBe('own')
    if (backend === 'worker') expect(await actor.ask.where()).not.toBe(threadId)
    else expect(await actor.ask.pid()).not.toBe(process.pid)
  })

  it('handles one message at a time, in order, async ones too', async () => {
    const actor = make(Everything, [], { backend })
    const first = actor.ask.add(1, 30)
    const told = actor.tell.add(2, 10)
    const last = actor.ask.add(3)
    await told
    expect(await last).toBe(6)
    expect(first.status).toBe('done')
    expect(await actor.ask.logged()).toEqual([1, 2, 3])
  })

  it('gives errors to the asker, and keeps its state', async () => {
    const actor = make(Everything, [], { backend })
    await actor.ask.add(1)
    const error = (await actor.ask.fail('no').catch((reason: unknown) => reason)) as RangeError
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'no', code: 'E_MINE', cause: { message: 'deep' } })
    expect(await actor.ask.add(1)).toBe(2)
  })

  it('names its methods when it has none of a name, and neither getters nor the constructor are any', async () => {
    const actor = make(Everything, [], { backend })
    const loose = actor as unknown as ActorRef<Record<string, () => void>>
    for (const name of ['nothing', 'total', 'accessor', 'constructor', 'toString', 'hasOwnProperty']) {
      const message = new RegExp(`'Everything' has no method \`${name}\`; it has .*add, .*inherited`)
      await expect(loose.ask[name]()).rejects.toThrow(message)
    }
  })

  it('refuses what can not be sent, on both ways, and goes on', async () => {
    const actor = make(Everything, [], { backend })
    await expect(actor.ask.echo({ a: [() => 1] })).rejects.toThrow(/`args\[0\]\.a\[0\]`/)
    await expect(actor.tell.echo(Symbol('x'))).rejects.toThrow(/`args\[0\]`/)
    await expect(actor.ask.fn()).rejects.toThrow(/`result`/)
    expect(await actor.ask.echo({ a: new Map([[1, [2n]]]) })).toEqual({ a: new Map([[1, [2n]]]) })
  })

  it('copies arguments and results when they are sent', async () => {
    const actor = make(Everything, [], { backend })
    const list = [1]
    const sent = actor.ask.echo(list)
    list.push(2)
    expect(await sent).toEqual([1])
    const before = actor.ask.logged()
    const after = actor.ask.add(5)
    expect([await before, await after]).toEqual([[], 5])
  })

  it('close lets it finish what it has, and then it takes no more', async () => {
    const actor = make(Everything, [], { backend })
    const asked = [actor.ask.add(1, 10), actor.ask.add(1)]
    const end = actor.close()
    await expect(actor.ask.add(1)).rejects.toMatchObject(closed)
    await expect(actor.tell.add(1)).rejects.toMatchObject(closed)
    expect(await Promise.all(asked)).toEqual([1, 2])
    await end
    expect(await actor.join()).toEqual({ reason: 'closed' })
    expect(actor.isAlive).toBe(false)
    await actor.close()
    await actor.terminate()
    expect(await actor.join()).toEqual({ reason: 'closed' })
  })

  it('terminate ends it whatever it does; what waits is rejected once', async () => {
    const actor = make(Everything, [], { backend })
    const asked = [actor.ask.add(1, 100_000), actor.ask.add(1)]
    const ends = Promise.allSettled(asked)
    await actor.terminate()
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } })
    expect(asked.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    expect(await actor.join()).toEqual({ reason: 'terminated' })
  })

  it('that dies under a message rejects it, and is over', async () => {
    const actor = make(Everything, [], { backend })
    await expect(actor.ask.die()).rejects.toMatchObject(died)
    expect(await actor.join()).toMatchObject({ reason: 'died', error: died })
    await expect(actor.ask.add(1)).rejects.toMatchObject({ ...closed, cause: died })
  })

  it('asks can be given up: those that wait never run', async () => {
    const actor = make(Everything, [], { backend })
    await actor.ask.add(0)
    const slow = actor.ask.add(1, 1000)
    const controller = new AbortController()
    const timed = actor.with({ timeout: 1 }).ask.add(10)
    const aborted = actor.with({ signal: controller.signal }).ask.add(100)
    const cancelled = actor.ask.add(1000)
    controller.abort('enough')
    cancelled.cancel()
    await expect(aborted).rejects.toBe('enough')
    await expect(cancelled).rejects.toMatchObject({ name: 'AbortError' })
    await expect(timed).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await slow).toBe(1)
    expect(await actor.ask.add(1)).toBe(2)
    await expect(actor.with({ signal: AbortSignal.abort('early') }).ask.add(1)).rejects.toBe('early')
  })

  it('is a member of importTasks, with what its module has', async () => {
    const actor = make(bank.Account, [10], { backend })
    expect(await actor.ask.withdraw(2)).toBe(7)
    await expect(actor.ask.deposit(-1)).rejects.toBeInstanceOf(RangeError)
  })

  it('whose constructor throws says so to who asks', async () => {
    class Bad {
      constructor() {
        throw new TypeError('not today')
      }
      get() {
        return 1
      }
    }
    const actor = make(Bad, [], { backend })
    await expect(actor.ask.get()).rejects.toMatchObject({ ...closed, cause: { message: 'not today' } })
    expect(await actor.join()).toMatchObject({ reason: 'failed', error: { message: 'not today' } })
  })

  it('refuses messages beyond its mailbox, or lets senders wait', async () => {
    const strict = make(Everything, [], { backend, mailbox: 2 })
    await strict.ask.add(0)
    const held = [strict.ask.add(1, 50), strict.ask.add(1)]
    await expect(strict.ask.add(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    await expect(strict.tell.add(1)).rejects.toThrow(/'Everything' has 2 messages waiting, which is its `mailbox`/)
    expect(await Promise.all(held)).toEqual([1, 2])
    await until(() => true)
    expect(await strict.ask.add(1)).toBe(3)

    const patient = make(Everything, [], { backend, mailbox: 2, overflow: 'wait' })
    const order: string[] = []
    const slow = patient.ask.add(1, 50).then(() => order.push('slow'))
    const inside = patient.tell.add(1).then(() => order.push('inside'))
    const outside = patient.tell.add(1).then(() => order.push('outside'))
    await Promise.all([slow, inside, outside])
    expect(order.indexOf('inside')).toBeLessThan(order.indexOf('outside'))
    expect(await patient.ask.add(0)).toBe(3)
  })
})

describe('an actor', () => {
  it('shares memory, brings NDArrays back, takes what is transferred', async () => {
    const actor = make(Everything)
    const shared = alloc(Int32Array, 1)
    const back = (await actor.ask.echo(shared)) as Int32Array
    Atomics.store(back, 0, 7)
    expect(shared[0]).toBe(7)
    const matrix = ndarray(new Float64Array([1, 2]), [2, 1])
    const [same] = (await actor.ask.echo([matrix])) as [NDArray]
    expect(same).toBeInstanceOf(NDArray)
    expect(same.shape).toEqual([2, 1])
    const buffer = new ArrayBuffer(8)
    const moved = (await actor.with({ transfer: [buffer] }).ask.echo(buffer)) as ArrayBuffer
    expect([buffer.byteLength, moved.byteLength]).toEqual([0, 8])
  })

  it('hears of a cancelled ask in a loop that never yields, and by its signal', async () => {
    const actor = make(bank.Spinner, [], { context: { level: 2 } })
    const words = alloc(Int32Array, 2)
    const task = actor.ask.spin(words)
    await until(() => words[0] === 1)
    task.cancel()
    expect(await actor.ask.context()).toEqual({ level: 2 })
    expect(words[1]).toBe(1)
    const waits = actor.with({ timeout: 20 }).ask.wait()
    await expect(waits).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await actor.ask.context()).toEqual({ level: 2 })
  })

  it('of a class that closes over something, or is none, is refused at once', () => {
    const outer = 1
    class Closes {
      get() {
        return outer
      }
    }
    expect(() => spawn(Closes)).toThrow(/`Closes`.*refers to `outer`/)
    expect(() => spawn(class extends Closes {})).toThrow(/refers to `outer`/)
    expect(() => spawn((() => 1) as never)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_FUNCTION' }))
    expect(() => spawn(1 as never)).toThrow(/`Class`/)
    expect(() => spawn(Base, 1 as never)).toThrow(/`args`/)
    const bad = { name: 1, mailbox: 0, overflow: 'x', restart: 'x', onError: 1, backend: 'x', worker: 'x', env: 1 }
    for (const [key, value] of Object.entries(bad)) {
      expect(() => spawn(Base, [], { [key]: value } as never)).toThrow(new RegExp(`\`${key}\``))
    }
    expect(() => spawn(Everything, [() => 1] as never)).toThrow(/`args\[0\]`/)
  })

  it('extends what every worker has', async () => {
    class Store extends Map<string, number> {
      put(key: string, value: number) {
        this.set(key, value)
      }
    }
    const store = make(Store)
    await store.tell.put('a', 1)
    expect(await store.ask.get('a')).toBe(1)
  })

  it('settles every ask once, in order, whenever it is terminated', async () => {
    for (let round = 0; round < 6; round++) {
      const actor = make(Everything, [], { worker: round % 2 === 0 ? 'own' : 'shared' })
      await actor.ask.add(0)
      let settled = 0
      const asks = Array.from({ length: 300 }, (_, i) => {
        const task = actor.ask.add(1, i % 10 === 0 ? 1 : 0)
        const count = () => void settled++
        task.then(count, count)
        return task
      })
      await new Promise((resolve) => setTimeout(resolve, round * 4))
      await actor.terminate()
      const ends = await Promise.allSettled(asks)
      expect(settled).toBe(300)
      const done = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
      expect(done).toEqual(done.map((_, i) => i + 1))
      expect(ends.slice(done.length).every(({ status }) => status === 'rejected')).toBe(true)
    }
  })

  it('shares a worker with others', async () => {
    const many = Array.from({ length: 100 }, (_, i) => make(Everything, [i], { worker: 'shared' }))
    const places = await Promise.all(many.map((actor) => actor.ask.where()))
    expect(new Set(places).size).toBeLessThanOrEqual(64)
    expect(new Set(places).size).toBeLessThan(100)
    // One that waits holds up nobody else.
    const slow = many[0].ask.add(1, 100_000)
    expect(await Promise.all(many.slice(1).map((actor) => actor.ask.add(1)))).toEqual(
      Array.from({ length: 99 }, (_, i) => i + 2),
    )
    await many[0].terminate()
    await expect(slow).rejects.toMatchObject({ name: 'AbortError' })
    expect(await many[1].ask.add(1)).toBe(3)
  })

  it.concurrent('keeps the process alive while messages are under way, and no longer', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { spawn } from 'offloop'
      class Slow {
        async work(ms) {
          await new Promise((resolve) => setTimeout(resolve, ms))
          console.log('worked')
        }
      }
      const idle = spawn(Slow)
      spawn(Slow, [], { worker: 'shared' })
      await idle.ask.work(1)
      idle.tell.work(100)
    `)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'worked\nworked\n', stderr: '' })
  })
})
