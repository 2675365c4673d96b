import { Worker } from 'node:worker_threads'

import { LifoQueue, Pool, PriorityQueue, Queue } from 'offloop'
import { afterAll, describe, expect, it, vi } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'

const pool = new Pool({ workers: 2, backend: 'worker' })
afterAll(() => pool.close())

const closed = { name: 'OffloopError', code: 'ERR_OFFLOOP_CLOSED' }
const timedOut = { name: 'TimeoutError' }
/** Lets promises that can settle do so. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe.each([
  ['Queue', Queue],
  ['LifoQueue', LifoQueue],
  ['PriorityQueue', PriorityQueue],
])('%s', (_, Kind) => {
  it('gives back what was put', async () => {
    const queue = new Kind<number>()
    expect([queue.size, queue.capacity, queue.closed]).toEqual([0, Infinity, false])
    await queue.put(5)
    expect(queue.tryPut(6)).toBe(true)
    expect(queue.size).toBe(2)
    expect([await queue.get(), queue.tryGet()].toSorted()).toEqual([5, 6])
    expect(queue.tryGet()).toBeUndefined()
    expect(queue.size).toBe(0)
  })

  it('lets get wait for put', async () => {
    const queue = new Kind<string>()
    const waiting = [queue.get(), queue.get()]
    await queue.put('one')
    await queue.put('other')
    expect((await Promise.all(waiting)).toSorted()).toEqual(['one', 'other'])
  })

  it('lets put wait for room', async () => {
    const queue = new Kind<number>({ capacity: 2 })
    expect(queue.capacity).toBe(2)
    await queue.put(1)
    await queue.put(2)
    expect(queue.tryPut(3)).toBe(false)
    let isIn = false
    const third = queue.put(3).then(() => (isIn = true))
    await turn()
    expect([isIn, queue.size]).toEqual([false, 2])
    await queue.get()
    await third
    expect(queue.size).toBe(2)
  })

  it('is the same queue in workers, which may block', async () => {
    const queue = new Kind<number>({ capacity: 4 })
    const produce = pool.submit((to) => {
      for (let i = 0; i < 1000; i++) to.putSync(i)
    }, queue as Queue<number>)
    const consume = pool.submit((from) => {
      let sum = 0
      for (let i = 0; i < 500; i++) sum += from.getSync()
      return sum
    }, queue as Queue<number>)
    let sum = 0
    for (let i = 0; i < 500; i++) sum += await queue.get()
    await produce
    expect(sum + (await consume)).toBe((999 * 1000) / 2)
  })

  it('opens by its handle in a raw Worker', async () => {
    const queue = new Kind<string>()
    const source = `
      const { workerData } = require('node:worker_threads')
      const { ${Kind.name} } = require('offloop')
      const queue = ${Kind.name}.from(workerData)
      queue.putSync('from ' + queue.constructor.name)`
    const worker = new Worker(source, { eval: true, workerData: queue.handle })
    expect(await queue.get()).toBe(`from ${Kind.name}`)
    await worker.terminate()
    expect(() => Kind.from(new (Kind === Queue ? LifoQueue : Queue)().handle)).toThrow(TypeError)
    expect(() => Kind.from(undefined)).toThrow(`the \`handle\` of a ${Kind.name}`)
  })
})

it('none of them blocks the main thread', async () => {
  const report = await jsonFrom<string[]>(`
    import { LifoQueue, PriorityQueue, Queue } from 'offloop'
    const failed = []
    for (const queue of [new Queue(), new LifoQueue(), new PriorityQueue()]) {
      for (const name of ['putSync', 'getSync', 'joinSync']) {
        try { queue[name](1) } catch (error) { failed.push(error.code) }
      }
      try { for (const item of queue) failed.push(item) } catch (error) { failed.push(error.code) }
    }
    console.log(JSON.stringify(failed))`)
  expect(report).toEqual(Array(12).fill('ERR_OFFLOOP_MAIN_THREAD'))
})

describe('order', () => {
  it('of a Queue is that of its puts, awaited or not', async () => {
    const queue = new Queue<number>({ capacity: 3 })
    const puts = Array.from({ length: 50 }, (_, i) => queue.put(i))
    expect(queue.tryPut(-1)).toBe(false)
    const got = []
    for (let i = 0; i < 50; i++) {
      got.push(await queue.get())
      // What waits for room is not overtaken.
      if (i === 10) expect(queue.tryPut(-1)).toBe(false)
    }
    await Promise.all(puts)
    expect(got).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  it('of a LifoQueue is the other way round', async () => {
    const stack = new LifoQueue<number>()
    for (let i = 0; i < 100; i++) await stack.put(i)
    for (let i = 99; i >= 50; i--) expect(await stack.get()).toBe(i)
    await stack.put(-1)
    expect([stack.tryGet(), stack.tryGet()]).toEqual([-1, 49])
  })

  it('of a PriorityQueue is by priority, and among equals by age', async () => {
    const queue = new PriorityQueue<number>()
    const model: { priority: number; i: number }[] = []
    const takeBoth = (): void => {
      model.sort((a, b) => a.priority - b.priority || a.i - b.i)
      expect(queue.tryGet()).toBe(model.shift()?.i)
    }
    for (let i = 0; i < 3000; i++) {
      const priority = [-Infinity, Infinity, -0, 0][i % 100] ?? Math.floor(Math.random() * 20) / 2
      model.push({ priority, i })
      await queue.put(i, { priority })
      if (Math.random() < 0.3) takeBoth()
    }
    while (model.length > 0) takeBoth()
    expect(queue.size).toBe(0)
    await queue.put(1)
    await queue.put(2, { priority: -1 })
    expect([queue.tryGet(), queue.tryGet()]).toEqual([2, 1])
  })
})

describe('waits end', () => {
  it('by a timeout, and then nothing was put or got', async () => {
    const queue = new Queue<number>({ capacity: 1 })
    await expect(queue.get({ timeout: 5 })).rejects.toMatchObject(timedOut)
    await expect(queue.get({ timeout: 0 })).rejects.toMatchObject(timedOut)
    await queue.put(1)
    await expect(queue.put(2, { timeout: 5 })).rejects.toMatchObject(timedOut)
    await expect(queue.join({ timeout: 5 })).rejects.toMatchObject(timedOut)
    expect(await queue.get({ timeout: 0 })).toBe(1)
    expect(queue.size).toBe(0)
  })

  it('by a timeout that is over between two looks at the clock', async () => {
    const queue = new Queue<number>({ capacity: 1 })
    await queue.put(1)
    let now = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 0.6))
    const put = queue.put(2, { timeout: 1 })
    clock.mockRestore()
    await expect(put).rejects.toMatchObject(timedOut)
    expect(await queue.get()).toBe(1)
    await turn()
    expect(queue.size).toBe(0)
  })

  it('by a signal, with its reason, before or meanwhile', async () => {
    const queue = new Queue<number>({ capacity: 1 })
    const reason = new Error('no more')
    const signal = AbortSignal.abort(reason)
    await queue.put(1)
    await expect(queue.get({ signal })).rejects.toBe(reason)
    await expect(queue.put(2, { signal })).rejects.toBe(reason)
    const controller = new AbortController()
    const put = queue.put(2, controller)
    const other = new Queue()
    const get = other.get(controller)
    controller.abort(reason)
    await expect(put).rejects.toBe(reason)
    await expect(get).rejects.toBe(reason)
    await other.put('kept')
    expect([queue.size, other.size]).toEqual([1, 1])
  })

  it('in a blocked worker as well', async () => {
    const ends = await pool.submit((queue) => {
      const names: unknown[] = []
      for (const act of [() => queue.getSync({ timeout: 5 }), () => queue.joinSync({ timeout: 5 })]) {
        try {
          act()
          names.push('done')
        } catch (error) {
          names.push((error as Error).name)
        }
      }
      return names
    }, new Queue())
    expect(ends).toEqual(['TimeoutError', 'done'])
  })

  it('and a get that was aborted loses no item, whenever that was', async () => {
    const queue = new Queue<number>()
    const got: number[] = []
    const producer = pool.submit((to) => {
      for (let i = 0; i < 300; i++) to.putSync(i)
      to.close()
    }, queue)
    for (let isOpen = true; isOpen;) {
      const controller = new AbortController()
      const gets = [queue.get(controller), queue.get({ timeout: Math.random() }), queue.get(controller)]
      const ends = Promise.allSettled(gets)
      if (Math.random() < 0.5) await turn()
      controller.abort()
      for (const end of await ends) {
        if (end.status === 'fulfilled') got.push(end.value)
        else if ((end.reason as { code?: unknown }).code === 'ERR_OFFLOOP_CLOSED') isOpen = false
      }
    }
    await producer
    expect(got).toEqual(Array.from({ length: 300 }, (_, i) => i))
  })
})

describe('close', () => {
  it('lets what is in it be got, and refuses the rest', async () => {
    const queue = new Queue<number>({ capacity: 2 })
    await queue.put(1)
    await queue.put(2)
    const third = queue.put(3)
    queue.close()
    queue.close()
    expect(queue.closed).toBe(true)
    await expect(third).rejects.toMatchObject(closed)
    await expect(queue.put(4)).rejects.toMatchObject(closed)
    expect(() => queue.tryPut(4)).toThrow(expect.objectContaining(closed) as Error)
    expect(await queue.get()).toBe(1)
    expect(queue.tryGet()).toBe(2)
    await expect(queue.get()).rejects.toMatchObject(closed)
    expect(() => queue.tryGet()).toThrow(expect.objectContaining(closed) as Error)
  })

  it('wakes all who wait, in all threads', async () => {
    const queue = new Queue()
    const blocked = [1, 2].map(() => pool.submit((from) => from.getSync(), queue))
    const waiting = Array.from({ length: 20 }, () => queue.get())
    const ends = Promise.allSettled<unknown>([...blocked, ...waiting])
    await turn()
    queue.close()
    for (const end of await ends) expect(end).toMatchObject({ status: 'rejected', reason: closed })
  })

  it('ends loops over it', async () => {
    const queue = new Queue<number>()
    for (let i = 0; i < 100; i++) await queue.put(i)
    let here = 0
    for await (const _ of queue) if (++here === 10) break
    expect(queue.size).toBe(90)
    const there = pool.submit((from) => {
      let count = 0
      for (const _ of from) count++
      return count
    }, queue)
    queue.close()
    for await (const _ of queue) here++
    expect(here + (await there)).toBe(100)
  })
})

describe('join', () => {
  it('waits until every item was finished', async () => {
    const queue = new Queue<number>()
    await queue.join()
    for (let i = 0; i < 10; i++) await queue.put(i)
    let isDone = false
    const joined = queue.join().then(() => (isDone = true))
    const blocked = pool.submit((one) => one.joinSync(), queue)
    for (let i = 0; i < 9; i++) {
      await queue.get()
      queue.taskDone()
    }
    await turn()
    expect(isDone).toBe(false)
    await queue.get()
    await pool.submit((one) => one.taskDone(), queue)
    await joined
    await blocked
    expect(() => queue.taskDone()).toThrow(RangeError)
    await queue.put(1)
    queue.taskDone()
    await queue.join()
  })
})

describe('memory', () => {
  it('has a limit of bytes, at which put waits', async () => {
    const queue = new Queue<Uint8Array>({ maxBytes: 2 ** 16 })
    let count = 0
    while (queue.tryPut(new Uint8Array(1000).fill(count))) count++
    expect(count).toBeGreaterThan(48)
    expect(count).toBeLessThanOrEqual(65)
    const large = queue.put(new Uint8Array(30_000))
    const small = queue.put(new Uint8Array(1))
    for (let i = 0; i < count; i++) expect((await queue.get())[0]).toBe(i % 256)
    expect((await queue.get()).length).toBe(30_000)
    expect((await queue.get()).length).toBe(1)
    await Promise.all([large, small])
    // Whatever sizes were in it before, what fits alone gets in.
    for (const size of [60, 60_000, 300, 50_000, 7]) {
      await queue.put(new Uint8Array(size))
      expect((await queue.get()).length).toBe(size)
    }
  })

  it('has no room for one item that is larger', async () => {
    const queue = new Queue({ maxBytes: 2 ** 16 })
    const wanted = { name: 'RangeError', message: expect.stringContaining('`maxBytes`') as string }
    await expect(queue.put('x'.repeat(2 ** 16))).rejects.toMatchObject(wanted)
    await expect(queue.put(new Float64Array(2 ** 20))).rejects.toMatchObject(wanted)
    expect(() => queue.tryPut('x'.repeat(2 ** 16))).toThrow(RangeError)
    expect(queue.size).toBe(0)
  })

  it('grows as it fills, for all threads', async () => {
    const queue = new Queue<Float64Array>()
    const sum = pool.submit((from) => {
      let total = 0
      for (const array of from) total += array[array.length - 1]
      return total
    }, queue)
    for (let i = 1; i <= 40; i++) await queue.put(new Float64Array(i * 4000).fill(i))
    queue.close()
    expect(await sum).toBe(820)
  })
})

it('keeps no process alive, but for waits', async () => {
  const report = await jsonFrom<string>(`
    import { Queue } from 'offloop'
    const queue = new Queue()
    setTimeout(() => queue.put('after a while'), 50).unref()
    console.log(JSON.stringify(await queue.get()))
    queue.get({ timeout: 20 }).catch(() => {})`)
  expect(report).toBe('after a while')
})

describe('misuse', () => {
  it.each([
    [{ capacity: 0 }, 'RangeError', '`capacity`'],
    [{ capacity: 1.5 }, 'RangeError', '`capacity`'],
    [{ capacity: '3' }, 'TypeError', '`capacity`'],
    [{ maxBytes: 10 }, 'RangeError', '`maxBytes`'],
    [{ maxBytes: 2 ** 40 }, 'RangeError', '`maxBytes`'],
    [null, 'TypeError', '`options`'],
    [7, 'TypeError', '`options`'],
  ])('options %j', (options, name, what) => {
    const wanted = { name, message: expect.stringContaining(what) as string }
    for (const Kind of [Queue, LifoQueue, PriorityQueue]) {
      expect(() => new Kind(options as never)).toThrow(expect.objectContaining(wanted) as Error)
    }
  })

  it('of waits and priorities', async () => {
    const queue = new PriorityQueue()
    await expect(queue.get({ timeout: -1 })).rejects.toThrow(RangeError)
    await expect(queue.get(5 as never)).rejects.toThrow(TypeError)
    await expect(queue.put(1, { signal: {} as never })).rejects.toThrow(TypeError)
    await expect(queue.put(1, { priority: NaN })).rejects.toThrow(RangeError)
    await expect(queue.put(1, { priority: '1' as never })).rejects.toThrow(TypeError)
    expect(queue.size).toBe(0)
  })
})
