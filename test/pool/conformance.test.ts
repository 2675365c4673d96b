import { importTasks, OffloopError, Pool } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { outcome } from '../helpers/work.ts'
import type * as Tasks from './fixtures/tasks.mjs'

// What pools of workers get wrong, one by one: what is thrown, who dies, what is stopped, and that the next task runs.

const tasks = importTasks<typeof Tasks>(new URL('./fixtures/tasks.mjs', import.meta.url))

const pools: Pool[] = []
function makePool(options: ConstructorParameters<typeof Pool>[0]): Pool {
  const pool = new Pool({ workers: 1, ...options })
  pools.push(pool)
  return pool
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.terminate()))
})

describe.each(['worker', 'process'] as const)('on %s', (backend) => {
  const next = async (pool: Pool) => expect(await pool.submit(tasks.echo, 7)).toBe(7)

  it('errors arrive as what they are', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.throwMine))
    expect(reason).toBeInstanceOf(TypeError)
    expect(reason).toMatchObject({ name: 'MineError', message: 'mine', code: 'E_MINE' })
    const error = reason as Error & { extra: unknown }
    expect(error.extra).toEqual({ deep: [1, new Map([['a', 1]])] })
    expect(error.stack).toContain('tasks.mjs')
    expect(error.cause).toBeInstanceOf(RangeError)
    expect(error.cause).toMatchObject({ message: 'its cause', cause: 'the root' })
  })

  it('an AggregateError keeps its errors', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.throwAggregate))
    expect(reason).toBeInstanceOf(AggregateError)
    const { errors } = reason as AggregateError
    expect(errors[0]).toBeInstanceOf(SyntaxError)
    expect(errors[1]).toBeInstanceOf(TypeError)
    expect(errors.map((error: Error) => error.message)).toEqual(['one', 'two'])
    expect(errors[1].code).toBe('E_MINE')
  })

  it.each(['a string', 5, null, undefined, { plain: true }])('a thrown %j arrives', async (value) => {
    const pool = makePool({ backend })
    const ended = await outcome(pool.submit(tasks.throwValue, value))
    expect(ended).toEqual({ reason: value })
    expect(ended).toHaveProperty('reason')
  })

  it('a thrown circle with a function in it arrives', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.throwCircular))
    expect(reason).toMatchObject({ message: 'circular', fn: expect.stringContaining('function') as string })
    expect((reason as { self: unknown }).self).toBe(reason)
    await next(pool)
  })

  it('a worker that exits rejects its task, and the next one runs', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.exit, 3))
    expect(reason).toBeInstanceOf(OffloopError)
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED', message: expect.stringContaining('exit code 3') })
    await next(pool)
  })

  it('an exception that nobody catches rejects the task, and the next one runs', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.throwLate))
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect((reason as Error).cause).toBeInstanceOf(RangeError)
    expect((reason as Error).cause).toMatchObject({ message: 'nobody caught this' })
    await next(pool)
  })

  it('a worker out of memory rejects its task, and the next one runs', async () => {
    const pool = makePool({ backend, resourceLimits: { maxOldGenerationSizeMb: 32 }, stderr: 'ignore' })
    const { reason } = await outcome(pool.submit(tasks.exhaust))
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    if (backend === 'worker') expect((reason as Error).cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' })
    await next(pool)
  }, 60_000)

  it('cancelling a function that never yields rejects at once and frees its worker', async () => {
    const pool = makePool({ backend, graceMs: 50 })
    await next(pool)
    const spinning = pool.submit(tasks.spin, 60_000)
    const waiting = pool.submit(tasks.echo, 'behind it')
    await new Promise((resolve) => setTimeout(resolve, 50))
    spinning.cancel(new Error('enough'))
    await expect(spinning).rejects.toThrow('enough')
    expect(await waiting).toBe('behind it')
    await next(pool)
  })

  it('cancelling an asynchronous function lets it hear of it, and keeps its worker', async () => {
    const pool = makePool({ backend, graceMs: 5000 })
    await next(pool)
    const [{ id }] = pool.stats().workers
    const controller = new AbortController()
    const task = pool.run(tasks.waitForSignal, [], { signal: controller.signal })
    await new Promise((resolve) => setTimeout(resolve, 50))
    controller.abort(new Error('the reason'))
    await expect(task).rejects.toThrow('the reason')
    await next(pool)
    expect(pool.stats().workers[0].id).toBe(id)
  })

  it('cancelling a queued task drops it', async () => {
    const pool = makePool({ backend })
    await next(pool)
    const first = pool.submit(tasks.sleep, 100)
    const controller = new AbortController()
    const second = pool.run(tasks.exit, [1], { signal: controller.signal })
    const third = pool.submit(tasks.echo, 'third')
    controller.abort()
    await expect(second).rejects.toMatchObject({ name: 'AbortError' })
    expect(await first).toBe('slept')
    expect(await third).toBe('third')
    expect(pool.stats()).toMatchObject({ done: 3, cancelled: 1, failed: 0 })
  })

  it('an argument that can not be sent is refused with the path to it, and nothing is lost', async () => {
    const pool = makePool({ backend })
    const { reason } = await outcome(pool.submit(tasks.echo, { list: [1, { callback: () => 1 }] }))
    expect(reason).toBeInstanceOf(TypeError)
    expect((reason as Error).message).toContain('`args[0].list[1].callback`')
    await next(pool)
  })

  it('a result that can not be sent is refused with the path to it, and its worker lives', async () => {
    const pool = makePool({ backend })
    await next(pool)
    const [{ id }] = pool.stats().workers
    const { reason } = await outcome(pool.submit(tasks.giveFunction))
    expect(reason).toBeInstanceOf(TypeError)
    expect((reason as Error).message).toContain('`result.inside[0]`')
    await next(pool)
    expect(pool.stats().workers[0].id).toBe(id)
  })

  it('a module that fails to load, is not there, or has no such export says so', async () => {
    const pool = makePool({ backend })
    const broken = importTasks<{ f(): void }>(new URL('./fixtures/broken.mjs', import.meta.url))
    const missing = importTasks<{ f(): void }>(new URL('./fixtures/missing.mjs', import.meta.url))
    const { reason } = await outcome(pool.submit(broken.f))
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_MODULE', message: expect.stringContaining('not today') })
    expect((reason as Error).cause).toMatchObject({ message: 'not today' })
    await expect(pool.submit(missing.f)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MODULE' })
    const nothing = (tasks as unknown as { nothing(): void }).nothing
    await expect(pool.submit(nothing)).rejects.toThrow(/no function named 'nothing'; it exports .*echo/)
    await next(pool)
  })

  it('a process with nothing to do ends without close', async () => {
    const { code, stdout } = await runModule(`
      import { Pool } from 'offloop'
      const pool = new Pool({ backend: '${backend}', workers: 2 })
      console.log(await pool.submit((x) => x + 1, 1))
    `)
    expect(stdout).toContain('2')
    expect(code).toBe(0)
  })

  it('closes when it is disposed', async () => {
    const pool = makePool({ backend })
    const task = pool.submit(tasks.sleep, 50)
    await pool[Symbol.asyncDispose]()
    expect(await task).toBe('slept')
    await expect(pool.submit(tasks.echo, 1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
  })
})

describe('on worker', () => {
  it('what a function leaves running goes on', async () => {
    const pool = makePool({})
    const words = new Int32Array(new SharedArrayBuffer(4))
    expect(await pool.submit(tasks.leaveTimer, words)).toBe('left')
    await expect.poll(() => Atomics.load(words, 0)).toBe(1)
  })

  it('a function that never yields sees that it is cancelled, and keeps its worker', async () => {
    const pool = makePool({ graceMs: 10_000 })
    await pool.submit(tasks.echo, 1)
    const [{ id }] = pool.stats().workers
    const task = pool.submit(tasks.spinUntilCancelled)
    await expect.poll(() => task.status).toBe('running')
    task.cancel()
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
    expect(await pool.submit(tasks.echo, 2)).toBe(2)
    expect(pool.stats().workers[0].id).toBe(id)
  })
})
