import { setImmediate as nextTurn } from 'node:timers/promises'

import { bincount, packStrings, Pool } from 'offloop'
import { describe, expect, it } from 'vitest'

import { outcome } from '../helpers/work.ts'

const backends = ['native', 'worker', 'inline'] as const

/** A call of two plans: one finds how long the result is, the next makes it. */
const twice = (options: object) => bincount(Int32Array.of(5, 1, 5), { onProgress: () => {}, ...options })

describe('a call in steps', () => {
  it.each(backends)('is one task on %s', async (backend) => {
    const seen: number[] = []
    const task = bincount(new Int32Array(300_000).fill(2), { backend, onProgress: (part) => seen.push(part) })
    expect([...(await task)]).toEqual([0, 0, 300_000])
    expect(task.backend).toBe(backend)
    expect(task.status).toBe('done')
    expect(task.timing.runMs).toBeGreaterThan(0)
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  // Jobs of one batch settle together, and the second step of the first may get the place of the last.
  it('settles however many there are at once', async () => {
    const tasks = Array.from({ length: 500 }, () => twice({ backend: 'native' }))
    for (const counts of await Promise.all(tasks)) expect([...counts]).toEqual([0, 1, 0, 0, 0, 2])
  })

  it('counts once in a pool, and is cancelled as a whole', async () => {
    const pool = new Pool()
    await twice({ pool })
    const stopped = twice({ pool })
    stopped.cancel(new Error('enough'))
    expect(await outcome(stopped)).toMatchObject({ reason: { message: 'enough' } })
    expect(pool.stats()).toMatchObject({ done: 1, cancelled: 1, failed: 0, running: 0 })
    await pool.close()
  })

  it('is cancelled between two steps, while nothing runs', async () => {
    const controller = new AbortController()
    const task = packStrings(
      Array.from({ length: 200_000 }, (_, i) => `${i}`),
      { signal: controller.signal },
    )
    await nextTurn()
    controller.abort(new Error('not now'))
    expect(await outcome(task)).toMatchObject({ reason: { message: 'not now' } })
    expect(task.status).toBe('cancelled')
  })

  it('fails with the error of the step that fails', async () => {
    await expect(bincount(Int32Array.of(1, -1))).rejects.toThrow(RangeError)
    expect(() => bincount.sync(Int32Array.of(1, -1))).toThrow(RangeError)
  })
})
