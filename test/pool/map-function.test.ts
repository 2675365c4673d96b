import { alloc, importTasks, map, ndarray, NDArray, Pool } from 'offloop'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { outcome } from '../helpers/work.ts'
import type * as Tasks from './fixtures/tasks.mjs'

// map, starmap and mapReduce over ordinary functions.

const tasks = importTasks<typeof Tasks>(new URL('./fixtures/tasks.mjs', import.meta.url))
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

const backends = (['worker', 'process', 'inline'] as const).map(
  (backend) => [backend, new Pool({ backend, workers: 2, context: { name: 'the context' } })] as const,
)
afterAll(() => Promise.all(backends.map(([, pool]) => pool.terminate())))

const pools: Pool[] = []
function makePool(options: ConstructorParameters<typeof Pool>[0] = {}): Pool {
  const pool = new Pool({ workers: 2, ...options })
  pools.push(pool)
  return pool
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.terminate())))

describe.each(backends)('map on %s', (backend, pool) => {
  it('keeps the order of items, whichever is ready first', async () => {
    const fn = (i: number) => new Promise<string>((resolve) => setTimeout(resolve, i % 5 === 0 ? 5 : 0, `item ${i}`))
    expect(await pool.map(fn, range(40))).toEqual(range(40).map((i) => `item ${i}`))
  })

  it.each([0, 1, 2, 63, 64, 65, 1000])('of %i numbers', async (n) => {
    expect(await pool.map((x: number) => 2 * x + 1, range(n))).toEqual(range(n).map((x) => 2 * x + 1))
  })

  it.each([0, 1, 2, 100])('of %i texts', async (n) => {
    const items = range(n).map((i) => 'x'.repeat(i))
    expect(await pool.map((text: string) => text.length, items)).toEqual(range(n))
  })

  it('gives functions index, context and signal, for numbers and others', async () => {
    const fn = (_: unknown, info: { index: number; context: unknown; signal: AbortSignal }) => [
      info.index,
      (info.context as { name: string }).name,
      info.signal instanceof AbortSignal && !info.signal.aborted,
    ]
    const expected = range(100).map((i) => [i, 'the context', true])
    expect(await pool.map(fn, range(100))).toEqual(expected)
    expect(await pool.map(fn, range(100).map(String))).toEqual(expected)
  })

  it('gives it to functions that take it in unusual ways', async () => {
    const items = range(70)
    const byDefault = (_: number, { index }: { index?: number } = {}) => index
    const byRest = (x: number, ...rest: { index: number }[]) => x - x + rest[0].index
    const byArguments = function (x: number) {
      // oxlint-disable-next-line prefer-rest-params
      return x - x + (arguments[1] as { index: number }).index
    }
    for (const fn of [byDefault, byRest, byArguments]) expect(await pool.map(fn as never, items)).toEqual(items)
  })

  it('keeps -0, NaN and the infinities', async () => {
    const odd = [-0, NaN, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE]
    const items = [...range(100), ...odd]
    expect(await pool.map((x: number) => x, items)).toEqual(items)
    expect(await pool.map((x: number) => -x, items)).toEqual(items.map((x) => -x))
  })

  it('keeps results that are no numbers among numbers', async () => {
    const fn = (x: number) => [x, String(x), undefined, null, true, { x }, [x], 1n, new Map([[x, x]])][x % 9]
    expect(await pool.map(fn, range(90))).toEqual(range(90).map(fn))
  })

  it('takes mixed values, and holes as undefined', async () => {
    const items = [1, 'a', null, undefined, true, 2n, { a: [1] }, new Date(5), new Set([1]), new Uint8Array([1, 2])]
    expect(await pool.map((x: unknown) => x, items)).toEqual(items)
    const holes = new Array<number>(100)
    holes[0] = 1
    holes[99] = 2
    expect(await pool.map((x: unknown) => x === undefined, holes)).toEqual(range(100).map((i) => i !== 0 && i !== 99))
  })

  it('takes any iterable', async () => {
    function* items() {
      yield* ['a', 'b']
    }
    expect(await pool.map((x: string) => `${x}!`, items())).toEqual(['a!', 'b!'])
    expect(await pool.map((x: string) => `${x}!`, 'ab')).toEqual(['a!', 'b!'])
    expect(await pool.map(([k, v]: [string, number]) => k + v, new Map([['a', 1]]))).toEqual(['a1'])
  })

  it('takes NDArrays, and gives them', async () => {
    const items = range(5).map((i) => ndarray(Float64Array.of(i, i + 1, i + 2, i + 3), [2, 2]))
    const sums = await pool.map((a: NDArray<Float64Array>) => a.at(0, 0) + a.at(1, 1), items)
    expect(sums).toEqual(range(5).map((i) => 2 * i + 3))
    const turned = await pool.map((a: NDArray) => ({ turned: a.T }), items)
    for (const { turned: each } of turned) expect(each).toBeInstanceOf(NDArray)
    expect(turned[1].turned.toNested()).toEqual([
      [1, 3],
      [2, 4],
    ])
  })

  it.each([1, 7, 1000])('sends %i items together with that chunkSize', async (chunkSize) => {
    const before = pool.stats().done
    expect(await pool.map((x: number) => x + 1, range(100), { chunkSize })).toEqual(range(100).map((x) => x + 1))
    expect(pool.stats().done - before).toBe(Math.ceil(100 / chunkSize))
  })

  it('settle collects what fails', async () => {
    const fn = (x: number) => {
      if (x === 3) throw Object.assign(new RangeError('three'), { code: 'E_THREE' })
      if (x === 5) return Promise.reject(x)
      return x === 7 ? () => 7 : x
    }
    const results = await pool.map(fn, range(100), { settle: true })
    expect(results).toHaveLength(100)
    const [three, five, seven] = [3, 5, 7].map((i) => results[i] as PromiseRejectedResult)
    expect(three.reason).toBeInstanceOf(RangeError)
    expect(three.reason).toMatchObject({ message: 'three', code: 'E_THREE' })
    expect(five).toEqual({ status: 'rejected', reason: 5 })
    expect(seven).toMatchObject({
      status: 'rejected',
      reason: { message: expect.stringContaining('result') as string },
    })
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(97)
    expect(await pool.map(fn, [], { settle: true })).toEqual([])
  })

  it('rejects with the first failure', async () => {
    const fn = (x: number) => {
      if (x === 30) throw new RangeError(`number ${x}`)
      return x
    }
    const task = pool.map(fn, range(500))
    await expect(task).rejects.toThrow('number 30')
    expect(task.status).toBe('failed')
    await expect(pool.map(async (x: string) => JSON.parse(x) as unknown, ['1', '{'])).rejects.toBeInstanceOf(
      SyntaxError,
    )
  })

  it('starmap spreads, with the second argument of map behind it where there is a parameter for it', async () => {
    expect(await pool.starmap((a: number, b: number) => a ** b, [[2, 5], [3, 2]])).toEqual([32, 9]) // prettier-ignore
    const withInfo = (a: number, b: number, info?: { index: number }) => [a + b, info?.index]
    const tuples = range(70).map((i) => [i, 1] as [number, number])
    expect(await pool.starmap(withInfo, tuples)).toEqual(range(70).map((i) => [i + 1, i]))
    expect(await pool.starmap((...all: number[]) => all.length, [[], [1], [1, 2]])).toEqual([0, 1, 2])
  })

  it('reports progress that never falls and ends with 1', async () => {
    for (const items of [range(300), range(300).map(String), []]) {
      const seen: number[] = []
      await pool.map(
        (x: unknown) => {
          const end = performance.now() + 0.3
          while (performance.now() < end);
          return x
        },
        items,
        { onProgress: (fraction) => seen.push(fraction) },
      )
      expect(seen.toSorted((a, b) => a - b)).toEqual(seen)
      expect(seen.at(-1)).toBe(1)
      expect(seen.filter((fraction) => fraction === 1)).toHaveLength(1)
    }
  })

  it('an onProgress that throws fails the map', async () => {
    const onProgress = () => {
      throw new Error('no progress')
    }
    for (const items of [range(100), ['a']]) {
      await expect(pool.map((x: unknown) => x, items, { onProgress })).rejects.toThrow('no progress')
    }
    await expect(pool.run((x: number) => x, [1], { onProgress })).rejects.toThrow('no progress')
    expect(await pool.submit((x: number) => x, 1)).toBe(1)
  })

  it('an aborted signal, or one that aborts meanwhile, is the rejection', async () => {
    const aborted = AbortSignal.abort(new Error('before'))
    for (const items of [range(100), ['a'], []]) {
      await expect(pool.map((x: unknown) => x, items, { signal: aborted })).rejects.toThrow('before')
    }
    for (const items of [range(100), range(100).map(String)]) {
      const controller = new AbortController()
      const fn = (x: unknown) => new Promise((resolve) => setTimeout(resolve, 20, x))
      const task = pool.map(fn, items, { signal: controller.signal })
      setTimeout(() => controller.abort(new Error('meanwhile')), 60)
      await expect(task).rejects.toThrow('meanwhile')
      expect(task.status).toBe('cancelled')
    }
    expect(await pool.map((x: number) => x, [1])).toEqual([1])
  })

  it('a timeout is of the whole', async () => {
    const fn = (x: unknown) => new Promise((resolve) => setTimeout(resolve, 20, x))
    for (const items of [range(100), range(100).map(String)]) {
      await expect(pool.map(fn, items, { timeout: 60 })).rejects.toMatchObject({ name: 'TimeoutError' })
    }
  })

  it('cancel rejects at once, and the pool goes on', async () => {
    const task = pool.map((x: unknown) => new Promise((resolve) => setTimeout(resolve, 10, x)), range(1000))
    setTimeout(() => task.cancel(), 50)
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
    expect(await pool.map((x: number) => x + 1, [1, 2])).toEqual([2, 3])
  })

  it('names the item that can not be sent', async () => {
    const items = [...range(20).map((i) => ({ i })), { bad: [() => 1] }]
    const { reason } = await outcome(pool.map((x: unknown) => x, items, { chunkSize: 3 }))
    expect((reason as Error).message).toContain('`items[20].bad[0]`')
    const tuples = [[1], [2, Symbol('s')]]
    const starred = await outcome(pool.starmap((...x: unknown[]) => x, tuples))
    expect((starred.reason as Error).message).toContain('`tuples[1][1]`')
  })

  it('mapReduce folds in order, with and without a start', async () => {
    const words = range(200).map((i) => `${i},`)
    const join = (a: string, b: string) => a + b
    expect(await pool.mapReduce(words, (word: string) => word.toUpperCase(), join)).toBe(words.join(''))
    expect(await pool.mapReduce(words, (word: string) => word, join, '>')).toBe(`>${words.join('')}`)
    expect(await pool.mapReduce(['a'], (word: string) => word, join)).toBe('a')
    expect(
      await pool.mapReduce(
        range(100),
        (x: number, { index }) => x - index,
        (a, b) => a + b,
      ),
    ).toBe(0)
  })

  it('mapReduce takes async functions, and a chunkSize', async () => {
    const later = async (x: number) => x
    const add = async (a: number, b: number) => a + b
    expect(await pool.mapReduce(range(50), later, add, 0, { chunkSize: 7 })).toBe(1225)
  })

  it('mapReduce of nothing is its start, or an error', async () => {
    const add = (a: number, b: number) => a + b
    expect(await pool.mapReduce([] as number[], (x: number) => x, add, 5)).toBe(5)
    const { reason } = await outcome(pool.mapReduce([] as number[], (x: number) => x, add))
    expect(reason).toBeInstanceOf(TypeError)
    expect((reason as Error).message).toMatch(/`initial`/)
  })

  it('mapReduce rejects with what either function throws', async () => {
    const fail = () => {
      throw new RangeError('failed')
    }
    const add = (a: number, b: number) => a + b
    await expect(pool.mapReduce(range(10), fail as () => number, add)).rejects.toThrow('failed')
    await expect(pool.mapReduce(range(10), (x: number) => x, fail as never)).rejects.toThrow('failed')
    expect(pool.stats().backend).toBe(backend)
  })
})

