import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

import { Pipe, PipeEnd, Pool } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

const pool = new Pool({ workers: 1, backend: 'worker' })
afterAll(() => pool.close())

const closed = { code: 'ERR_OFFLOOP_CLOSED' }

describe('Pipe', () => {
  it('goes both ways, and each way keeps its order', async () => {
    const [here, there] = Pipe<number, string>()
    const task = pool.submit((end) => {
      for (const n of end) end.sendSync(`got ${n}`)
    }, there)
    for (let i = 0; i < 100; i++) await here.send(i)
    for (let i = 0; i < 100; i++) expect(await here.recv()).toBe(`got ${i}`)
    here.close()
    await task
  })

  it('does not hear itself', async () => {
    const [a, b] = Pipe()
    await a.send('to b')
    await expect(a.recv({ timeout: 1 })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await b.recv()).toBe('to b')
  })

  it('closes both ways, and what was sent is received', async () => {
    const [a, b] = Pipe()
    await a.send(1)
    await b.send(2)
    const later = a.recv()
    expect(await later).toBe(2)
    const waiting = a.recv()
    b.close()
    expect([a.closed, b.closed]).toEqual([true, true])
    await expect(waiting).rejects.toMatchObject(closed)
    await expect(a.send(3)).rejects.toMatchObject(closed)
    const rest = []
    for await (const value of b) rest.push(value)
    expect(rest).toEqual([1])
    await expect(b.recv()).rejects.toMatchObject(closed)
  })

  it('waits for room where it has a capacity', async () => {
    const [a, b] = Pipe({ capacity: 1 })
    await a.send(1)
    await expect(a.send(2, { timeout: 1 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await b.send('the other way is free')
    expect(await b.recv()).toBe(1)
  })

  it('opens by its handle', async () => {
    const [here, there] = Pipe<string>()
    const source = `
      const { workerData } = require('node:worker_threads')
      const { PipeEnd } = require('offloop')
      const end = PipeEnd.from(workerData)
      end.sendSync(end.recvSync().toUpperCase())`
    const worker = new Worker(source, { eval: true, workerData: there.handle })
    await here.send('loud')
    expect(await here.recv()).toBe('LOUD')
    await worker.terminate()
    const { port1, port2 } = new MessageChannel()
    port1.postMessage(there.handle)
    const again = PipeEnd.from<string>(receiveMessageOnPort(port2)?.message)
    port1.close()
    await again.send('back')
    expect(await here.recv()).toBe('back')
    expect(() => PipeEnd.from({})).toThrow(TypeError)
  })

  it('takes the options of a queue', () => {
    expect(() => Pipe({ capacity: 0 })).toThrow(RangeError)
    expect(() => Pipe(3 as never)).toThrow(TypeError)
  })
})
