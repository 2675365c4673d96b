import { MessagePort } from 'node:worker_threads'

import { Pool } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

const large = () => new Float64Array(100_000).fill(1)

const pools: Pool[] = []
function makePool(backend: 'worker' | 'process' = 'worker'): Pool {
  const pool = new Pool({ workers: 2, backend })
  pools.push(pool)
  return pool
}
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.terminate()))
})

/** Counts the messages that carry the array while something runs. */
async function carries(array: ArrayBufferView, run: () => Promise<unknown>): Promise<number> {
  const { postMessage } = MessagePort.prototype
  let count = 0
  const holds = (value: unknown): boolean => value === array || (Array.isArray(value) && value.some(holds))
  MessagePort.prototype.postMessage = function (this: MessagePort, message: unknown, transfer: never) {
    if (holds(message)) count++
    return postMessage.call(this, message, transfer)
  }
  try {
    await run()
  } finally {
    MessagePort.prototype.postMessage = postMessage
  }
  return count
}

describe('a large array of several tasks', () => {
  it('goes to each worker once', async () => {
    const pool = makePool()
    const array = large()
    const first = (x: Float64Array, i: number) => x[i]
    await pool.submit(first, new Float64Array(1), 0)
    const count = await carries(array, () =>
      Promise.all(Array.from({ length: 40 }, (_, i) => pool.submit(first, array, i))),
    )
    // The first call does not know of the second.
    expect(count).toBeGreaterThan(0)
    expect(count).toBeLessThanOrEqual(2 + 2)
  })

  it.each(['worker', 'process'] as const)('is a copy of its own in each, on %s', async (backend) => {
    const pool = makePool(backend)
    const array = large()
    const spoil = (x: Float64Array, i: number) => {
      x[0] += i
      return x[0]
    }
    const results = await Promise.all(Array.from({ length: 12 }, (_, i) => pool.submit(spoil, array, i)))
    expect(results).toEqual(Array.from({ length: 12 }, (_, i) => 1 + i))
    expect(array[0]).toBe(1)
  })

  it('is read again once they have settled', async () => {
    const pool = makePool()
    const array = large()
    const sum = (x: Float64Array) => x.reduce((a, b) => a + b)
    expect(await Promise.all([1, 2, 3, 4].map(() => pool.submit(sum, array)))).toEqual(Array(4).fill(100_000))
    array.fill(2)
    expect(await Promise.all([1, 2, 3, 4].map(() => pool.submit(sum, array)))).toEqual(Array(4).fill(200_000))
  })

  it('outlives a worker that dies under one of them', async () => {
    const pool = makePool()
    const array = large()
    const die = (x: Float64Array, i: number) => (i === 3 ? process.exit(1) : x.length)
    const ends = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => pool.submit(die, array, i)))
    expect(ends.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    for (const end of ends) if (end.status === 'fulfilled') expect(end.value).toBe(100_000)
  })
})
