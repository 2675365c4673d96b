import { Pool, SharedMap } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

import { startWriter } from '../helpers/writers.ts'

const pool = new Pool({ workers: 2 })
afterAll(() => pool.terminate())

const stress = Number(process.env['OFFLOOP_STRESS_DATA'] ?? 5000)

describe('a map', () => {
  it('keeps keys apart by type and value, as Map does', () => {
    const map = new SharedMap<string | number | bigint, unknown>({ capacity: 100 })
    const keys = ['', 'a', 'á', '\ud800', '1', 1, 1n, 1.5, -1, 0, NaN, Infinity, 2 ** 53, 12345678901234567890n, -1n]
    keys.forEach((key, i) => map.set(key, i))
    keys.forEach((key, i) => expect(map.get(key)).toBe(i))
    expect(map.get(-0)).toBe(9)
    expect(map.has('1 ')).toBe(false)
    expect(map.size).toBe(keys.length)
    expect(new Set(map.keys())).toEqual(new Set(keys))
    expect(map.set('a', 'again').get('a')).toBe('again')
    expect(map.size).toBe(keys.length)
  })

  it.each([
    [1.5],
    [-0],
    [NaN],
    [10n ** 30n],
    ['text ÄÖ€𝄞'],
    ['\udc00 half'],
    [''],
    [true],
    [false],
    [null],
    [undefined],
    [{ a: [1, { b: new Date(5) }], c: new Map([[1, new Set(['x'])]]) }],
    [new Float64Array([1, 2, 3])],
    [[undefined, 1n]],
  ])('keeps %s', (value) => {
    const map = new SharedMap({ capacity: 1, valueBytes: 200 })
    map.set('key', value)
    expect(map.get('key')).toEqual(value)
    expect(map.has('key')).toBe(true)
    expect([...map]).toEqual([['key', value]])
  })

  it('gives copies', () => {
    const map = new SharedMap<string, number[]>({ capacity: 1 })
    const list = [1]
    map.set('a', list)
    list.push(2)
    map.get('a')?.push(3)
    expect(map.get('a')).toEqual([1])
  })

  it('does what a Map does, call by call', () => {
    const map = new SharedMap<number, number>({ capacity: 64, valueBytes: 8 })
    const model = new Map<number, number>()
    let state = 1
    const draw = (limit: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % limit
    for (let i = 0; i < 20_000; i++) {
      const key = draw(64)
      const kind = draw(100)
      if (kind < 40) {
        map.set(key, i)
        model.set(key, i)
      } else if (kind < 70) expect(map.delete(key)).toBe(model.delete(key))
      else if (kind < 80) {
        const next = model.has(key) ? (model.get(key) as number) + 1 : 0
        expect(map.update(key, (n) => (n === undefined ? 0 : n + 1))).toBe(next)
        model.set(key, next)
      } else if (kind < 99) expect(map.get(key)).toBe(model.get(key))
      else if (draw(10) === 0) {
        map.clear()
        model.clear()
      } else expect(new Map(map)).toEqual(model)
      if (i % 100 === 0) expect(map.size).toBe(model.size)
    }
  })

  it('update() takes out what becomes undefined, and may use the map itself', () => {
    const map = new SharedMap<string, number>({ capacity: 4 })
    expect(map.update('a', () => undefined)).toBeUndefined()
    expect(map.size).toBe(0)
    map.set('b', 2)
    expect(map.update('a', () => (map.get('b') as number) * 5)).toBe(10)
    expect(map.update('b', () => undefined)).toBeUndefined()
    expect([...map]).toEqual([['a', 10]])
    expect(() =>
      map.update('a', () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(map.get('a')).toBe(10)
  })

  it('takes as many entries as its capacity, and no more', () => {
    for (const capacity of [1, 7, 16, 100]) {
      const map = new SharedMap<number, number>({ capacity })
      for (let i = 0; i < capacity; i++) map.set(i, i)
      expect(() => map.set(capacity, 0)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_FULL' }))
      expect(() => map.update(-1, () => 0)).toThrow(`it has ${capacity} entries`)
      for (let i = 0; i < capacity; i++) map.set(i, -i)
      expect(map.size).toBe(capacity)
      expect(map.delete(0)).toBe(true)
      map.set(capacity, 5)
      expect(map.size).toBe(capacity)
    }
  })

  it('forEach, values and entries go over all', () => {
    const map = new SharedMap<string, number>({ capacity: 3 })
    map.set('a', 1).set('b', 2)
    const seen: unknown[] = []
    map.forEach((value, key, itself) => seen.push([key, value, itself === map]))
    expect(seen).toHaveLength(2)
    expect(seen).toEqual(
      expect.arrayContaining([
        ['a', 1, true],
        ['b', 2, true],
      ]),
    )
    expect([...map.values()].toSorted()).toEqual([1, 2])
    expect(new Map(map.entries())).toEqual(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    )
  })

  it('refuses what can not be', () => {
    expect(() => new SharedMap(undefined as never)).toThrow(/an object with `capacity`/)
    expect(() => new SharedMap({ capacity: 0 })).toThrow(/Expected `capacity` to be an integer from 1 to/)
    expect(() => new SharedMap({ capacity: 1, valueBytes: 4 })).toThrow(RangeError)
    const map = new SharedMap({ capacity: 2, keyBytes: 8, valueBytes: 8 })
    expect(() => map.set({} as never, 1)).toThrow(/Expected `key` to be a string, a number or a bigint/)
    expect(() => map.set('123456789', 1)).toThrow(/of at most 8 bytes, which is the map's `keyBytes`, not 9/)
    expect(() => map.set('a', 'äääää')).toThrow(/the map's `valueBytes`, not 10/)
    expect(() => map.set('a', () => 1)).toThrow(/Expected `value` to be data that can be copied/)
    expect(() => map.get(undefined as never)).toThrow(TypeError)
    expect(() => map.update('a', 5 as never)).toThrow(TypeError)
    expect(map.size).toBe(0)
  })
})

describe('several threads', () => {
  it('count together, and nothing is lost', async () => {
    const map = new SharedMap<number, number>({ capacity: 10, valueBytes: 8 })
    const fn = (theirs: SharedMap<number, number>, n: number) => {
      for (let i = 0; i < n; i++) theirs.update(i % 10, (count = 0) => count + 1)
      return theirs.constructor.name
    }
    const tasks = [1, 2].map(() => pool.submit(fn, map, stress))
    for (let i = 0; i < stress; i++) map.update(i % 10, (count = 0) => count + 1)
    expect(await Promise.all(tasks)).toEqual(['SharedMap', 'SharedMap'])
    expect([...map.values()].reduce((a, b) => a + b)).toBe(3 * stress)
    expect(map.size).toBe(10)
  })

  it('put in and take out each their own, up to the last place', async () => {
    const map = new SharedMap<string, number>({ capacity: 60, valueBytes: 8 })
    const fn = (theirs: SharedMap<string, number>, me: number, n: number) => {
      for (let i = 0; i < n; i++) {
        for (let k = 0; k < 20; k++) theirs.set(`${me}.${k}`, i)
        for (let k = 0; k < 20; k++) {
          if (theirs.get(`${me}.${k}`) !== i) throw new Error(`lost ${me}.${k}`)
          if (!theirs.delete(`${me}.${k}`)) throw new Error(`lost ${me}.${k}`)
        }
      }
    }
    const { stringify } = JSON
    await Promise.all([0, 1].map((me) => pool.submit(fn, map, me, stress / 50)))
    fn(map, 2, stress / 50)
    expect(stringify([...map])).toBe('[]')
    expect(map.size).toBe(0)
  })

  it('read entries whole while others write, and go on when those are terminated at any moment', async () => {
    const map = new SharedMap<string, { key: string; list: string[] }>({ capacity: 40, valueBytes: 120 })
    const check = (key: string, value: { key: string; list: string[] } | undefined) => {
      if (value !== undefined && (value.key !== key || value.list.some((each) => each !== key))) {
        throw new Error(`${key} has ${JSON.stringify(value)}`)
      }
    }
    for (let seed = 1; seed <= stress / 1000; seed++) {
      const writers = await Promise.all([1, 2].map((i) => startWriter(map.handle, seed * 10 + i)))
      for (let i = 0; i < 1000; i++) check(`key ${i % 40}`, map.get(`key ${i % 40}`))
      for (let i = 0; i < 10; i++) {
        const seen = new Set<string>()
        for (const [key, value] of map) {
          check(key, value)
          expect(seen.has(key)).toBe(false)
          seen.add(key)
        }
      }
      await Promise.all(writers.map((writer) => writer.terminate()))
      expect(map.size).toBe([...map].length)
      // All that the dead ones held can be used again.
      for (let i = 0; i < 40; i++) map.set(`key ${i}`, { key: `key ${i}`, list: [] })
      expect(map.size).toBe(40)
      if (seed % 2 === 0) map.clear()
    }
  })
})
