import { SharedArray, SharedMap, SharedStruct } from 'offloop'
import type { Lock } from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

describe('types of shared data', () => {
  it('arrays have elements of their type', () => {
    const floats = new SharedArray('f64', 3)
    expectTypeOf(floats.get(0)).toEqualTypeOf<number>()
    expectTypeOf(floats.at(0)).toEqualTypeOf<number | undefined>()
    expectTypeOf(floats.array).toExtend<Float64Array>()
    expectTypeOf(floats.slice()).toExtend<Float64Array>()
    expectTypeOf(floats.lock).toEqualTypeOf<Lock>()
    const bigs = new SharedArray(BigInt64Array, [1n])
    expectTypeOf(bigs.add(0, 1n)).toEqualTypeOf<bigint>()
    expectTypeOf(bigs.type).toEqualTypeOf<'i64'>()
    // @ts-expect-error it has bigints
    bigs.set(0, 1)
    // @ts-expect-error there is no such type
    void new SharedArray('f16', 1)
  })

  it('structs have properties of the types of their fields', () => {
    const Point = SharedStruct.define({
      x: 'f64',
      n: 'u64',
      on: 'bool',
      name: { type: 'string', bytes: 8 },
      v: { type: 'i8', length: 2 },
    })
    const point = new Point({ x: 1, v: [1, 2] })
    expectTypeOf(point.x).toEqualTypeOf<number>()
    expectTypeOf(point.n).toEqualTypeOf<bigint>()
    expectTypeOf(point.on).toEqualTypeOf<boolean>()
    expectTypeOf(point.name).toEqualTypeOf<string>()
    expectTypeOf(point.v).toExtend<Int8Array>()
    expectTypeOf(point.add('n', 1n)).toEqualTypeOf<bigint>()
    expectTypeOf(Point.array(2)).toEqualTypeOf<(typeof point)[]>()
    // @ts-expect-error a name is no number
    point.add('name', 1)
    // @ts-expect-error a number is no name
    point.name = 1
    // @ts-expect-error there is no such field
    void new Point({ y: 1 })
    // @ts-expect-error there is no such type
    SharedStruct.define({ x: 'f16' })
  })

  it('maps have keys and values', () => {
    const map = new SharedMap<string, number>({ capacity: 1 })
    expectTypeOf(map.get('a')).toEqualTypeOf<number | undefined>()
    expectTypeOf([...map]).toEqualTypeOf<[string, number][]>()
    expectTypeOf(map.update('a', (n = 0) => n + 1)).toEqualTypeOf<number>()
    expectTypeOf(new SharedMap({ capacity: 1 }).get(1)).toEqualTypeOf<unknown>()
    // @ts-expect-error a number is no key of it
    map.set(1, 1)
    // @ts-expect-error it needs a capacity
    void new SharedMap({})
  })
})
