import { AsyncLocalStorage } from 'node:async_hooks'
import { getEventListeners } from 'node:events'

import { mandelbrot, Pool, sort, sum, Task } from 'offloop'
import { describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { block, cusp, endless, outcome, until } from '../helpers/work.ts'

const backends = ['native', 'worker', 'inline'] as const
const small = () => Float64Array.of(1, 2, 3)
const large = () => new Float64Array(3_000_000).fill(1)

describe('a Task', () => {
  it('is a promise, and gives plain ones', async () => {
    const task = sum(small())
    expect(task).toBeInstanceOf(Task)
    expect(task).toBeInstanceOf(Promise)
    expect(task.constructor).toBe(Promise)
    expect(Task[Symbol.species]).toBe(Promise)
    for (const next of [task.then(), task.catch(() => 0), task.finally(() => {})]) {
      expect(next).not.toBeInstanceOf(Task)
      expect(Object.getPrototypeOf(next)).toBe(Promise.prototype)
      expect(await next).toBe(6)
    }
    expect(Promise.resolve(task)).toBe(task)
    expect(await Promise.all([task, sum(small())])).toEqual([6, 6])
  })

  it('is not made by hand', () => {
    expect(() => new Task((() => {}) as never, {} as never, Symbol() as never)).toThrow(TypeError)
  })

  it.each(backends)('goes from queued to running to done on %s', async (backend) => {
    const task = sum(large(), { backend, onProgress() {} })
    expect(['queued', 'running']).toContain(task.status)
    expect(task.backend).toBe(backend)
    expect(task.progress).toBeLessThan(1)
    expect(await task).toBe(3_000_000)
    expect(task.status).toBe('done')
    expect(task.progress).toBe(1)
    expect(task.timing.queuedMs).toBeGreaterThanOrEqual(0)
    expect(task.timing.runMs).toBeGreaterThan(0)
    task.cancel()
    expect(task.status).toBe('done')
    const stopped = endless({ backend })
    await until(() => stopped.status === 'running')
    stopped.cancel()
    await outcome(stopped)
    expect(stopped.status).toBe('cancelled')
    expect(stopped.progress).toBeLessThan(1)
  })

  it('is failed where its arguments are wrong', async () => {
    const task = sum(5 as never)
    expect(task).toBeInstanceOf(Task)
    expect(task.status).toBe('failed')
    expect(task.progress).toBe(0)
    await expect(task).rejects.toThrow(TypeError)
  })

  it('has run on the calling thread where it is small', async () => {
    const task = sum(small())
    expect(task.status).toBe('done')
    expect(task.backend).toBe('native')
    expect(task.timing.threads).toBe(0)
    expect(await task).toBe(6)
  })

  it('uses no more threads than it may', async () => {
    for (const threads of [1, 2]) {
      for (const backend of ['native', 'worker'] as const) {
        const task = sum(large(), { backend, threads, onProgress() {} })
        await task
        expect(task.timing.threads).toBeGreaterThan(0)
        expect(task.timing.threads).toBeLessThanOrEqual(threads)
      }
    }
  })

  it('carries the stack of its caller when it fails later', async () => {
    const x = new Float64Array(1_000_000)
    const task = sort(x, { backend: 'worker' })
    structuredClone(x.buffer, { transfer: [x.buffer] })
    const { reason } = await outcome(task)
    expect(reason).toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
    expect((reason as Error).stack).toContain('task.test.ts')
    expect((reason as Error).stack).toMatch(/^TypeError.*The memory of/)
    expect((reason as Error).stack).not.toContain('dispatch.js')
  })

  it('carries the stack of its caller when it fails at once', async () => {
    const { reason } = await outcome(sum(5 as never))
    expect((reason as Error).stack).toContain('task.test.ts')
  })
})

describe('cancelling', () => {
  it.each(backends)('running work on %s rejects with an AbortError', async (backend) => {
    const task = endless({ backend })
    await until(() => task.status === 'running')
    task.cancel()
    const { reason } = await outcome(task)
    expect(reason).toBeInstanceOf(DOMException)
    expect(reason).toMatchObject({ name: 'AbortError' })
    expect(task.status).toBe('cancelled')
  })

  it.each(backends)('at once on %s rejects with the reason, once', async (backend) => {
    const task = endless({ backend })
    const reason = { because: 'I say so' }
    task.cancel(reason)
    task.cancel('again')
    expect((await outcome(task)).reason).toBe(reason)
    expect(task.status).toBe('cancelled')
    task.cancel('and again')
    expect((await outcome(task)).reason).toBe(reason)
  })

  it.each(['native', 'worker'] as const)('queued work on %s leaves its arrays alone', async (backend) => {
    const pool = new Pool({ threads: 1, backend })
    const first = await block(pool)
    const out = new Uint16Array(cusp.width * cusp.height).fill(7)
    const second = mandelbrot(cusp, { out, pool })
    expect(second.status).toBe('queued')
    second.cancel()
    expect((await outcome(second)).reason).toMatchObject({ name: 'AbortError' })
    expect(first.task.status).toBe('running')
    expect(out.every((count) => count === 7)).toBe(true)
    await first.letGo()
    await pool.close()
  })

  it('counts as handled', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { mandelbrot, Pool } from 'offloop'
      const view = ${JSON.stringify(cusp)}
      mandelbrot(view).cancel()
      mandelbrot(view, { backend: 'worker' }).cancel(new Error('mine'))
      const task = mandelbrot(view, { backend: 'inline' })
      setTimeout(() => task.cancel(), 5)
      const pool = new Pool()
      mandelbrot(view, { pool })
      await pool.terminate()
      console.log('quiet')`)
    expect([code, stdout, stderr]).toEqual([0, 'quiet\n', ''])
  })

  it.each([
    [
      'a signal',
      'const c = new AbortController(); setTimeout(() => c.abort(new Error("mine")), 5)',
      'signal: c.signal',
    ],
    ['an aborted signal', '', 'signal: AbortSignal.abort(new Error("mine"))'],
    ['a timeout', '', 'timeout: 5'],
  ])('by %s does not', async (_, setup, option) => {
    for (const backend of backends) {
      const { code, stderr } = await runModule(`
        import { mandelbrot } from 'offloop'
        ${setup}
        mandelbrot(${JSON.stringify(cusp)}, { backend: '${backend}', ${option} })`)
      expect(code).toBe(1)
      expect(stderr).toMatch(option.startsWith('timeout') ? /TimeoutError/ : /mine/)
    }
  })
})

describe('a signal', () => {
  it('that is aborted already rejects at once, with its reason', async () => {
    const reason = new Error('before')
    for (const backend of backends) {
      const signal = AbortSignal.abort(reason)
      const task = sum(large(), { backend, signal })
      expect(task.status).toBe('cancelled')
      expect((await outcome(task)).reason).toBe(reason)
      expect(getEventListeners(signal, 'abort')).toEqual([])
    }
    expect(() => sum.sync(small(), { signal: AbortSignal.abort(reason) })).toThrow(reason)
  })

  it('also counts for small work', async () => {
    const reason = 'not even an error'
    expect((await outcome(sum(small(), { signal: AbortSignal.abort(reason) }))).reason).toBe(reason)
  })

  it.each(backends)('stops running work on %s with its reason', async (backend) => {
    const controller = new AbortController()
    const task = endless({ backend, signal: controller.signal })
    await until(() => task.status === 'running')
    const reason = { why: 'enough' }
    controller.abort(reason)
    expect((await outcome(task)).reason).toBe(reason)
    expect(task.status).toBe('cancelled')
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('stops queued work with its reason', async () => {
    const pool = new Pool({ threads: 1, backend: 'native' })
    const first = await block(pool)
    const controller = new AbortController()
    const second = endless({ pool, signal: controller.signal })
    expect(second.status).toBe('queued')
    controller.abort('enough')
    expect((await outcome(second)).reason).toBe('enough')
    await first.letGo()
    await pool.close()
  })

  it('has no listeners left, however it ended', async () => {
    const { signal } = new AbortController()
    for (const backend of backends) {
      await Promise.all(Array.from({ length: 20 }, () => sum(large().subarray(0, 50_000), { backend, signal })))
      await outcome(sum(5 as never, { signal }))
      const stopped = endless({ backend, signal })
      stopped.cancel()
      await outcome(stopped)
      expect(getEventListeners(signal, 'abort')).toEqual([])
    }
  })
})

describe('a timeout', () => {
  it.each(backends)('rejects with a TimeoutError on %s', async (backend) => {
    const task = endless({ backend, timeout: 10 })
    const { reason } = await outcome(task)
    expect(reason).toBeInstanceOf(DOMException)
    expect(reason).toMatchObject({ name: 'TimeoutError' })
    expect((reason as Error).message).toContain('10 ms')
    expect(task.status).toBe('cancelled')
  })

  it('of less than a millisecond is one all the same', async () => {
    for (const timeout of [0, 0.25]) {
      expect((await outcome(endless({ timeout }))).reason).toMatchObject({ name: 'TimeoutError' })
    }
  })

  it('that is very long never comes, and keeps nothing alive', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { Pool, sum } from 'offloop'
      const x = new Float64Array(2_000_000)
      for (const timeout of [1e9, 1e12, Infinity, 1e300]) await sum(x, { timeout, onProgress() {} })
      await new Pool().map(sum, [x, x], { timeout: 1e12 })
      console.log('done')`)
    expect([code, stdout, stderr]).toEqual([0, 'done\n', ''])
  })
})

