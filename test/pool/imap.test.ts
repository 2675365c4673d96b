import { ndarray, NDArray, Pool } from 'offloop'
import { afterEach, describe, expect, it } from 'vitest'

import { outcome, until } from '../helpers/work.ts'

// imap and imapUnordered: what is pulled when, and what happens when somebody stops.

const range = (n: number) => Array.from({ length: n }, (_, i) => i)
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const pools: Pool[] = []
function makePool(options: ConstructorParameters<typeof Pool>[0] = {}): Pool {
  const pool = new Pool({ workers: 2, ...options })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.terminate())))

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const value of source) all.push(value)
  return all
}

/** Counts what is pulled, and whether it was closed. */
function watched(length = Infinity) {
  const state = { pulled: 0, closed: 0 }
  function* items() {
    try {
      while (state.pulled < length) yield state.pulled++
    } finally {
      state.closed++
    }
  }
  return { state, items: items() }
}

describe.each(['worker', 'process', 'inline'] as const)('on %s', (backend) => {
  it('imap keeps the order, imapUnordered keeps all', async () => {
    const pool = makePool({ backend })
    const fn = (x: number) => new Promise<number>((resolve) => setTimeout(resolve, x % 3 === 0 ? 8 : 0, x))
    expect(await collect(pool.imap(fn, range(20)))).toEqual(range(20))
    const all = await collect(pool.imapUnordered(fn, range(20)))
    expect(all.toSorted((a, b) => a - b)).toEqual(range(20))
  })

  it('takes sync and async sources, strings, and nothing', async () => {
    const pool = makePool({ backend })
    async function* later() {
      for (const x of range(5)) {
        await wait(1)
        yield x
      }
    }
    for (const imap of [pool.imap.bind(pool), pool.imapUnordered.bind(pool)] as const) {
      expect((await collect(imap((x: number) => x * 2, later()))).toSorted()).toEqual([0, 2, 4, 6, 8])
      expect((await collect(imap((x: number) => x * 2, new Set([1])))).toSorted()).toEqual([2])
      expect(await collect(imap((x: string) => x, 'a'))).toEqual(['a'])
      expect(await collect(imap((x: number) => x, []))).toEqual([])
    }
  })

  it('gives functions index, context and signal', async () => {
    const pool = makePool({ backend, context: 'c' })
    const fn = (_: string, { index, context, signal }: { index: number; context: unknown; signal: AbortSignal }) => [
      index,
      context,
      signal.aborted,
    ]
    const expected = range(7).map((i) => [i, 'c', false])
    expect(await collect(pool.imap(fn as never, 'abcdefg', { chunkSize: 3 }))).toEqual(expected)
  })

  it('carries NDArrays', async () => {
    const pool = makePool({ backend })
    const items = range(3).map((i) => ndarray(Float64Array.of(i, 1), [2]))
    const results = await collect(pool.imap((a: NDArray) => a.slice(1), items))
    for (const result of results) expect(result).toBeInstanceOf(NDArray)
  })

  it('a failure is the rejection, after what came before it, and closes the source', async () => {
    const pool = makePool({ backend })
    const { state, items } = watched()
    const seen: number[] = []
    const loop = async () => {
      const fn = (x: number) => {
        if (x === 5) throw new RangeError('five')
        return x
      }
      for await (const x of pool.imap(fn, items)) seen.push(x)
    }
    await expect(loop()).rejects.toThrow('five')
    expect(seen).toEqual(range(5))
    expect(state.closed).toBe(1)
    expect(await pool.submit((x: number) => x, 1)).toBe(1)
  })
})

