import { getEventListeners } from 'node:events'

import { dot, mandelbrot, Pool, sort, sum } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { cusp, outcome, until } from '../helpers/work.ts'

const pools = (['native', 'worker', 'inline'] as const).map(
  (backend) => [backend, new Pool({ backend, threads: 2 })] as const,
)
afterAll(() => Promise.all(pools.map(([, pool]) => pool.close())))

const arrays = (count: number, length = 20_000) =>
  Array.from({ length: count }, (_, i) => new Float64Array(length).fill(i))

describe.each(pools)('map on %s', (backend, pool) => {
  it('keeps the order of its items', async () => {
    // The first items are the longest.
    const inputs = Array.from({ length: 150 }, (_, i) => new Float64Array((150 - i) * 500).fill(i))
    expect(await pool.map(sum, inputs)).toEqual(inputs.map((x, i) => x.length * i))
  })

  it('takes any iterable, and options for every call', async () => {
    const results = await pool.map(sort, new Set([Float64Array.of(1, 2), Float64Array.of(3, 4)]), {
      descending: true,
    } as object)
    expect(results).toEqual([Float64Array.of(2, 1), Float64Array.of(4, 3)])
  })

  it('of nothing is nothing', async () => {
    const seen: number[] = []
    const task = pool.map(sum, [], { onProgress: (fraction) => seen.push(fraction) })
    expect(await task).toEqual([])
    expect(task.status).toBe('done')
    expect(task.progress).toBe(1)
    expect(seen).toEqual([1])
  })

  it('shows which backend took it', async () => {
    const task = pool.map(sum, arrays(3))
    await task
    expect(task.backend).toBe(backend)
  })

  it('stops at the first failure, which is the rejection', async () => {
    const inputs = {
      *[Symbol.iterator]() {
        yield cusp
        yield { width: -1, height: 1 }
        yield cusp
      },
    }
    const task = pool.map(mandelbrot, inputs)
    const { reason } = await outcome(task)
    expect(reason).toBeInstanceOf(RangeError)
    expect(task.status).toBe('failed')
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0 })
  })

  it('can be cancelled', async () => {
    const task = pool.map(mandelbrot, Array(100).fill(cusp))
    await until(() => pool.stats().running > 0)
    task.cancel('enough')
    expect((await outcome(task)).reason).toBe('enough')
    expect(task.status).toBe('cancelled')
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0 })
  })

  it('heeds a signal, and leaves no listeners on it', async () => {
    const controller = new AbortController()
    await pool.map(sum, arrays(100), { signal: controller.signal })
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    const task = pool.map(mandelbrot, Array(10).fill(cusp), { signal: controller.signal })
    await until(() => pool.stats().running > 0)
    controller.abort('stop')
    expect((await outcome(task)).reason).toBe('stop')
    expect(task.status).toBe('cancelled')
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    const late = pool.map(mandelbrot, [cusp], { signal: controller.signal })
    expect((await outcome(late)).reason).toBe('stop')
    expect(late.status).toBe('cancelled')
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it('heeds a timeout, of the whole', async () => {
    for (const timeout of [20, 0.5]) {
      const { reason } = await outcome(pool.map(mandelbrot, Array(10).fill(cusp), { timeout }))
      expect(reason).toBeInstanceOf(DOMException)
      expect(reason).toMatchObject({ name: 'TimeoutError' })
    }
    expect(await pool.map(sum, arrays(3), { timeout: 1e12 })).toEqual([0, 20_000, 40_000])
  })

  it('tells its progress: rising, at most 60 times a second, 1 at the end', async () => {
    const seen: number[] = []
    const begun = performance.now()
    await pool.map(sum, arrays(1000, 3000), { onProgress: (fraction) => seen.push(fraction) })
    const seconds = (performance.now() - begun) / 1000
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual([...new Set(seen)].toSorted((a, b) => a - b))
    expect(seen.length).toBeLessThanOrEqual(seconds * 60 + 2)
  })
})

describe('map', () => {
  it('counts as work of its pool: close waits for all of it', async () => {
    for (const [backend] of pools) {
      const pool = new Pool({ backend, threads: 1 })
      const task = pool.map(sum, arrays(200))
      await pool.close()
      expect(task.status).toBe('done')
      expect((await task).length).toBe(200)
    }
  })

  it('counts as handled when its pool is terminated, and not when it just fails', async () => {
    const script = (last: string) => `
      import { mandelbrot, Pool } from 'offloop'
      const pool = new Pool({ threads: 1 })
      pool.map(mandelbrot, [${JSON.stringify(cusp)}, ${last}])
      if (process.env.TERMINATE) await pool.terminate()`
    expect(await runModule(script(JSON.stringify(cusp)), { TERMINATE: '1' })).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const failed = await runModule(script('5'))
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('Expected `view` to be')
  })

  it('whose callback throws rejects with what was thrown, and nothing else does', async () => {
    const { code, stdout, stderr } = await runModule(`
      import { Pool, sum } from 'offloop'
      const pool = new Pool()
      const inputs = Array.from({ length: 50 }, () => new Float64Array(100_000))
      const task = pool.map(sum, inputs, { onProgress() { throw 'mine' } })
      console.log(await task.catch((reason) => reason), task.status)`)
    expect([code, stdout, stderr]).toEqual([0, 'mine failed\n', ''])
  })

  it('passes on what an iterator throws', async () => {
    const thrown = new Error('from the iterator')
    const [[, pool]] = pools
    const inputs = {
      *[Symbol.iterator](): Generator<Float64Array> {
        yield new Float64Array(1)
        throw thrown
      },
    }
    expect((await outcome(pool.map(sum, inputs))).reason).toBe(thrown)
  })

  it('refuses kernels that take more than an item', async () => {
    const [[, pool]] = pools
    const { reason } = await outcome(pool.map(dot as never, [Float64Array.of(1)]))
    expect(reason).toBeInstanceOf(TypeError)
    expect((reason as Error).message).toMatch(/^Expected `fn` to be .+, got `.*` \(function\)$/)
  })
})