describe('priority', () => {
  it.each(['native', 'worker'] as const)('decides what runs first on %s', async (backend) => {
    const pool = new Pool({ threads: 1, backend })
    const first = await block(pool)
    const order: string[] = []
    const add = async (priority: 'high' | 'normal' | 'low') => {
      await mandelbrot(view, { pool, priority })
      order.push(priority)
    }
    // Long enough that none of them overtakes the first by being short.
    const view = { ...cusp, width: 100, height: 100, iterations: 20_000 }
    // All in one turn: the low one is far from old enough to overtake.
    const added = [add('low'), add('normal'), add('high')]
    // Turns in which workers get in line.
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    await Promise.all([...added, first.letGo()])
    expect(order).toEqual(['high', 'normal', 'low'])
    await pool.close()
  })
})

describe('onProgress', () => {
  it.each(backends)('rises from above 0 to 1 on %s, at most 60 times a second', async (backend) => {
    const seen: number[] = []
    const begun = performance.now()
    await mandelbrot(
      { ...cusp, width: 1000, height: 500, iterations: 1000 },
      { backend, onProgress: (fraction) => seen.push(fraction) },
    )
    const seconds = (performance.now() - begun) / 1000
    expect(seen.at(-1)).toBe(1)
    expect(seen.filter((fraction) => fraction === 1)).toHaveLength(1)
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b))
    expect(seen[0]).toBeGreaterThan(0)
    expect(seen.length).toBeLessThanOrEqual(seconds * 60 + 2)
  })

  it('is called for small work too', async () => {
    const seen: number[] = []
    await sum(small(), { onProgress: (fraction) => seen.push(fraction) })
    expect(seen).toEqual([1])
  })

  it('is not called with 1 when the task fails', async () => {
    const seen: number[] = []
    const task = endless({ onProgress: (fraction) => seen.push(fraction) })
    await until(() => seen.length > 1 || task.status !== 'running')
    task.cancel()
    await outcome(task)
    expect(seen).not.toContain(1)
    const count = seen.length
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(seen).toHaveLength(count)
  })

  it.each(backends)('that throws stops the task on %s, which rejects with what was thrown', async (backend) => {
    const thrown = { from: 'the callback' }
    const task = endless({
      backend,
      onProgress() {
        throw thrown
      },
    })
    expect((await outcome(task)).reason).toBe(thrown)
    expect(task.status).not.toBe('done')
    const atTheEnd = sum(small(), {
      backend,
      onProgress() {
        throw thrown
      },
    })
    expect((await outcome(atTheEnd)).reason).toBe(thrown)
    expect(atTheEnd.status).not.toBe('done')
  })

  it('runs in the context of the call', async () => {
    const storage = new AsyncLocalStorage<string>()
    const seen = new Set<string | undefined>()
    await storage.run('mine', () => sum(large(), { onProgress: () => seen.add(storage.getStore()) }))
    expect([...seen]).toEqual(['mine'])
  })
})

