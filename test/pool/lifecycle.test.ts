import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import * as fs from 'node:fs'
import * as os from 'node:os'
import { threadId } from 'node:worker_threads'

import { importTasks, ndarray, NDArray, Pool } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { root, runShell } from '../helpers/child.ts'
import { outcome, until } from '../helpers/work.ts'
import type * as Tasks from './fixtures/tasks.mjs'

// Workers from their start to their end, and what a pool's options do to them.

const tasks = importTasks<typeof Tasks>(new URL('./fixtures/tasks.mjs', import.meta.url))
const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const pools: Pool[] = []
function makePool(options: ConstructorParameters<typeof Pool>[0] = {}): Pool {
  const pool = new Pool({ workers: 1, ...options })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.terminate())))

const sizeOf = (pool: Pool) => pool.stats().workers.length

describe.each(['worker', 'process'] as const)('on %s', (backend) => {
  it('minWorkers start with the pool and stay, the others go after idleTimeout', async () => {
    const pool = makePool({ backend, workers: 2, minWorkers: 1, idleTimeout: 50 })
    expect(sizeOf(pool)).toBe(1)
    const both = [pool.submit(tasks.sleep, 100), pool.submit(tasks.sleep, 100)]
    await Promise.resolve()
    expect(sizeOf(pool)).toBe(2)
    await Promise.all(both)
    await until(() => sizeOf(pool) === 1)
    await wait(120)
    expect(sizeOf(pool)).toBe(1)
    expect(await pool.submit(tasks.echo, 1)).toBe(1)
  })

  it('a worker that dies is replaced up to minWorkers', async () => {
    const pool = makePool({ backend, workers: 2, minWorkers: 1 })
    await outcome(pool.submit(tasks.exit, 1))
    await until(() => pool.stats().workers.some(({ ready, number }) => ready && number > 1))
    expect(sizeOf(pool)).toBe(1)
  })

  it('maxTasksPerWorker replaces workers, and none runs more', async () => {
    const pool = makePool({ backend, maxTasksPerWorker: 5 })
    const fn = () => {
      const here = globalThis as unknown as { ran?: number }
      here.ran = (here.ran ?? 0) + 1
      return here.ran
    }
    for (let i = 0; i < 3; i++) await pool.submit(fn)
    const counts = await Promise.all(range(20).map(() => pool.submit(fn)))
    expect(Math.max(...counts)).toBeLessThanOrEqual(5)
    expect(sizeOf(pool)).toBeLessThanOrEqual(1)
  })

  it.each(['sync', 'async'])('an initializer that is %s runs before the first task, with the context', async (how) => {
    const sync = (context: { level: number }) => void Object.assign(globalThis, { level: context.level })
    const later = async (context: { level: number }) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      Object.assign(globalThis, { level: context.level })
    }
    const initializer = (how === 'sync' ? sync : later) as (context: never) => unknown
    const pool = makePool({ backend, initializer, context: { level: 7 } })
    expect(await pool.submit(() => (globalThis as unknown as { level: number }).level)).toBe(7)
  })

  it('an initializer that fails rejects all that wait, and starts no worker for each', async () => {
    const initializer = async () => {
      await new Promise((resolve) => setTimeout(resolve, 10))
      throw new RangeError('not here')
    }
    let started = 0
    const count = (message: unknown) => void ((message as { pool: string }).pool === 'failing' && started++)
    subscribe('offloop:worker:start', count)
    const pool = makePool({ backend, initializer, name: 'failing', traceSubmit: true })
    const ended = await Promise.all(range(50).map(() => outcome(pool.submit(tasks.echo, 1))))
    unsubscribe('offloop:worker:start', count)
    for (const { reason } of ended) {
      expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START', cause: { message: 'not here' } })
      expect((reason as Error).stack?.match(/submitted here/g)).toHaveLength(1)
    }
    expect(started).toBeLessThanOrEqual(2)
  })

  it('a context is copied for every worker, NDArrays in it included', async () => {
    const context = { list: [1], array: ndarray(Float64Array.of(1, 2, 3, 4), [2, 2]) }
    const pool = makePool({ backend, context })
    const fn = (_: unknown, { context: mine }: { context: unknown }) => {
      const { list, array } = mine as typeof context
      list.push(2)
      return [list.length, array.at(1, 0)]
    }
    expect(await pool.map(fn, ['a', 'b'])).toEqual([[2, 3], [3, 3]]) // prettier-ignore
    expect(context.list).toEqual([1])
  })

  it('a context that only looks as if it could be sent rejects, and ends nothing', async () => {
    const pool = makePool({ backend, context: { format: new Intl.NumberFormat('en') } })
    for (let i = 0; i < 2; i++) {
      await expect(pool.submit(tasks.echo, 1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_START' })
    }
    expect(() => makePool({ backend, context: { fn: () => 1 }, minWorkers: 1 })).toThrow('`context.fn`')
  })

  it('env is that of the workers', async () => {
    const pool = makePool({ backend, env: { ...process.env, ONLY_THERE: 'yes' } })
    expect(await pool.submit(() => process.env['ONLY_THERE'])).toBe('yes')
    expect(process.env['ONLY_THERE']).toBeUndefined()
  })

  it('stdout and stderr go to functions', async () => {
    let [out, err] = ['', '']
    const pool = makePool({ backend, stdout: (text) => (out += text), stderr: (text) => (err += text) })
    await pool.submit(() => {
      console.log('to out ü')
      console.error('to err')
    })
    await until(() => out.endsWith('\n') && err.endsWith('\n'))
    expect([out, err]).toEqual(['to out ü\n', 'to err\n'])
  })

  it('nothing that workers printed is lost when it is closed', async () => {
    let out = ''
    const pool = makePool({ backend, workers: 2, stdout: (text) => (out += text) })
    const print = (from: number) => {
      for (let i = from; i < from + 1000; i++) console.log(i)
    }
    await pool.map(print, [0, 1000, 2000, 3000], { chunkSize: 1 })
    await pool.close()
    const lines = out.trimEnd().split('\n').map(Number)
    expect(lines.toSorted((a, b) => a - b)).toEqual(range(4000))
  })

  it('queueLimit rejects the next task, and makes way when one has settled', async () => {
    const pool = makePool({ backend, queueLimit: 2 })
    const held = [pool.submit(tasks.sleep, 50), pool.submit(tasks.echo, 2)]
    await expect(pool.submit(tasks.echo, 3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    await expect(pool.run(tasks.echo, [3])).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' })
    expect(await pool.map(tasks.echo, range(10))).toEqual(range(10))
    await Promise.all(held)
    expect(await pool.submit(tasks.echo, 4)).toBe(4)
  })

  it('high priority goes first, and low work ages to the front', async () => {
    const pool = makePool({ backend })
    await pool.submit(tasks.echo, 0)
    const order: string[] = []
    const note = (what: string) => () => void order.push(what)
    const first = pool.submit(tasks.sleep, 1500)
    const old = pool.run(tasks.sleep, [1], { priority: 'low' }).then(note('old low'))
    await wait(1250)
    const rest = (['low', 'normal', 'high'] as const).map((priority) =>
      pool.run(tasks.sleep, [1], { priority }).then(note(priority)),
    )
    await Promise.all([first, old, ...rest])
    expect(order).toEqual(['old low', 'high', 'normal', 'low'])
  })

  it('queueTimeout drops what waits too long, and no other', async () => {
    const pool = makePool({ backend })
    await pool.submit(tasks.echo, 0)
    const first = pool.run(tasks.sleep, [150], { queueTimeout: 100 })
    const second = pool.run(tasks.echo, [2], { queueTimeout: 30 })
    await expect(second).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await first).toBe('slept')
  })

  it('runTimeout counts from the start, not from the call or the start of its worker', async () => {
    const initializer = () => new Promise((resolve) => setTimeout(resolve, 300))
    const pool = makePool({ backend, initializer })
    // Checked every so often from the call on, it would fall into the run.
    expect(await pool.run(tasks.sleep, [400], { runTimeout: 600 })).toBe('slept')
    const held = pool.submit(tasks.sleep, 200)
    expect(await pool.run(tasks.sleep, [50], { runTimeout: 150 })).toBe('slept')
    await expect(pool.run(tasks.spin, [60_000], { runTimeout: 50 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await held
  })

  it('a timeout counts from the call', async () => {
    const pool = makePool({ backend })
    const held = pool.submit(tasks.sleep, 300)
    await expect(pool.run(tasks.echo, [1], { timeout: 50 })).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await held).toBe('slept')
  })

  it('retries run a task again when its worker dies, so many times', async () => {
    const pool = makePool({ backend })
    const fn = (path: string, deaths: number) => {
      const { appendFileSync, readFileSync } = require('node:fs') as typeof fs
      appendFileSync(path, 'x')
      const runs = readFileSync(path, 'utf8').length
      return runs <= deaths ? process.exit(1) : runs
    }
    const folder = fs.mkdtempSync(`${os.tmpdir()}/offloop-`)
    expect(await pool.run(fn, [`${folder}/two`, 2], { retries: 2 })).toBe(3)
    const { reason } = await outcome(pool.run(fn, [`${folder}/three`, 9], { retries: 2 }))
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect(fs.readFileSync(`${folder}/three`, 'utf8')).toBe('xxx')
    fs.rmSync(folder, { recursive: true })
  })

  it('runTimeout is of each try', async () => {
    const pool = makePool({ backend })
    await pool.submit(tasks.echo, 0)
    const folder = fs.mkdtempSync(`${os.tmpdir()}/offloop-`)
    const fn = (path: string) => {
      const { mkdirSync } = require('node:fs') as typeof fs
      const first = mkdirSync(path, { recursive: true }) !== undefined
      return new Promise((resolve) => setTimeout(() => resolve(first ? process.exit(1) : 'slept'), 600))
    }
    expect(await pool.run(fn, [`${folder}/died`], { runTimeout: 1150, retries: 1 })).toBe('slept')
    fs.rmSync(folder, { recursive: true })
  })

  it('broadcast runs once in every worker', async () => {
    const pool = makePool({ backend, workers: 3 })
    const pids = await pool.broadcast((is: string) => {
      Object.assign(globalThis, { is })
      const { threadId: id } = require('node:worker_threads') as { threadId: number }
      return `${process.pid} ${id}`
    }, 'set')
    expect(new Set(pids).size).toBe(3)
    expect(await pool.map(() => (globalThis as unknown as { is: string }).is, ['a', 'b', 'c'])).toEqual(['set', 'set', 'set']) // prettier-ignore
    await expect(pool.broadcast(tasks.throwMine)).rejects.toThrow('mine')
  })

  it('cancelling what has not begun leaves the worker that runs something else', async () => {
    const pool = makePool({ backend, graceMs: 20 })
    await pool.submit(tasks.echo, 0)
    const held = pool.submit(tasks.sleep, 200)
    await wait(20)
    const behind = pool.broadcast(tasks.exit, 1)
    behind.cancel()
    expect(await held).toBe('slept')
    expect(await pool.submit(tasks.echo, 1)).toBe(1)
    expect(pool.stats().workers[0].number).toBe(1)
  })

  it('cancelling while a worker starts does not end the worker', async () => {
    const initializer = () => new Promise((resolve) => setTimeout(resolve, 200))
    const pool = makePool({ backend, graceMs: 20, initializer })
    const task = pool.submit(tasks.exit, 1)
    await wait(30)
    task.cancel()
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
    expect(await pool.submit(tasks.echo, 1)).toBe(1)
    expect(pool.stats().workers[0].number).toBe(1)
  })

  it('a cancelled function hears why', async () => {
    const pool = makePool({ backend, graceMs: 20_000 })
    for (const [reason, expected] of [
      [undefined, ['AbortError', 20, true]],
      [Object.assign(new RangeError('why'), { code: 'E_WHY' }), ['RangeError', 'E_WHY', true]],
    ] as const) {
      const task = pool.submit(tasks.hear)
      await until(() => task.progress === 0.5)
      task.cancel(reason)
      await outcome(task)
      expect(await pool.submit(tasks.heard)).toEqual(expected)
    }
  })

  it('close finishes what is queued and takes no more', async () => {
    const pool = makePool({ backend })
    const all = range(20).map((i) => pool.submit(tasks.sleep, i % 3))
    const mapped = pool.map(tasks.sleep, range(10).map(() => 5)) // prettier-ignore
    const closed = pool.close()
    for (const late of [pool.submit(tasks.echo, 1), pool.map(tasks.echo, [1]), pool.broadcast(tasks.echo, 1)]) {
      await expect(late).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    }
    await closed
    expect(all.map(({ status }) => status)).toEqual(range(20).map(() => 'done'))
    expect(await mapped).toHaveLength(10)
    expect(sizeOf(pool)).toBe(0)
  })

  it('terminate cancels all at once', async () => {
    const pool = makePool({ backend, graceMs: 60_000 })
    const all = [pool.submit(tasks.spin, 60_000), ...range(20).map(() => pool.submit(tasks.echo, 1))]
    const mapped = pool.map(tasks.spin, [60_000, 60_000])
    await wait(50)
    await pool.terminate()
    for (const task of [...all, mapped]) {
      expect(task.status).toBe('cancelled')
      expect((await outcome(task)).reason).toMatchObject({ name: 'AbortError' })
    }
    expect(sizeOf(pool)).toBe(0)
  })

  it('stats tell of workers and tasks', async () => {
    const pool = makePool({ backend, name: 'told' })
    await pool.submit(tasks.echo, 1)
    const running = pool.submit(tasks.sleep, 100)
    const queued = pool.submit(tasks.sleep, 1)
    await until(() => running.status === 'running')
    const stats = pool.stats()
    expect(stats).toMatchObject({ name: 'told', queued: 1, running: 1, done: 1, failed: 0, cancelled: 0 })
    expect(stats.workers).toMatchObject([{ number: 1, ready: true, tasks: expect.any(Number) as number }])
    expect(stats.workers[0].id).toBeGreaterThan(backend === 'process' ? 1 : threadId)
    await Promise.all([running, queued])
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0, done: 3 })
    expect(pool.stats().workers[0]).toMatchObject({ tasks: 0, taken: 3 })
  })

  it('diagnostics channels tell of workers and tasks', async () => {
    const seen: unknown[] = []
    const names = ['offloop:worker:start', 'offloop:worker:exit', 'offloop:task:settled']
    const listeners = names.map((name) => (message: unknown) => {
      if ((message as { pool: string }).pool === 'heard') seen.push({ ...(message as object), name })
    })
    names.forEach((name, i) => subscribe(name, listeners[i]))
    const pool = makePool({ backend, name: 'heard' })
    await pool.submit(tasks.echo, 1)
    await outcome(pool.submit(tasks.throwMine))
    await pool.close()
    names.forEach((name, i) => unsubscribe(name, listeners[i]))
    expect(seen).toMatchObject([
      { name: names[0], worker: 1 },
      { name: names[2], outcome: 'done' },
      { name: names[2], outcome: 'failed' },
      { name: names[1], worker: 1 },
    ])
  })

  it('traceSubmit tells where a failed task came from, once, and leaves reasons of the caller alone', async () => {
    const pool = makePool({ backend, traceSubmit: true })
    const { reason } = await outcome(pool.submit(tasks.throwMine))
    expect((reason as Error).stack).toMatch(/tasks\.mjs[^]*submitted here[^]*lifecycle\.test/)
    const mine = new Error('mine')
    const { stack } = mine
    const task = pool.submit(tasks.sleep, 10)
    task.cancel(mine)
    expect(((await outcome(task)).reason as Error).stack).toBe(stack)
  })

  it('keeps the AsyncLocalStorage of the caller in callbacks and iterators', async () => {
    const pool = makePool({ backend })
    const storage = new AsyncLocalStorage<string>()
    const seen: unknown[] = []
    await storage.run('mine', async () => {
      await pool.run(tasks.echo, [1], { onProgress: () => seen.push(storage.getStore()) })
      await pool.map(tasks.echo, range(100), { onProgress: () => seen.push(storage.getStore()) })
      function* items() {
        for (const x of range(10)) {
          seen.push(storage.getStore())
          yield x
        }
      }
      for await (const _ of pool.imap(tasks.echo, items())) seen.push(storage.getStore())
      for await (const _ of pool.stream(tasks.count, 3)) seen.push(storage.getStore())
    })
    expect(new Set(seen)).toEqual(new Set(['mine']))
  })
})

describe('on worker', () => {
  it('transfer moves buffers, and never to two workers', async () => {
    const pool = makePool({ workers: 2, graceMs: 20 })
    for (let i = 0; i < 2; i++)
      await Promise.all(range(400).map(() => pool.submit(tasks.lengthOf, new ArrayBuffer(1), 0)))
    const buffers = range(6).map(() => new ArrayBuffer(8))
    const all = buffers.map((buffer, i) =>
      pool.run(tasks.lengthOf, [buffer, i === 0 ? 60_000 : 0], { transfer: [buffer] }),
    )
    await wait(30)
    all[0].cancel()
    await expect(all[0]).rejects.toMatchObject({ name: 'AbortError' })
    expect(await Promise.all(all.slice(1))).toEqual([8, 8, 8, 8, 8])
    expect(buffers.map((buffer) => buffer.byteLength)).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('what was taken back from a worker that ends is not lost', async () => {
    const pool = makePool({ workers: 2, graceMs: 50 })
    // Known to be short, several are sent ahead.
    for (let i = 0; i < 2; i++) await Promise.all(range(400).map(() => pool.submit(tasks.spin, 0)))
    const all = [60_000, 300, 300, 300, 300].map((ms) => pool.submit(tasks.spin, ms))
    await wait(30)
    all[0].cancel()
    await expect(all[0]).rejects.toMatchObject({ name: 'AbortError' })
    const { queued, running } = pool.stats()
    expect(queued + running).toBe(4)
    expect(await Promise.all(all.slice(1))).toEqual(range(4).map(() => 'spun'))
  })

  it('two that are replaced at once leave minWorkers', async () => {
    const pool = makePool({ workers: 2, minWorkers: 2, graceMs: 20 })
    await pool.broadcast(tasks.echo, 0)
    const all = [pool.submit(tasks.spin, 60_000), pool.submit(tasks.spin, 60_000)]
    await until(() => all.every(({ status }) => status === 'running'))
    for (const task of all) task.cancel()
    await until(() => pool.stats().workers.every(({ number }) => number > 2))
    expect(sizeOf(pool)).toBe(2)
  })

  it('a large queue is rejected as a whole when no worker starts', async () => {
    const initializer = () => {
      throw new Error('never')
    }
    const pool = makePool({ initializer })
    const all = await Promise.all(range(150_000).map((i) => outcome(pool.submit(tasks.echo, i))))
    const codes = new Set(all.map(({ reason }) => (reason as { code: string }).code))
    expect(codes).toEqual(new Set(['ERR_OFFLOOP_WORKER_START']))
  })

  it('NDArrays in context are NDArrays there', async () => {
    const pool = makePool({ context: ndarray(Float64Array.of(1), [1]) })
    const [array] = await pool.map((_: unknown, { context }: { context: unknown }) => context, ['a'])
    expect(array).toBeInstanceOf(NDArray)
  })

  it.skipIf(process.platform === 'win32')('an error comes back where no more files can be opened', async () => {
    const source = `
      import { Pool } from "offloop"
      const pool = new Pool({ workers: 1 })
      const openAll = () => { const { openSync } = require("node:fs"); for (;;) openSync("/dev/null") }
      const { code, syscall } = await pool.submit(openAll).catch((error) => error)
      process._rawDebug(code, syscall)
      process.exit()`
    const { stderr } = await runShell(`ulimit -n 200; node --input-type=module -e '${source}'`, root)
    expect(stderr).toBe('EMFILE open\n')
  })
})
