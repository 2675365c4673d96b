import { Worker } from 'node:worker_threads'

import { Channel, Pool } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'

const pool = new Pool({ workers: 2, backend: 'worker' })
afterAll(() => pool.close())

const closed = { name: 'OffloopError', code: 'ERR_OFFLOOP_CLOSED' }
const timedOut = { name: 'TimeoutError' }
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('without a buffer', () => {
  it('a send waits until it is received', async () => {
    const channel = new Channel<string>()
    expect([channel.capacity, channel.size, channel.closed]).toEqual([0, 0, false])
    let isSent = false
    const send = channel.send('hello').then(() => (isSent = true))
    await turn()
    expect([isSent, channel.size]).toEqual([false, 0])
    expect(await channel.receive()).toBe('hello')
    await send
    expect(isSent).toBe(true)
  })

  it('a receive waits for a send, which then need not wait', async () => {
    const channel = new Channel<number>()
    expect(channel.trySend(1)).toBe(false)
    const receive = channel.receive()
    expect(channel.trySend(2)).toBe(true)
    expect(channel.trySend(3)).toBe(false)
    expect(await receive).toBe(2)
    expect(channel.tryReceive()).toBeUndefined()
  })

  it('who waits longest is served first, on both sides', async () => {
    const channel = new Channel<number>()
    const sends = Array.from({ length: 20 }, (_, i) => channel.send(i))
    for (let i = 0; i < 20; i++) expect(await channel.receive()).toBe(i)
    await Promise.all(sends)
    const receives = Array.from({ length: 20 }, () => channel.receive())
    for (let i = 0; i < 20; i++) await channel.send(i)
    expect(await Promise.all(receives)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('works between threads, blocked or not', async () => {
    const [there, back] = [new Channel<number>(), new Channel<number>()]
    const task = pool.submit(
      (from: Channel<number>, to: Channel<number>) => {
        for (const n of from) to.sendSync(n * 2)
        to.close()
      },
      there,
      back,
    )
    const answers: number[] = []
    const receiving = (async () => {
      for await (const answer of back) answers.push(answer)
    })()
    for (let i = 0; i < 200; i++) await there.send(i)
    there.close()
    await receiving
    await task
    expect(answers).toEqual(Array.from({ length: 200 }, (_, i) => i * 2))
  })
})

describe('with a buffer', () => {
  it('sends go in as long as there is room, and the rest waits in its order', async () => {
    const channel = new Channel<number>(3)
    const sends = Array.from({ length: 10 }, (_, i) => channel.send(i))
    await Promise.all(sends.slice(0, 3))
    expect([channel.size, channel.capacity]).toEqual([3, 3])
    expect(channel.trySend(-1)).toBe(false)
    for (let i = 0; i < 10; i++) expect(await channel.receive()).toBe(i)
    await Promise.all(sends)
    expect(channel.size).toBe(0)
  })

  it('works between threads', async () => {
    const channel = new Channel<number>(16)
    const tasks = [0, 1].map((producer) =>
      pool.submit(
        (to: Channel<number>, first: number) => {
          for (let i = 0; i < 500; i++) to.sendSync(first + i)
        },
        channel,
        producer * 1000,
      ),
    )
    const got: number[] = []
    for (let i = 0; i < 1000; i++) got.push(await channel.receive())
    await Promise.all(tasks)
    for (const first of [0, 1000]) {
      const own = got.filter((n) => n >= first && n < first + 500)
      expect(own).toEqual(Array.from({ length: 500 }, (_, i) => first + i))
    }
  })
})

describe('waits end', () => {
  it.each([0, 1])('by a timeout or a signal, and then nothing was sent or received; capacity %i', async (capacity) => {
    const channel = new Channel<number>(capacity)
    const reason = new Error('enough')
    await expect(channel.receive({ timeout: 3 })).rejects.toMatchObject(timedOut)
    await expect(channel.receive({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    for (let i = 0; i < capacity; i++) await channel.send(7)
    await expect(channel.send(1, { timeout: 0 })).rejects.toMatchObject(timedOut)
    await expect(channel.send(1, { timeout: 3 })).rejects.toMatchObject(timedOut)
    const controller = new AbortController()
    const send = channel.send(1, controller)
    controller.abort(reason)
    await expect(send).rejects.toBe(reason)
    for (let i = 0; i < capacity; i++) expect(await channel.receive()).toBe(7)
    const receive = channel.receive()
    await channel.send(2)
    expect(await receive).toBe(2)
    expect(channel.tryReceive()).toBeUndefined()
  })

  it('in blocked workers as well', async () => {
    const name = await pool.submit((from) => {
      try {
        return from.receiveSync({ timeout: 3 })
      } catch (error) {
        return (error as Error).name
      }
    }, new Channel())
    expect(name).toBe('TimeoutError')
    const task = pool.submit((from) => from.receiveSync(), new Channel())
    task.catch(() => {})
    await turn()
    task.cancel()
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
  })
})

describe('close', () => {
  it('refuses senders, waiting ones too, and lets the buffer be received', async () => {
    const channel = new Channel<number>(2)
    const sends = [1, 2, 3].map((n) => channel.send(n))
    await Promise.all(sends.slice(0, 2))
    channel.close()
    expect(channel.closed).toBe(true)
    await expect(sends[2]).rejects.toMatchObject(closed)
    await expect(channel.send(4)).rejects.toMatchObject(closed)
    expect(() => channel.trySend(4)).toThrow(expect.objectContaining(closed) as Error)
    const rest = []
    for await (const n of channel) rest.push(n)
    expect(rest).toEqual([1, 2])
    await expect(channel.receive()).rejects.toMatchObject(closed)
    expect(() => channel.tryReceive()).toThrow(expect.objectContaining(closed) as Error)
  })

  it('lets waiting receivers go, in all threads', async () => {
    const channel = new Channel()
    const blocked = pool.submit((from) => from.receiveSync(), channel)
    const loop = pool.submit((from) => [...from], channel)
    const ends = Promise.allSettled([blocked, channel.receive()])
    await turn()
    channel.close()
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: closed })
    expect(await loop).toEqual([])
  })
})

it('opens by its handle in a raw Worker', async () => {
  const channel = new Channel<string>()
  const source = `
    const { workerData } = require('node:worker_threads')
    const { Channel } = require('offloop')
    Channel.from(workerData).sendSync('here')`
  const worker = new Worker(source, { eval: true, workerData: channel.handle })
  expect(await channel.receive()).toBe('here')
  await worker.terminate()
  expect(() => Channel.from({ '@offloop': 'Queue' })).toThrow('the `handle` of a Channel')
})

it('does not block the main thread, and keeps the process alive for waits alone', async () => {
  const report = await jsonFrom<unknown[]>(`
    import { Channel, selectSync } from 'offloop'
    const channel = new Channel()
    const failed = []
    const acts = [() => channel.sendSync(1), () => channel.receiveSync(), () => selectSync([channel.receiving()])]
    for (const act of acts) {
      try { act() } catch (error) { failed.push(error.code) }
    }
    setTimeout(() => channel.send('later'), 50).unref()
    failed.push(await channel.receive())
    console.log(JSON.stringify(failed))`)
  expect(report).toEqual([...Array(3).fill('ERR_OFFLOOP_MAIN_THREAD'), 'later'])
})

it('has a limit of bytes', async () => {
  const channel = new Channel<string>(100, { maxBytes: 4096 })
  await expect(channel.send('x'.repeat(5000))).rejects.toThrow(RangeError)
  for (let i = 0; i < 20; i++) {
    await channel.send('x'.repeat(i * 150))
    expect(await channel.receive()).toBe('x'.repeat(i * 150))
  }
  await channel.send('x'.repeat(3000))
  await expect(channel.send('x'.repeat(3000))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MEMORY' })
  expect(await channel.receive()).toBe('x'.repeat(3000))
})

it.each([
  [[-1], 'RangeError', '`capacity`'],
  [['1'], 'TypeError', '`capacity`'],
  [[1, { maxBytes: 1 }], 'RangeError', '`maxBytes`'],
  [[1, null], 'TypeError', '`options`'],
])('misuse: %j', (args, name, what) => {
  const wanted = { name, message: expect.stringContaining(what) as string }
  expect(() => new Channel(...(args as []))).toThrow(expect.objectContaining(wanted) as Error)
})
