import { Pool, Value } from 'offloop'
import type { ValueType } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startRaw } from '../helpers/raw.ts'
import type { Way } from '../helpers/raw.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.close())

const integers = [
  ['i32', -(2 ** 31), 2 ** 31 - 1],
  ['u32', 0, 2 ** 32 - 1],
] as const
const bigints = [
  ['i64', -(2n ** 63n), 2n ** 63n - 1n],
  ['u64', 0n, 2n ** 64n - 1n],
] as const

describe.each(integers)('a value of type %s', (type, low, high) => {
  it('is read and changed, and gives what was there before', () => {
    const value = new Value(type, 7)
    expect(value.type).toBe(type)
    value.set(high)
    expect(value.get()).toBe(high)
    expect(value.exchange(5)).toBe(high)
    expect([value.add(3), value.sub(2), value.get()]).toEqual([5, 8, 6])
    expect([value.compareExchange(1, 2), value.get()]).toEqual([6, 6])
    expect([value.compareExchange(6, low), value.get()]).toEqual([6, low])
    expect(new Value(type).get()).toBe(0)
  })

  it('goes round at its ends', () => {
    const value = new Value(type, high)
    value.add(1)
    expect(value.get()).toBe(low)
    value.sub(1)
    expect(value.get()).toBe(high)
  })

  it('takes nothing else', () => {
    const value = new Value(type)
    for (const wrong of [high + 1, low - 1, 0.5, NaN, Infinity]) {
      expect(() => value.set(wrong)).toThrow(RangeError)
      expect(() => new Value(type, wrong)).toThrow(`Expected \`initial\` to be an integer from ${low} to ${high}`)
    }
    // @ts-expect-error no bigint
    expect(() => value.add(1n)).toThrow(TypeError)
    // @ts-expect-error no string
    expect(() => value.compareExchange('0', 1)).toThrow('Expected `expected` to be an integer')
    expect(value.get()).toBe(0)
  })
})

describe.each(bigints)('a value of type %s', (type, low, high) => {
  it('is read and changed, and gives what was there before', () => {
    const value = new Value(type, 7n)
    value.set(high)
    expect(value.exchange(5n)).toBe(high)
    expect([value.add(3n), value.sub(2n), value.get()]).toEqual([5n, 8n, 6n])
    expect([value.compareExchange(1n, 2n), value.compareExchange(6n, low), value.get()]).toEqual([6n, 6n, low])
    expect(new Value(type).get()).toBe(0n)
    value.set(high)
    value.add(1n)
    expect(value.get()).toBe(low)
  })

  it('takes nothing else', () => {
    const value = new Value(type)
    for (const wrong of [high + 1n, low - 1n]) expect(() => value.set(wrong)).toThrow(RangeError)
    // @ts-expect-error no number
    expect(() => value.set(1)).toThrow(`Expected \`value\` to be a bigint from ${low} to ${high}, got \`1\` (number)`)
    expect(value.get()).toBe(0n)
  })
})

describe('a value of type f64', () => {
  it('is read and changed, and gives what was there before', () => {
    const value = new Value('f64', 0.5)
    expect([value.add(0.25), value.sub(0.5), value.get()]).toEqual([0.5, 0.75, 0.25])
    expect([value.exchange(-Infinity), value.get()]).toEqual([0.25, -Infinity])
    expect([value.compareExchange(1, 2), value.compareExchange(-Infinity, 2), value.get()]).toEqual([
      -Infinity,
      -Infinity,
      2,
    ])
    expect(new Value('f64').get()).toBe(0)
    // @ts-expect-error no bigint
    expect(() => value.set(1n)).toThrow('Expected `value` to be a number')
  })

  it('tells 0 from -0, and knows NaN', () => {
    const value = new Value('f64', -0)
    expect([value.compareExchange(0, 1), value.compareExchange(-0, NaN)]).toEqual([-0, -0])
    expect([value.compareExchange(NaN, 3), value.get()]).toEqual([NaN, 3])
  })
})

describe('a value', () => {
  it.each<[ValueType, number | bigint, number | bigint]>([
    ['i32', 1, 8000],
    ['u32', 1, 8000],
    ['i64', 1n, 8000n],
    ['u64', 1n, 8000n],
    ['f64', 0.5, 4000],
  ])('of type %s loses no addition of several threads', async (type, step, total) => {
    const value = new Value(type)
    const work = (own: Value, by: number | bigint): void => {
      for (let i = 0; i < 2000; i++) own.add(by)
    }
    await Promise.all([
      pool.submit(work, value, step),
      pool.submit(work, value, step),
      startRaw(work, [value, step], 'MessagePort').result,
      pool.submit(work, value, step),
    ])
    expect(value.get()).toBe(total)
  })

  it('has a lock for what takes more than one operation', async () => {
    const value = new Value('f64', 1)
    const double = async (own: Value<'f64'>, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await own.with(async () => {
          const before = own.get()
          await Promise.resolve()
          own.set(before * 2)
        })
      }
    }
    await Promise.all([
      pool.submit(double, value, 20),
      startRaw(double, [value, 20]).result,
      double(value, 10),
      double(value, 10),
    ])
    expect(value.get()).toBe(2 ** 60)
    const held = await value.lock.acquire()
    expect(await pool.submit((own: Value) => own.lock.locked, value)).toBe(true)
    held.release()
  })

  it.each<Way>(['workerData', 'MessagePort'])('is the same in a raw worker, sent by %s', async (way) => {
    const value = new Value('u64', 5n)
    const { result } = startRaw((own: Value<'u64'>) => [own.type, own.add(2n)], [value], way)
    expect(await result).toEqual(['u64', 5n])
    expect(value.get()).toBe(7n)
    expect(Value.from(structuredClone(value.handle))).toBe(value)
  })

  it('has one of five types', () => {
    // @ts-expect-error no such type
    expect(() => new Value('i16')).toThrow("Expected `type` to be one of 'i32', 'u32', 'i64', 'u64', 'f64'")
    // @ts-expect-error no type
    expect(() => new Value()).toThrow(TypeError)
  })
})
