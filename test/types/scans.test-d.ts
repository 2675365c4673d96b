import { describe, expectTypeOf, it } from 'vitest'

import { bincount, cumprod, cumsum, diff, histogram, nbody, primes } from 'offloop'
import type { HistogramResult, NDArray, Task, ViewLike } from 'offloop'

declare const f64: Float64Array
declare const f32: Float32Array
declare const i32: Int32Array
declare const u64: BigUint64Array
declare const view: ViewLike<Float32Array>
declare const table: NDArray<Int8Array>

describe('scans', () => {
  it('keep floats and BigInts, and make float64 of other integers', () => {
    expectTypeOf(cumsum(f64)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(cumsum(f32)).toEqualTypeOf<Task<Float32Array>>()
    expectTypeOf(cumsum(i32)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(cumprod(u64)).toEqualTypeOf<Task<BigUint64Array>>()
    expectTypeOf(cumprod(view)).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(diff(table, { axis: 0, order: 2 })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(diff.sync(f64)).toEqualTypeOf<Float64Array>()
    expectTypeOf(cumsum.sync(f64, { out: f64 })).toEqualTypeOf<Float64Array>()
  })
})

describe('counts', () => {
  it('are what they count', () => {
    expectTypeOf(histogram(f64, { bins: 3 })).toEqualTypeOf<Task<HistogramResult>>()
    expectTypeOf(histogram.sync(i32, { edges: [0, 1], weights: f32 }).counts).toEqualTypeOf<Float64Array>()
    expectTypeOf(bincount(i32)).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(bincount(i32, { minLength: 3 })).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(bincount(i32, { weights: f64 })).toEqualTypeOf<Task<Float64Array>>()
    // @ts-expect-error: fractions can't be counted by value
    void bincount(f64)
  })
})

describe('demos', () => {
  it('give arrays', () => {
    expectTypeOf(primes(10)).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(primes.sync(10)).toEqualTypeOf<Uint32Array>()
    expectTypeOf(nbody(f64, f64)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(nbody(view, f64, { G: 1, softening: 0.1 })).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    // @ts-expect-error: positions are floats
    void nbody(i32, f64)
  })
})
