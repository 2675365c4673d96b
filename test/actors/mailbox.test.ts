import { Actor, importTasks, MailboxRef, spawn } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { until } from '../helpers/work.ts'
import type * as Bank from './fixtures/bank.mjs'

const bank = importTasks<typeof Bank>(new URL('./fixtures/bank.mjs', import.meta.url))
const state = { code: 'ERR_OFFLOOP_STATE' }

class Summer extends Actor<number, number> {
  readonly start0: number
  constructor(start0 = 0) {
    super()
    this.start0 = start0
  }
  async run() {
    let sum = this.start0
    for await (const n of this.mailbox) {
      if (n < 0) throw new RangeError(`no ${n}`)
      if (n === 1000) process.exit(1)
      sum += n
    }
    return sum
  }
}

interface Ends {
  terminate(): Promise<void>
}
const actors: Ends[] = []
const keep = <A extends Ends>(actor: A): A => {
  actors.push(actor)
  return actor
}
afterEach(() => Promise.all(actors.splice(0).map((actor) => actor.terminate())))

describe.each(['worker', 'process'] as const)('an Actor on %s', (backend) => {
  it('runs with the fields that it was made with, and join gives what run gives', async () => {
    const summer = keep(new Summer(10))
    expect(summer.isAlive).toBe(false)
    expect(summer.start({ backend })).toBe(summer)
    expect(summer.isAlive).toBe(true)
    for (let i = 1; i <= 100; i++) void summer.send(i)
    await summer.close()
    expect(await summer.join()).toBe(5060)
    expect(summer.isAlive).toBe(false)
    await expect(summer.send(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
  })

  it('join rejects with what run throws', async () => {
    const summer = keep(new Summer().start({ backend }))
    void summer.send(-1)
    const error = await summer.join().catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'no -1' })
  })

  it('runs again after a failure, where it is told to; what waits goes to the new run', async () => {
    const summer = keep(new Summer(1).start({ backend, restart: true }))
    for (const n of [5, -1, 7]) await summer.send(n)
    await summer.close()
    expect(await summer.join()).toBe(8)
  })

  it('terminates', async () => {
    const summer = keep(new Summer().start({ backend }))
    const joined = summer.join()
    await summer.terminate()
    await expect(joined).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('an Actor', () => {
  it('refuses what is out of turn', async () => {
    const summer = keep(new Summer())
    expect(() => summer.mailbox).toThrow(expect.objectContaining(state))
    expect(() => summer.ref).toThrow(expect.objectContaining(state))
    for (const act of [() => summer.send(1), () => summer.join(), () => summer.close()]) {
      await expect(act()).rejects.toMatchObject(state)
    }
    await summer.terminate()
    summer.start()
    expect(() => summer.start()).toThrow(expect.objectContaining(state))
    expect(() => summer.mailbox).toThrow(expect.objectContaining(state))
  })

  it('of a class that can not be sent is refused at its start', () => {
    class Hidden extends Actor {
      #secret = 1
      async run() {
        return this.#secret
      }
    }
    expect(() => new Hidden().start()).toThrow(/`Hidden`.*#secret/)
    class Fn extends Actor {
      handler = () => 1
      async run() {}
    }
    expect(() => new Fn().start()).toThrow(/`fields\[0\]\.handler`/)
    const outer = 1
    class Closes extends Actor {
      async run() {
        return outer
      }
    }
    expect(() => new Closes().start()).toThrow(/refers to `outer`/)
    expect(() => new Summer().start({ mailbox: 0 })).toThrow(/`mailbox`/)
  })

  it('may be of a module, and may extend another', async () => {
    class AdderHere extends Actor<number, number> {
      async run() {
        return -1
      }
    }
    const adder = keep(new AdderHere().start({ from: bank.Adder }))
    await adder.send(4)
    await adder.close()
    expect(await adder.join()).toBe(5)

    class Double extends Summer {
      override async run() {
        return 2 * (await super.run())
      }
    }
    const double = keep(new Double(1).start())
    void double.send(4)
    await double.close()
    expect(await double.join()).toBe(10)
  })

  it('receives with a time limit and a signal', async () => {
    class Patient extends Actor<string, unknown[]> {
      readonly words = new Int32Array(new SharedArrayBuffer(4))
      async run() {
        const got: unknown[] = []
        const say = (error: unknown) => got.push((error as { name?: string }).name ?? error)
        await this.mailbox.receive({ timeout: 1 }).catch(say)
        await this.mailbox.receive({ signal: AbortSignal.abort('now') }).catch(say)
        const controller = new AbortController()
        setTimeout(() => controller.abort('later'), 1)
        await this.mailbox.receive({ signal: controller.signal }).catch(say)
        await this.mailbox.receive({ timeout: -1 }).catch(say)
        this.words[0] = 1
        got.push(await this.mailbox.receive())
        got.push(await this.mailbox.receive({ timeout: 10_000 }))
        const error = (await this.mailbox.receive().catch((reason: unknown) => reason)) as { code: string }
        got.push(error.code)
        return got
      }
    }
    const actor = keep(new Patient().start())
    await until(() => actor.words[0] === 1)
    void actor.send('a')
    void actor.send('b')
    void actor.close()
    const errors = ['TimeoutError', 'now', 'later', 'RangeError']
    expect(await actor.join()).toEqual([...errors, 'a', 'b', 'ERR_OFFLOOP_CLOSED'])
  })

  it('is held back by its mailbox: send waits, or is refused', async () => {
    class Slow extends Actor<number, number[]> {
      async run() {
        const got: number[] = []
        for await (const n of this.mailbox) {
          await new Promise((resolve) => setTimeout(resolve, 2))
          got.push(n)
        }
        return got
      }
    }
    const patient = keep(new Slow().start({ mailbox: 2, overflow: 'wait' }))
    let accepted = 0
    const sent = Array.from({ length: 6 }, (_, i) => patient.send(i).then(() => accepted++))
    await sent[0]
    expect(accepted).toBeLessThan(6)
    await Promise.all(sent)
    await patient.close()
    expect(await patient.join()).toEqual([0, 1, 2, 3, 4, 5])

    const strict = keep(new Slow().start({ mailbox: 2 }))
    await Promise.all([strict.send(1), strict.send(2)])
    await expect(strict.send(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    await strict.close()
    expect(await strict.join()).toEqual([1, 2])
  })

  it('that is sent arrives as a reference to it', async () => {
    class Sender {
      async to(ref: MailboxRef<number>, n: number) {
        await ref.send(n)
        return ref.constructor.name
      }
    }
    const summer = keep(new Summer().start())
    const sender = spawn(Sender)
    expect(await sender.ask.to(summer as unknown as MailboxRef<number>, 4)).toBe('MailboxRef')
    expect(await sender.ask.to(summer.ref, 5)).toBe('MailboxRef')
    await sender.close()
    expect(summer.ref).toBeInstanceOf(MailboxRef)
    await summer.close()
    expect(await summer.join()).toBe(9)
  })

  it('whose run ends leaves messages that nobody reads any more', async () => {
    class First extends Actor<number, number> {
      async run() {
        return this.mailbox.receive()
      }
    }
    const first = keep(new First().start())
    for (const n of [7, 8, 9]) void first.send(n).catch(() => {})
    expect(await first.join()).toBe(7)
    await expect(first.send(10)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    await until(() => !first.isAlive)
  })

  it.concurrent('keeps the process alive while it works, not while it waits for messages', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { Actor } from 'offloop'
      class Printer extends Actor {
        async run() {
          await new Promise((resolve) => setTimeout(resolve, 50))
          console.log('ready')
          for await (const line of this.mailbox) {
            await new Promise((resolve) => setTimeout(resolve, 50))
            console.log(line)
          }
        }
      }
      const printer = new Printer().start()
      printer.send('one')
      printer.send('two')
    `)
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'ready\none\ntwo\n', stderr: '' })
  })
})
