import { Pool, SharedStruct } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startWriter } from '../helpers/writers.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.terminate())

const Point = SharedStruct.define({
  flag: 'u8',
  x: 'f64',
  hits: 'i32',
  big: 'u64',
  isOpen: 'bool',
  name: { type: 'string', bytes: 12 },
  path: { type: 'f32', length: 3 },
})

describe('a struct', () => {
  it('has its fields as properties', () => {
    const point = new Point({ x: 1.5, name: 'äö', path: [1, 2, 3] })
    point.hits = -5
    point.big = 2n ** 64n - 1n
    point.isOpen = true
    point.x *= 2
    point.path[1] = 9
    expect(point.toObject()).toEqual({
      flag: 0,
      x: 3,
      hits: -5,
      big: 2n ** 64n - 1n,
      isOpen: true,
      name: 'äö',
      path: new Float32Array([1, 9, 3]),
    })
    expect(Object.keys(point)).toEqual(expect.arrayContaining(['x', 'hits', 'name']))
    expect(point).toBeInstanceOf(SharedStruct)
    expect(point).toBeInstanceOf(Point)
    point.name = ''
    point.assign({ hits: 1, name: 'a'.repeat(12) })
    expect([point.hits, point.name]).toEqual([1, 'a'.repeat(12)])
  })

  it('lays fields out by their own size', () => {
    expect(SharedStruct.define({ a: 'u8', b: 'f64' }).byteLength).toBe(16)
    expect(SharedStruct.define({ a: 'u8', b: 'u8', c: 'i16', d: 'i32' }).byteLength).toBe(8)
  })

  it('may be one of its own kind', () => {
    const counter = new SharedStruct({ n: 'u32' }, { n: 3 }) as SharedStruct<{ n: 'u32' }> & { n: number }
    expect(counter.add('n', 2)).toBe(3)
    expect(counter.n).toBe(5)
    expect(counter.fields).toEqual({ n: 'u32' })
  })

  it('changes numbers in one step', () => {
    const point = new Point()
    expect(point.add('x', 0.5)).toBe(0)
    expect(point.sub('hits', 3)).toBe(0)
    expect(point.exchange('big', 7n)).toBe(0n)
    expect(point.compareExchange('big', 6n, 1n)).toBe(7n)
    expect(point.compareExchange('big', 7n, 1n)).toBe(7n)
    expect([point.x, point.hits, point.big]).toEqual([0.5, -3, 1n])
  })

  it('comes in arrays, under one lock', async () => {
    const points = Point.array(3)
    points[1].x = 5
    points[1].name = 'middle'
    expect(points.map(({ x, name }) => [x, name])).toEqual([
      [0, ''],
      [5, 'middle'],
      [0, ''],
    ])
    expect(points[0].lock).toBe(points[2].lock)
    const names = await pool.submit((all: { name: string }[]) => all.map(({ name }) => name), points)
    expect(names).toEqual(['', 'middle', ''])
  })

  it('refuses what can not be', () => {
    expect(() => SharedStruct.define({ x: 'i128' as never })).toThrow(/Expected `fields.x` to be one of 'i8'/)
    expect(() => SharedStruct.define({ lock: 'i32' })).toThrow(/every struct has a member of that name/)
    expect(() => SharedStruct.define({})).toThrow(RangeError)
    expect(() => SharedStruct.define({ s: { type: 'string', bytes: 0 } })).toThrow(/`fields.s.bytes`/)
    const point = new Point()
    expect(() => (point.flag = 256)).toThrow(/Expected `flag` to be an integer from 0 to 255, got `256`/)
    expect(() => (point.name = 'a'.repeat(13))).toThrow(/a string of at most 12 bytes in UTF-8, not 13/)
    expect(() => (point.isOpen = 1 as never)).toThrow(TypeError)
    expect(() => (point.path = [1] as never)).toThrow(/Expected `path.length` to be 3, got `1`/)
    expect(() => point.add('name' as never, 1 as never)).toThrow(/Expected `field` to be a field that is a number/)
    expect(() => point.assign({ y: 1 } as never)).toThrow(/Expected `field` to be one of flag, x/)
    expect(() => SharedStruct.from({})).toThrow(/the `handle` of a SharedStruct/)
  })
})

describe('several threads', () => {
  it('see one struct, as what it is', async () => {
    const point = new Point({ name: 'main' })
    const fn = async (theirs: InstanceType<typeof Point>, n: number) => {
      for (let i = 0; i < n; i++) {
        theirs.add('x', 0.25)
        theirs.add('hits', 1)
      }
      await theirs.with(async () => {
        const before = theirs.flag
        await new Promise((resolve) => setTimeout(resolve, 5))
        theirs.flag = before + 1
      })
      return [theirs.constructor.name, theirs.name]
    }
    const got = await Promise.all([1, 2].map(() => pool.submit(fn, point, 4000)))
    for (const each of got) expect(each).toEqual(['SharedStruct', 'main'])
    expect([point.x, point.hits, point.flag]).toEqual([2000, 8000, 2])
  })

  it('read strings whole while another writes, and after it was terminated', async () => {
    const shared = SharedStruct.define({ n: 'i32', text: { type: 'string', bytes: 30 } })
    const one = new shared({ text: 'start' })
    const rounds = Number(process.env['OFFLOOP_STRESS_DATA'] ?? 5000) / 1000
    for (let seed = 1; seed <= rounds; seed++) {
      const writers = await Promise.all([startWriter(one.handle, seed), startWriter(one.handle, seed + 100)])
      for (let i = 0; i < 2000; i++) expect(one.text).toMatch(/^(start|(.)\2*)$/)
      await Promise.all(writers.map((writer) => writer.terminate()))
      one.text = 'start'
      expect(one.text).toBe('start')
    }
  })
})
