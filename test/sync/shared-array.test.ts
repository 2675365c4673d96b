import { alloc, NDArray, Pool, SharedArray, sort, sum } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startWriter } from '../helpers/writers.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.terminate())

const types = ['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64'] as const

describe('an array', () => {
  it.each(types)('of %s has elements that change in one step each', (type) => {
    const big = type === 'i64' || type === 'u64'
    const of = (n: number) => (big ? BigInt(n) : n) as never
    const array = new SharedArray(type, 3)
    expect(array.length).toBe(3)
    expect([...array]).toEqual([of(0), of(0), of(0)])
    expect(array.add(1, of(7))).toEqual(of(0))
    expect(array.sub(1, of(2))).toEqual(of(7))
    expect(array.exchange(1, of(9))).toEqual(of(5))
    expect(array.compareExchange(1, of(8), of(1))).toEqual(of(9))
    expect(array.compareExchange(1, of(9), of(1))).toEqual(of(9))
    expect(array.get(1)).toEqual(of(1))
    array.set(2, of(4))
    expect([array.at(-1), array.at(0), array.at(3), array.at(-4)]).toEqual([of(4), of(0), undefined, undefined])
    expect(Array.from(array.array as ArrayLike<unknown>)).toEqual([of(0), of(1), of(4)])
  })

  it('is typed by a class, and filled from a list', () => {
    const array = new SharedArray(Float64Array, [1.5, -0, NaN])
    expect(array.type).toBe('f64')
    expect([...array]).toEqual([1.5, -0, NaN])
    expect(array.compareExchange(2, NaN, 2)).toBeNaN()
    expect(array.compareExchange(1, 0, 2)).toBe(-0)
    expect(array.array).toEqual(new Float64Array([1.5, -0, 2]))
    expect(array.array.buffer).toBeInstanceOf(SharedArrayBuffer)
  })

  it('goes round where integers do', () => {
    const array = new SharedArray('u8', [250])
    array.add(0, 10)
    expect(array.get(0)).toBe(4)
    const big = new SharedArray('i64', [2n ** 63n - 1n])
    big.add(0, 1n)
    expect(big.get(0)).toBe(-(2n ** 63n))
  })

  it('has parts over the same memory, and copies that are ordinary arrays', () => {
    const array = new SharedArray('i32', [1, 2, 3, 4, 5])
    const part = array.subarray(1, -1)
    part.set(0, 20)
    part.set([30, 40], 1)
    expect([...array]).toEqual([1, 20, 30, 40, 5])
    expect(part.subarray(1).length).toBe(2)
    expect(part.lock).toBe(array.lock)
    const copy = array.slice(3)
    expect(copy).toEqual(new Int32Array([40, 5]))
    expect(copy.buffer).toBeInstanceOf(ArrayBuffer)
    expect(array.fill(7, 0, 2)).toBe(array)
    expect([...array]).toEqual([7, 7, 30, 40, 5])
  })

  it('is an input of kernels, read in place', async () => {
    const array = new SharedArray('f64', [3, 1, 2])
    expect(await sum(array)).toBe(6)
    const sorted = await sort(array)
    expect(sorted).toBeInstanceOf(NDArray)
    expect(sorted.toNested()).toEqual([1, 2, 3])
    expect(await sort(array.array, { out: array.array })).toBe(array.array)
    expect([...array]).toEqual([1, 2, 3])
  })

  it('refuses what can not be', () => {
    expect(() => new SharedArray('f16' as never, 1)).toThrow(/Expected `type` to be one of 'i8'/)
    expect(() => new SharedArray('i32', -1)).toThrow(RangeError)
    expect(() => new SharedArray('i32', 'x' as never)).toThrow(TypeError)
    expect(() => new SharedArray('f64', 2 ** 50)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MEMORY' }))
    const array = new SharedArray('u8', 2)
    expect(() => array.get(2)).toThrow(/Expected `i` to be an integer from 0 to 1, got `2`/)
    expect(() => array.add(0, 256)).toThrow(/Expected `value` to be an integer from 0 to 255/)
    expect(() => array.set(0, 1.5)).toThrow(RangeError)
    expect(() => array.set([1, 2, 3])).toThrow(RangeError)
    expect(() => new SharedArray('f64', 1).add(0, 1n as never)).toThrow(TypeError)
    expect(() => SharedArray.from(alloc(Uint8Array, 1))).toThrow(/the `handle` of a SharedArray/)
  })
})

describe('several threads', () => {
  it('add to floats and integers, and nothing is lost', async () => {
    const floats = new SharedArray('f64', 4)
    const small = new SharedArray('i16', 4)
    const each = Number(process.env['OFFLOOP_STRESS_DATA'] ?? 5000)
    const add = (a: SharedArray<'f64'>, b: SharedArray<'i16'>, n: number) => {
      for (let i = 0; i < n; i++) {
        a.add(i % 4, 0.5)
        b.add(i % 4, 1)
      }
    }
    const tasks = [1, 2].map(() => pool.submit(add, floats, small.subarray(0), each))
    for (let i = 0; i < each; i++) floats.add(i % 4, 0.5)
    await Promise.all(tasks)
    expect([...floats].reduce((a, b) => a + b)).toBe(each * 1.5)
    expect([...small].map((n) => n & 0xffff).reduce((a, b) => a + b)).toBe(each * 2)
  })

  it('share a lock, and parts that arrive as what they are', async () => {
    const array = new SharedArray('f64', [1, 2, 3, 4])
    const fn = async (part: SharedArray<'f64'>) => {
      for (let i = 0; i < 20; i++) {
        await part.with(async () => {
          const before = part.array[0]
          await new Promise((resolve) => setImmediate(resolve))
          part.array[0] = before + 1
        })
      }
      return [part.constructor.name, part.length, part.type]
    }
    const got = await Promise.all([pool.submit(fn, array.subarray(1, 3)), pool.submit(fn, array.subarray(1, 3))])
    for (const each of got) expect(each).toEqual(['SharedArray', 2, 'f64'])
    expect([...array]).toEqual([1, 42, 3, 4])
  })

  it('of which one is terminated leave it as it is', async () => {
    const array = new SharedArray('f32', 8)
    const writer = await startWriter(array.handle, 1)
    while (array.get(0) === 0) await new Promise((resolve) => setImmediate(resolve))
    await writer.terminate()
    const before = [...array]
    array.add(0, 1)
    expect(array.get(0)).toBe(before[0] + 1)
  })
})