describe.each(['imap', 'imapUnordered'] as const)('%s', (method) => {
  it.each([1, 4])('pulls at most two chunks of %i a worker ahead, from an endless source', async (chunkSize) => {
    const pool = makePool()
    const { state, items } = watched()
    let taken = 0
    for await (const _ of pool[method]((x: number) => x, items, { chunkSize })) {
      taken++
      // The chunk that is being read, and two for each of two workers.
      expect(state.pulled - taken).toBeLessThanOrEqual((4 + 1) * chunkSize)
      if (taken % 10 === 0) await wait(5)
      expect(state.pulled - taken).toBeLessThanOrEqual((4 + 1) * chunkSize)
      if (taken === 50) break
    }
    expect(state.closed).toBe(1)
  })

  it('pulls nothing before it is read', async () => {
    const pool = makePool()
    const { state, items } = watched()
    const iterator = pool[method]((x: number) => x, items)
    await wait(10)
    expect(state.pulled).toBe(0)
    await iterator.return()
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
  })

  it('pulls no more than queueLimit ahead', async () => {
    const pool = makePool({ queueLimit: 1 })
    const { state, items } = watched()
    let taken = 0
    for await (const _ of pool[method]((x: number) => x, items)) {
      taken++
      expect(state.pulled - taken).toBeLessThanOrEqual(2)
      if (taken === 20) break
    }
  })

  it('break cancels what is under way', async () => {
    const pool = makePool()
    const { state, items } = watched()
    // All but the first would take for ever.
    const first = (x: number) => (x === 0 ? x : new Promise<number>(() => {}))
    for await (const _ of pool[method](first, items)) break
    expect(state.closed).toBe(1)
    expect(pool.stats()).toMatchObject({ queued: 0, running: 0, failed: 0 })
    expect(pool.stats().cancelled).toBeGreaterThan(0)
  })

  it('what a source throws is the rejection, and it is not closed then', async () => {
    const pool = makePool()
    let closed = 0
    const source = {
      n: 0,
      [Symbol.iterator]() {
        return this
      },
      next() {
        if (this.n === 3) throw new RangeError('no more')
        return { done: false, value: this.n++ }
      },
      return() {
        closed++
        return { done: true, value: undefined }
      },
    }
    const seen: number[] = []
    const loop = async () => {
      for await (const x of pool[method]((n: number) => n, source as Iterable<number>)) seen.push(x)
    }
    await expect(loop()).rejects.toThrow('no more')
    expect(seen.toSorted()).toEqual([0, 1, 2])
    expect(closed).toBe(0)
  })

  it('what a source throws as it closes does not hide why', async () => {
    const pool = makePool()
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: 1 }),
        return: () => Promise.reject(new Error('while closing')),
      }),
    }
    const failing = () => {
      throw new RangeError('the reason')
    }
    await expect(collect(pool[method](failing, source as AsyncIterable<number>))).rejects.toThrow('the reason')
  })

  it('a signal ends it at once, though the source still owes an item', async () => {
    const pool = makePool()
    async function* stuck() {
      yield 1
      await new Promise(() => {})
    }
    const controller = new AbortController()
    const iterator = pool[method]((x: number) => x, stuck(), { signal: controller.signal })
    expect(await iterator.next()).toEqual({ done: false, value: 1 })
    const next = iterator.next()
    controller.abort(new Error('enough'))
    await expect(next).rejects.toThrow('enough')
  })

  it('a timeout ends it at once, though the source still owes an item', async () => {
    const pool = makePool()
    async function* stuck() {
      await new Promise(() => {})
      yield 1
    }
    const { reason } = await outcome(collect(pool[method]((x: number) => x, stuck(), { timeout: 50 })))
    expect(reason).toMatchObject({ name: 'TimeoutError' })
  })

  it('break does not wait for a source that still owes an item', async () => {
    const pool = makePool()
    async function* stuck() {
      yield 1
      await new Promise(() => {})
    }
    for await (const x of pool[method]((n: number) => n, stuck())) {
      expect(x).toBe(1)
      break
    }
  })

  it('a signal that was aborted before is the rejection', async () => {
    const pool = makePool()
    const signal = AbortSignal.abort(new Error('before'))
    await expect(collect(pool[method]((x: number) => x, [1], { signal }))).rejects.toThrow('before')
  })

  it('takes no more items once its pool closes', async () => {
    const pool = makePool()
    const { state, items } = watched()
    const iterator = pool[method]((x: number) => x, items)
    await iterator.next()
    const closed = pool.close()
    const rest = await outcome(collect(iterator))
    expect(rest.reason).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    await closed
    expect(state).toMatchObject({ closed: 1 })
    expect(pool.stats().workers).toEqual([])
  })

  it('read for the first time when its pool is closed, it starts no worker', async () => {
    const pool = makePool()
    const iterator = pool[method]((x: number) => x, [1])
    await pool.close()
    await expect(iterator.next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    expect(pool.stats().workers).toEqual([])
  })

  it('refuses what is no source, no function, or a kernel', async () => {
    const pool = makePool()
    expect(() => pool[method]((x: number) => x, 5 as never)).toThrow(/`items`/)
    expect(() => pool[method](5 as never, [])).toThrow(/`fn`/)
    expect(() => pool[method](((x: number) => outside(x)) as never, [])).toThrow(/outside/)
  })
})

declare const outside: (x: number) => number

describe('terminate', () => {
  it('ends an imap that waits', async () => {
    const pool = makePool({ graceMs: 0 })
    const iterator = pool.imap(() => new Promise(() => {}), range(3))
    const next = outcome(iterator.next())
    await until(() => pool.stats().running > 0)
    await pool.terminate()
    expect((await next).reason).toMatchObject({ name: 'AbortError' })
  })
})
