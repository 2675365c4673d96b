import { describe as suite, expectTypeOf, it } from 'vitest'

import { argmax, argmin, describe, max, min, ndarray, norm, std } from 'offloop'
import type { Description, NDArray, Task } from 'offloop'

declare const f64: Float64Array
declare const i32: Int32Array
declare const i64: BigInt64Array

suite('min and max', () => {
  it('give what the elements are', () => {
    expectTypeOf(min(f64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(max(i64)).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(min.sync(i64)).toEqualTypeOf<bigint>()
    expectTypeOf(max(i64, { axis: 0 })).toEqualTypeOf<Task<NDArray>>()
  })
})

suite('argmin and argmax', () => {
  it('give positions', () => {
    expectTypeOf(argmin(i64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(argmax.sync(f64, { skipNaN: true })).toEqualTypeOf<number>()
    expectTypeOf(argmax(ndarray(f64, [2, 3]), { axis: [0, 1] })).toEqualTypeOf<Task<NDArray>>()
    // @ts-expect-error positions are not signed
    void argmin(f64, { axis: 0, out: new Int32Array(1) })
  })
})

suite('std and norm', () => {
  it('give numbers', () => {
    expectTypeOf(std(i64, { ddof: 1 })).toEqualTypeOf<Task<number>>()
    expectTypeOf(norm(i64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(norm.sync(i32, { ord: 1 })).toEqualTypeOf<number>()
    expectTypeOf(norm(f64, { axis: 0, ord: Infinity })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    // @ts-expect-error not the name of an order
    void norm(f64, { ord: 'fro' })
  })
})

suite('describe', () => {
  it('gives numbers, and extremes as elements', () => {
    expectTypeOf(describe(f64)).toEqualTypeOf<Task<Description<number, number>>>()
    expectTypeOf(describe(i64)).toEqualTypeOf<Task<Description<number, bigint>>>()
    expectTypeOf(describe.sync(i32, { axis: 0 })).toEqualTypeOf<Description<NDArray, NDArray>>()
  })
})
