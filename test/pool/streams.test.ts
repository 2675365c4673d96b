import { importTasks, ndarray, NDArray, Pool } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { outcome } from '../helpers/work.ts'
import type * as Tasks from './fixtures/tasks.mjs'

// Generators that live in workers, and what keeps a process alive.

const tasks = importTasks<typeof Tasks>(new URL('./fixtures/tasks.mjs', import.meta.url))
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

const pools: Pool[] = []
function makePool(options: ConstructorParameters<typeof Pool>[0] = {}): Pool {
  const pool = new Pool({ workers: 1, ...options })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.terminate())))

describe.each(['worker', 'process', 'inline'] as const)('stream on %s', (backend) => {
  it('gives what the generator yields, and takes what next is given', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.count, 3)
    expect(await stream.next()).toEqual({ done: false, value: 0 })
    expect(await stream.next('a' as never)).toEqual({ done: false, value: 1 })
    expect(await stream.next('b' as never)).toEqual({ done: false, value: 2 })
    expect(await stream.next('c' as never)).toEqual({ done: true, value: ['a', 'b', 'c'] })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('keeps steps in order that are not awaited', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.countSlowly, 100)
    const steps = [...range(5).map(() => stream.next()), stream.return('over' as never), stream.next()]
    const values = (await Promise.all(steps)).map(({ value }) => value as unknown)
    expect(values).toEqual([0, 1, 2, 3, 4, 'over', undefined])
  })

  it('leaving the loop runs finally in the worker', async () => {
    const pool = makePool({ backend })
    const before = await pool.submit(tasks.closed)
    for await (const x of pool.stream(tasks.count, 100)) if (x === 2) break
    expect(await pool.submit(tasks.closed)).toBe(before + 1)
  })

  it('return gives its value, before the first step as well', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.count, 3)
    await stream.next()
    expect(await stream.return(['early'] as never)).toEqual({ done: true, value: ['early'] })
    const unread = pool.stream(tasks.count, 3)
    expect(await unread.return(Promise.resolve(['never']) as never)).toEqual({ done: true, value: ['never'] })
    expect(await unread.next()).toEqual({ done: true, value: undefined })
  })

  it('throw arrives in the generator as what it is', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.catchOnce)
    await stream.next()
    const thrown = Object.assign(new RangeError('thrown'), { code: 'E_THROWN' })
    expect(await stream.throw(thrown)).toEqual({ done: false, value: ['RangeError', 'thrown', 'E_THROWN', true] })
    await expect(stream.throw(new DOMException('again', 'AbortError'))).rejects.toMatchObject({ name: 'AbortError' })
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('an error of the generator is the rejection, and its end', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.failAfter, 1)
    await stream.next()
    await expect(stream.next()).rejects.toThrow('no more')
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('a value that can not be sent ends the generator, which runs its finally', async () => {
    const pool = makePool({ backend })
    const before = await pool.submit(tasks.closed)
    const stream = pool.stream(tasks.yieldFunction)
    await expect(stream.next()).rejects.toThrow(/`result\.value`/)
    expect(await pool.submit(tasks.closed)).toBe(before + 1)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it('carries NDArrays', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.pass, ndarray(Float64Array.of(1, 2), [2]))
    const { value } = await stream.next()
    expect(value).toBeInstanceOf(NDArray)
  })

  it('the worker serves others between steps, however few tasks it may have', async () => {
    const pool = makePool({ backend, maxTasksPerWorker: 2 })
    for await (const x of pool.stream(tasks.count, 5)) expect(await pool.submit(tasks.echo, x)).toBe(x)
  })

  it('is refused for what is no generator, no function, or has arguments that can not be sent', async () => {
    const pool = makePool({ backend })
    await expect(pool.stream(tasks.echo as never, 1).next()).rejects.toThrow(/generator function/)
    expect(() => pool.stream(tasks.count, (() => 1) as never)).toThrow('`args[0]`')
    expect(() => pool.stream(5 as never)).toThrow('`fn`')
  })

  it('of a closed pool rejects, and starts no worker', async () => {
    const pool = makePool({ backend })
    const [unread, read] = [pool.stream(tasks.count, 3), pool.stream(tasks.count, 3)]
    await read.next()
    await pool.close()
    await expect(unread.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    await expect(read.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    expect(() => pool.stream(tasks.count, 3)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as Error)
    expect(pool.stats().workers).toEqual([])
  })
})

describe.each(['worker', 'process'] as const)('on %s', (backend) => {
  it('a worker that dies rejects every step that waits, however many', async () => {
    const pool = makePool({ backend })
    const stream = pool.stream(tasks.exitAfter, 3)
    const ended = await Promise.all(range(1500).map(() => outcome(stream.next())))
    for (const { value } of ended.slice(0, 3)) expect(value).toMatchObject({ done: false })
    for (const { reason } of ended.slice(3)) expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect(await pool.submit(tasks.echo, 1)).toBe(1)
  })

  it.each([
    ['an open stream', 'await pool.stream(function* () { for (;;) yield 1 }).next()'],
    ['an open pool that was idle', 'await pool.map((x) => x, [1, 2, 3])'],
    ['minWorkers alone', ''],
    [
      'a cancelled function that does not heed it',
      'await pool.submit(() => 1); const t = pool.submit(() => { for (;;); }); setTimeout(() => t.cancel(), 100)',
    ],
    ['output that is followed', 'await pool.submit(() => console.log("x"))'],
    ['an imap that nobody reads on', 'await pool.imap((x) => x, [1, 2, 3]).next()'],
    [
      'a timeout that did not come',
      'await pool.run((x) => x, [1], { timeout: 60000, runTimeout: 60000, queueTimeout: 60000 })',
    ],
  ])('a process ends by itself with %s', async (_, source) => {
    const started = Date.now()
    const { code, stderr } = await runModule(`
      import { Pool } from 'offloop'
      const pool = new Pool({ backend: '${backend}', workers: 2, minWorkers: 1, graceMs: 50_000, stdout: () => {} })
      globalThis.pool = pool
      ${source}`)
    expect([code, stderr]).toEqual([0, ''])
    expect(Date.now() - started).toBeLessThan(40_000)
  })

  it('a process waits for its tasks', async () => {
    const { code, stdout } = await runModule(`
      import { Pool } from 'offloop'
      const pool = new Pool({ backend: '${backend}', workers: 1 })
      for (const ms of [50, 1]) {
        pool.submit((ms) => new Promise((resolve) => setTimeout(resolve, ms)), ms).then(() => console.log('done'))
      }`)
    expect([code, stdout]).toEqual([0, 'done\ndone\n'])
  })
})

describe('a child process', () => {
  it('that is busy does not outlive its parent', async () => {
    const { code, stdout } = await runModule(`
      import { Pool } from 'offloop'
      const pool = new Pool({ backend: 'process', workers: 1 })
      console.log(await pool.submit(() => process.pid))
      pool.submit(() => { for (;;); })
      setTimeout(() => process.exit(7), 100)`)
    expect(code).toBe(7)
    const pid = Number(stdout)
    const isThere = () => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    }
    await expect.poll(isThere, { timeout: 5000 }).toBe(false)
  })
})
