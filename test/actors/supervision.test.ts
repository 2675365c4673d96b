import { spawn } from 'offloop'
import type { ActorRef, Failure } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { jsonFrom, runModule } from '../helpers/child.ts'
import { until } from '../helpers/work.ts'

class Fragile {
  count = 0
  readonly list = [0]
  constructor(start = 0) {
    this.count = start
  }
  add(n = 1) {
    this.list.push(n)
    return (this.count += n)
  }
  async slow(ms: number) {
    await new Promise((resolve) => setTimeout(resolve, ms))
    return ++this.count
  }
  fail(message = 'fragile') {
    throw new TypeError(message)
  }
  die() {
    process.exit(1)
  }
  later() {
    setTimeout(() => {
      throw new RangeError('loose')
    })
  }
  all() {
    return this.list
  }
}

const actors: ActorRef[] = []
const make = ((...args: Parameters<typeof spawn>) => {
  const actor = spawn(...args)
  actors.push(actor)
  return actor
}) as typeof spawn
afterEach(() => Promise.all(actors.splice(0).map((actor) => actor.terminate())))
const died = { code: 'ERR_OFFLOOP_WORKER_DIED' }

describe('an actor that fails', () => {
  it('is over by default: by a told message that throws', async () => {
    const actor = make(Fragile)
    await actor.tell.fail('told')
    expect(await actor.join()).toMatchObject({ reason: 'failed', error: { message: 'told' } })
    await expect(actor.ask.add()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED', cause: { message: 'told' } })
  })

  it('is over by default: by an error that nobody catches', async () => {
    const actor = make(Fragile)
    actor.tell.later()
    expect(await actor.join()).toMatchObject({ reason: 'died', error: { ...died, cause: { message: 'loose' } } })
  })

  it('is made again with its arguments, and what waits goes to the new one', async () => {
    const actor = make(Fragile, [10], { restart: 'restart' })
    await actor.ask.add(5)
    const before = actor.tell.fail()
    const after = actor.ask.add(1)
    await before
    expect(await after).toBe(11)
  })

  it('is made again after its worker died; what had not begun goes to the new one, what had is lost', async () => {
    const actor = make(Fragile, [10], { restart: true })
    await actor.ask.add(5)
    const die = actor.ask.die()
    const after = Array.from({ length: 20 }, () => actor.ask.add(1))
    await expect(die).rejects.toMatchObject(died)
    expect(await Promise.all(after)).toEqual(Array.from({ length: 20 }, (_, i) => 11 + i))
  })

  it('in a process is made again as well; what was there is lost', async () => {
    const actor = make(Fragile, [10], { restart: true, backend: 'process' })
    await actor.ask.add(5)
    await expect(actor.ask.die()).rejects.toMatchObject(died)
    expect(await actor.ask.add(1)).toBe(11)
  })

  it('runs no message twice and settles each once, whenever its worker dies', async () => {
    class Marker {
      async mark(words: Int32Array, i: number, dies: boolean) {
        Atomics.add(words, i, 1)
        if (i % 3 === 0) await Promise.resolve()
        if (dies) process.exit(1)
        return i
      }
    }
    const count = 400
    const words = new Int32Array(new SharedArrayBuffer(4 * count))
    const actor = make(Marker, [], { restart: { limit: Infinity } })
    let settled = 0
    const asks = Array.from({ length: count }, (_, i) => {
      const task = actor.ask.mark(words, i, i % 100 === 57)
      const over = () => void settled++
      task.then(over, over)
      return task
    })
    const ends = await Promise.allSettled(asks)
    expect(settled).toBe(count)
    ends.forEach((end, i) => {
      // A result may go with its worker; what has not begun does not.
      if (end.status === 'fulfilled') expect([end.value, words[i]]).toEqual([i, 1])
      else expect([end.reason, words[i]]).toMatchObject([died, 1])
    })
    expect(ends.filter(({ status }) => status === 'rejected').length).toBeGreaterThanOrEqual(4)
  })

  it('keeps its fields with keepState', async () => {
    const actor = make(Fragile, [], { restart: true, keepState: true })
    await actor.ask.add(2)
    await actor.ask.add(3)
    await expect(actor.ask.die()).rejects.toMatchObject(died)
    expect(await actor.ask.add(1)).toBe(6)
    await actor.tell.fail()
    expect(await actor.ask.all()).toEqual([0, 2, 3, 1])
  })

  it('keeps what its snapshot gives, private fields too', async () => {
    class Ledger {
      #sum = 0
      add(n: number) {
        this.#sum += n
        return this.#sum
      }
      die() {
        process.exit(1)
      }
      snapshot() {
        return { sum: this.#sum }
      }
      static restore({ sum }: { sum: number }) {
        const ledger = new this()
        ledger.#sum = sum
        return ledger
      }
    }
    const ledger = make(Ledger, [], { restart: true })
    await ledger.ask.add(4)
    await expect(ledger.ask.die()).rejects.toMatchObject(died)
    expect(await ledger.ask.add(1)).toBe(5)
  })

  it('is over after too many restarts', async () => {
    const actor = make(Fragile, [], { restart: { limit: 2 } })
    for (let i = 0; i < 3; i++) await actor.tell.fail(`no ${i}`)
    expect(await actor.join()).toMatchObject({ reason: 'failed', error: { message: 'no 2' } })
    const never = make(Fragile, [], { restart: { limit: 0 } })
    await never.tell.fail()
    expect(await never.join()).toMatchObject({ reason: 'failed' })
  })

  it('is over when it can not be made again', async () => {
    class Once {
      constructor(words: Int32Array) {
        if (Atomics.add(words, 0, 1) > 0) throw new RangeError('only once')
      }
      fail() {
        throw new Error('first')
      }
    }
    const words = new Int32Array(new SharedArrayBuffer(4))
    const actor = make(Once, [words], { restart: { limit: 3 } })
    await actor.tell.fail()
    expect(await actor.join()).toMatchObject({ reason: 'failed', error: { message: 'only once' } })
    expect(words[0]).toBe(4)
  })

  it('waits before it is made again, as it is told', async () => {
    const waits: number[] = []
    const backoff = (restarts: number) => {
      waits.push(restarts)
      return restarts * 5
    }
    const actor = make(Fragile, [], { restart: { backoff } })
    await actor.tell.fail()
    await actor.tell.fail()
    expect(await actor.ask.add(1)).toBe(1)
    expect(waits).toEqual([1, 2])
    const slow = make(Fragile, [], { restart: { backoff: 20 } })
    await slow.tell.die()
    expect(await slow.ask.add(1)).toBe(1)
  })

  it('may go on as if nothing had been', async () => {
    const actor = make(Fragile, [], { restart: 'resume' })
    await actor.ask.add(3)
    await actor.tell.fail()
    expect(await actor.ask.add(1)).toBe(4)
  })

  it('is spoken of to onError, which may decide', async () => {
    const failures: [string, Failure][] = []
    const onError = (error: unknown, failure: Failure) => {
      failures.push([(error as Error).message, failure])
      return (error as Error).message === 'bad' ? 'stop' : 'resume'
    }
    const actor = make(Fragile, [], { onError })
    await actor.ask.add(2)
    await actor.tell.fail('small')
    expect(await actor.ask.add(1)).toBe(3)
    await actor.tell.fail('bad')
    expect(await actor.join()).toMatchObject({ reason: 'failed', error: { message: 'bad' } })
    const told = { phase: 'tell', method: 'fail', restarts: 0 }
    expect(failures).toEqual([
      ['small', told],
      ['bad', told],
    ])
  })

  it('takes those with it that it is linked to, and nobody else', async () => {
    const [a, b, c] = [make(Fragile), make(Fragile), make(Fragile)]
    a.link(b)
    const undo = c.link(a)
    undo()
    await a.tell.fail('together')
    expect(await b.join()).toMatchObject({ reason: 'failed', error: { message: 'together' } })
    expect(await c.ask.add(1)).toBe(1)
    const [d, e] = [make(Fragile), make(Fragile)]
    d.link(e)
    await d.close()
    expect(await e.ask.add(1)).toBe(1)
    expect(() => d.link({} as never)).toThrow(/`other`/)
  })

  it('is watched by who wants to know', async () => {
    const actor = make(Fragile)
    const exits: unknown[] = []
    actor.watch((exit) => exits.push(exit.reason))
    actor.watch(() => exits.push('taken back'))()
    await actor.close()
    actor.watch(({ reason }) => exits.push(`late ${reason}`))
    await until(() => exits.length === 2)
    expect(exits).toEqual(['closed', 'late closed'])
  })

  it.concurrent('is an unhandled rejection where nobody hears of it, and only there', async () => {
    const { stdout } = await runModule(`
      import { spawn } from 'offloop'
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message))
      class Bad { fail(m) { throw new Error(m) } die() { process.exit(1) } }
      spawn(Bad).tell.fail('alone')
      const watched = spawn(Bad)
      watched.watch(() => {})
      watched.tell.fail('watched')
      const heard = spawn(Bad, [], { onError() {} })
      heard.tell.fail('heard')
      await spawn(Bad).ask.die().catch(() => {})
      const stopped = spawn(Bad)
      stopped.ask.fail('asked').catch(() => {})
      stopped.terminate()
    `)
    expect(stdout).toBe('unhandled alone\n')
  })

  it.concurrent('escalates to the actor that made it, or to nobody', async () => {
    const said = await jsonFrom<string[]>(`
      import { spawn } from 'offloop'
      class Parent {
        start() {
          const { spawn } = require('offloop')
          class Child { fail() { throw new Error('of the child') } }
          this.child = spawn(Child, [], { restart: 'escalate' })
          return this.child.tell.fail()
        }
      }
      const said = []
      process.on('unhandledRejection', (error) => said.push(error.message))
      const parent = spawn(Parent)
      await parent.ask.start()
      const { reason, error } = await parent.join()
      said.push(reason, error.message)
      class Alone { fail() { throw new Error('alone') } }
      const alone = spawn(Alone, [], { restart: 'escalate' })
      alone.tell.fail()
      await alone.join()
      await new Promise((resolve) => setTimeout(resolve, 20))
      console.log(JSON.stringify(said))
    `)
    expect(said).toEqual(['failed', 'of the child', 'alone'])
  })

  it('refuses a restart that means nothing', () => {
    const bad = [{ strategy: 'x' }, { limit: -1 }, { withinMs: -1 }, { backoff: -1 }]
    for (const restart of bad) {
      expect(() => spawn(Fragile, [], { restart: restart as never })).toThrow(
        new RegExp(`\`restart\\.${Object.keys(restart)[0]}\``),
      )
    }
    expect(() => spawn(Fragile, [], { restart: 7 as never })).toThrow(/`restart`/)
    expect(() => spawn(Fragile, [], { restart: true, transfer: [] })).toThrow(/`transfer`/)
  })
})