describe('the event loop', () => {
  it('turns while hundreds of thousands of small calls are awaited', async () => {
    const x = small()
    let fired = 0
    const timer = setInterval(() => fired++, 1)
    let calls = 0
    // Awaiting calls that are done at once would starve the timer for ever.
    while (calls < 200_000 && fired < 3) {
      expect(await sum(x)).toBe(6)
      calls++
    }
    clearInterval(timer)
    expect(fired).toBeGreaterThanOrEqual(3)
  })

  it('turns while thousands of calls settle', async () => {
    const x = small()
    let fired = 0
    const timer = setInterval(() => fired++, 1)
    const values = await Promise.all(Array.from({ length: 20_000 }, () => sum(x)))
    clearInterval(timer)
    expect(values.every((value) => value === 6)).toBe(true)
    expect(fired).toBeGreaterThan(0)
  })

  it.each(backends)('turns while %s works', async (backend) => {
    let fired = 0
    const timer = setInterval(() => fired++, 1)
    const task = endless({ backend })
    await until(() => fired >= 5)
    clearInterval(timer)
    task.cancel()
    await outcome(task)
  })
})

describe('the synchronous form', () => {
  it('gives the value, and throws what the task would reject with', () => {
    expect(sum.sync(small())).toBe(6)
    expect([...sort.sync(Float64Array.of(2, 1))]).toEqual([1, 2])
    expect(() => sum.sync(5 as never)).toThrow(TypeError)
  })

  it('has a name and a length, as functions do', () => {
    expect([sum.name, sum.length, sum.sync.name, sum.sync.length]).toEqual(['sum', 1, 'sum.sync', 1])
  })

  it('works in a worker', async () => {
    const { code, stdout } = await runModule(`
      import { Worker } from 'node:worker_threads'
      const source = "const { parentPort } = require('node:worker_threads'); const { sum } = require(process.cwd() + '/dist/index.js');"
        + "parentPort.postMessage(sum.sync(Float64Array.of(1, 2)))"
      new Worker(source, { eval: true, execArgv: [] }).on('message', console.log)`)
    expect([code, stdout]).toEqual([0, '3\n'])
  })
})