const types = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const

describe('typed arrays', () => {
  const [[, pool]] = backends
  it.each(types)('%o', async (Type) => {
    for (const n of [0, 3, 200]) {
      const values = new Type(range(n).map((i) => i * 1.5 - 50))
      const shared = new (Type as Float64ArrayConstructor)(new SharedArrayBuffer(values.byteLength))
      shared.set(values)
      const expected = Array.from(values, (x) => x + 0.25)
      expect(await pool.map((x: number) => x + 0.25, values)).toEqual(expected)
      expect(await pool.map((x: number) => x + 0.25, shared)).toEqual(expected)
      expect(await pool.map((x: number) => x + 0.25, values.subarray(n >> 1))).toEqual(expected.slice(n >> 1))
    }
  })

  it('of BigInts', async () => {
    const values = BigInt64Array.from(range(100), BigInt)
    expect(await pool.map((x: bigint) => x + 1n, values)).toEqual(range(100).map((i) => BigInt(i + 1)))
  })

  it('Buffers, without a warning, and classes of the caller', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    expect(await pool.map((x: number) => x, Buffer.alloc(100, 7))).toEqual(range(100).map(() => 7))
    class Mine extends Float64Array {
      constructor() {
        super(100)
      }
    }
    expect(await pool.map((x: number) => x, new Mine())).toEqual(range(100).map(() => 0))
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  it('from alloc', async () => {
    const values = alloc(Float64Array, 100)
    values.fill(2)
    expect(await map((x: number) => x * x, values)).toEqual(range(100).map(() => 4))
  })
})

describe('what fails or stops', () => {
  it.each(['numbers', 'texts'])('a failure among %s stops the rest', async (what) => {
    const pool = makePool({ graceMs: 60_000 })
    const counter = new Int32Array(new SharedArrayBuffer(4))
    await pool.broadcast((words: Int32Array) => void Object.assign(globalThis, { words }), counter)
    const fn = (_: unknown, { index }: { index: number }) => {
      Atomics.add((globalThis as unknown as { words: Int32Array }).words, 0, 1)
      if (index === 3) throw new Error('the third')
      const end = performance.now() + 2
      while (performance.now() < end);
    }
    const items = what === 'numbers' ? range(3000) : range(3000).map(String)
    await expect(pool.map(fn as never, items)).rejects.toThrow('the third')
    await pool.close()
    expect(Atomics.load(counter, 0)).toBeLessThan(500)
  })

  it('a map of numbers that fails unheard is an unhandled rejection', async () => {
    const { code, stderr } = await runModule(`
      import { Pool } from 'offloop'
      new Pool({ workers: 1 }).map(() => { throw new Error('unheard') }, new Float64Array(100))`)
    expect(code).toBe(1)
    expect(stderr).toContain('unheard')
  })

  it('a cancelled map is none', async () => {
    const { code, stderr } = await runModule(`
      import { Pool } from 'offloop'
      const pool = new Pool({ workers: 1 })
      const forever = () => new Promise(() => {})
      for (const items of [new Float64Array(100), ['a']]) pool.map(forever, items).cancel()
      const task = pool.submit(forever)
      setTimeout(() => task.cancel(), 50)`)
    expect([code, stderr]).toEqual([0, ''])
  })

  it('a worker that dies rejects the map, and the next one runs', async () => {
    const pool = makePool()
    const fn = (x: number) => (x === 80 ? process.exit(9) : x)
    await expect(pool.map(fn, range(100))).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    expect(await pool.map(tasks.echo, [1, 2])).toEqual([1, 2])
  })
})

describe('mapReduce', () => {
  it('has the same bits with one worker and three', async () => {
    const items = Float64Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 10 ** (i % 17))
    const results = []
    for (const workers of [1, 3]) {
      const pool = makePool({ workers })
      for (let i = 0; i < 3; i++)
        results.push(
          await pool.mapReduce(
            items,
            (x: number) => x / 3,
            (a, b) => a + b,
          ),
        )
    }
    expect(new Set(results).size).toBe(1)
  })
})
