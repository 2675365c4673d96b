import { dot, matmul, ndarray, Pool, sort, sum, Task } from 'offloop'
import { describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { block, cusp, endless, outcome, until } from '../helpers/work.ts'

const backends = ['native', 'worker', 'inline'] as const
const large = (value = 1) => new Float64Array(2_000_000).fill(value)

describe('run and submit', () => {
  it.each(backends)('run kernels on %s', async (backend) => {
    const pool = new Pool({ backend })
    const x = Float64Array.of(3, 1, 2)
    const task = pool.run(sort, [x], { descending: true } as object)
    expect(task).toBeInstanceOf(Task)
    expect(task.backend).toBe(backend)
    expect(await task).toEqual(Float64Array.of(3, 2, 1))
    expect(await pool.submit(dot, x, x)).toBe(14)
    expect(await pool.submit(sort, x, { descending: true })).toEqual(Float64Array.of(3, 2, 1))
    const square = ndarray(Float64Array.of(1, 2, 3, 4), [2, 2])
    expect((await pool.submit(matmul, square, square)).toNested()).toEqual([
      [7, 10],
      [15, 22],
    ])
    expect(await sum(x, { pool })).toBe(6)
    expect(pool.stats().done).toBe(5)
    await pool.close()
  })

  it('reject for what is no kernel, or wrong for one', async () => {
    const pool = new Pool()
    const form = /^Expected `[^`]+` to be [^]+, got `[^]*` \(\w+\)$/
    const tasks = [
      pool.run(5 as never),
      pool.submit('sum' as never),
      pool.run(sum, 5 as never),
      pool.run(sum, [Float64Array.of(1)], 5 as never),
      pool.run(sum, [5]),
      pool.submit(sum, 5),
      pool.submit(sum),
      pool.map(undefined as never, []),
      pool.map(sum, 5 as never),
      pool.map(sum, [5]),
    ]
    for (const task of tasks) {
      const { reason } = await outcome(task)
      expect(reason).toBeInstanceOf(TypeError)
      expect((reason as Error).message).toMatch(form)
    }
    await pool.close()
  })
})

describe('threads', () => {
  it.each(['native', 'worker'] as const)('are the most that %s tasks of the pool use together', async (backend) => {
    const pool = new Pool({ threads: 1, backend })
    const first = await block(pool)
    const others = [endless({ pool }), endless({ pool })]
    expect(pool.stats()).toMatchObject({ threads: 1, running: 1, queued: 2 })
    others[0].cancel()
    await Promise.all([outcome(others[0]), first.letGo()])
    await until(() => others[1].status === 'running')
    const last = sum(large(), { pool })
    others[1].cancel()
    await Promise.all([last, outcome(others[1])])
    for (const task of [first.task, others[1], last]) expect(task.timing.threads).toBe(1)
    await pool.close()
  })

  it('may be more than there are CPUs', async () => {
    const pool = new Pool({ threads: 5, backend: 'native' })
    const tasks = Array.from({ length: 5 }, () => endless({ pool, threads: 1 }))
    await until(() => pool.stats().running === 5)
    await pool.terminate()
    for (const task of tasks) expect(task.status).toBe('cancelled')
  })
})

describe('queueLimit', () => {
  it('rejects the next task with ERR_OFFLOOP_QUEUE_FULL', async () => {
    const pool = new Pool({ queueLimit: 2, threads: 1, name: 'narrow' })
    const tasks = [endless({ pool }), endless({ pool })]
    const { reason } = await outcome(sum(large(), { pool }))
    expect(reason).toMatchObject({ name: 'OffloopError', code: 'ERR_OFFLOOP_QUEUE_FULL' })
    expect((reason as Error).message).toContain("'narrow' has 2 tasks waiting")
    for (const task of tasks) task.cancel()
    await Promise.all(tasks.map(outcome))
    expect(await sum(large(), { pool })).toBe(2_000_000)
    await pool.close()
  })

  it('makes map wait instead', async () => {
    for (const backend of backends) {
      const pool = new Pool({ queueLimit: 2, backend })
      const inputs = Array.from({ length: 30 }, (_, i) => new Float64Array(50_000).fill(i))
      expect(await pool.map(sum, inputs)).toEqual(inputs.map((_, i) => i * 50_000))
      await pool.close()
    }
  })
})

describe('stats', () => {
  it('count what the pool did', async () => {
    const pool = new Pool({ name: 'counted', threads: 2, backend: 'native' })
    expect(pool.stats()).toMatchObject({
      name: 'counted',
      backend: 'native',
      threads: 2,
      queued: 0,
      running: 0,
      done: 0,
      utilization: 0,
    })
    expect(pool.stats().wait).toEqual({ count: 0, mean: 0, min: 0, p50: 0, p90: 0, p99: 0, max: 0 })
    await Promise.all([sum(large(), { pool }), sum(large(), { pool }), sum(Float64Array.of(1), { pool })])
    const stopped = endless({ pool })
    stopped.cancel()
    await outcome(stopped)
    const x = new Float64Array(100)
    await outcome(sum(5 as never, { pool }))
    await sum(x, { pool })
    const stats = pool.stats()
    expect(stats).toMatchObject({ queued: 0, running: 0, done: 4, cancelled: 1 })
    expect(stats.run.count).toBe(5)
    expect(stats.run.max).toBeGreaterThan(0)
    expect(stats.run.min).toBeLessThanOrEqual(stats.run.p50)
    expect(stats.run.p50).toBeLessThanOrEqual(stats.run.p99)
    expect(stats.utilization).toBeGreaterThan(0)
    expect(stats.utilization).toBeLessThanOrEqual(1)
    await pool.close()
  })

  it('have defaults from the machine', async () => {
    const { info } = await import('offloop')
    const pool = new Pool()
    expect(pool.stats()).toMatchObject({ name: 'pool', backend: 'auto', threads: info().threads })
    await pool.close()
  })
})

describe('the end of a pool', () => {
  it.each(backends)('close finishes what was begun on %s, and takes no more', async (backend) => {
    const pool = new Pool({ backend, threads: 1, name: 'over' })
    const tasks = Array.from({ length: 4 }, (_, i) => sum(large(i), { pool }))
    const closed = pool.close()
    const { reason } = await outcome(sum(large(), { pool }))
    expect(reason).toMatchObject({ name: 'OffloopError', code: 'ERR_OFFLOOP_CLOSED' })
    expect((reason as Error).message).toContain("'over'")
    await closed
    expect(tasks.map((task) => task.status)).toEqual(['done', 'done', 'done', 'done'])
    expect(await Promise.all(tasks)).toEqual([0, 2e6, 4e6, 6e6])
    for (const late of [
      pool.run(sum, [large()]),
      pool.submit(sum, large()),
      pool.map(sum, []),
      sum(Float64Array.of(1), { pool }),
    ]) {
      expect((await outcome(late)).reason).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    }
    expect(pool.close()).toBe(closed)
  })

  it.each(backends)('terminate cancels what runs and waits on %s', async (backend) => {
    const pool = new Pool({ backend, threads: 1 })
    const tasks = [endless({ pool }), endless({ pool }), endless({ pool })]
    await pool.terminate()
    for (const task of tasks) {
      expect(task.status).toBe('cancelled')
      expect((await outcome(task)).reason).toMatchObject({ name: 'AbortError' })
    }
    expect((await outcome(sum(large(), { pool }))).reason).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
  })

  it('terminate also ends what close waits for', async () => {
    const pool = new Pool()
    const task = endless({ pool })
    const closed = pool.close()
    await pool.terminate()
    await closed
    expect(task.status).toBe('cancelled')
  })

  it('comes with `await using`', async () => {
    const pool = new Pool()
    const task = sum(large(), { pool })
    expect(typeof pool[Symbol.asyncDispose]).toBe('function')
    await pool[Symbol.asyncDispose]()
    expect(task.status).toBe('done')
  })

  it('costs the shared pool and other pools nothing', async () => {
    const [one, other] = [new Pool({ threads: 1 }), new Pool({ threads: 1 })]
    const task = sum(large(), { pool: other })
    await one.terminate()
    expect(await task).toBe(2_000_000)
    expect(await sum(large(), { onProgress() {} })).toBe(2_000_000)
    await other.close()
  })

  it('may come many times over', async () => {
    for (let i = 0; i < 300; i++) {
      const pool = new Pool({ threads: 1 + (i % 3), backend: 'native' })
      expect(await sum(Float64Array.of(i), { pool, onProgress() {} })).toBe(i)
      await pool.close()
      await outcome(sum(Float64Array.of(i), { pool }))
    }
  })
})

describe('a process', () => {
  it.each(backends)('ends by itself with an open pool on %s', async (backend) => {
    const { code, stdout, stderr } = await runModule(`
      import { Pool, sum } from 'offloop'
      const pool = new Pool({ backend: '${backend}', threads: 3 })
      globalThis.kept = pool
      console.log(await sum(new Float64Array(1_000_000).fill(1), { pool }))`)
    expect([code, stdout, stderr]).toEqual([0, '1000000\n', ''])
  })

  it.each(backends)('stays until its tasks have settled on %s', async (backend) => {
    const { code, stdout } = await runModule(`
      import { Pool, mandelbrot } from 'offloop'
      const pool = new Pool({ backend: '${backend}' })
      const view = { width: 300, height: 300, x: 0.25, scale: 1e-15, iterations: 3000 }
      for (let i = 0; i < 3; i++) mandelbrot(view, { pool }).then(() => console.log('done'))`)
    expect([code, stdout]).toEqual([0, 'done\ndone\ndone\n'])
  })

  it('may exit in the middle of work', async () => {
    for (const backend of backends) {
      const { code } = await runModule(`
        import { mandelbrot } from 'offloop'
        mandelbrot(${JSON.stringify(cusp)}, { backend: '${backend}' })
        setTimeout(() => process.exit(7), 30)`)
      expect(code).toBe(7)
    }
  })
})
