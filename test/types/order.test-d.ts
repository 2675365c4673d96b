import { describe, expectTypeOf, it } from 'vitest'

import { argsort, median, partition, quantile, rank, searchsorted, topk, unique } from 'offloop'
import type { NDArray, Task } from 'offloop'

declare const f64: Float64Array
declare const i64: BigInt64Array
declare const matrix: NDArray<Float32Array>

describe('the order family', () => {
  it('gives indices as what came in', () => {
    expectTypeOf(argsort(f64)).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(argsort.sync(matrix, { axis: 0, descending: true })).toEqualTypeOf<NDArray<Uint32Array>>()
    expectTypeOf(searchsorted(f64, f64, { side: 'right' })).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(rank(i64)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(rank(matrix)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
  })

  it('gives elements of the same type', () => {
    expectTypeOf(partition(i64, 3)).toEqualTypeOf<Task<BigInt64Array>>()
    expectTypeOf(topk.sync(f64, 3).values).toEqualTypeOf<Float64Array>()
    expectTypeOf(topk.sync(matrix, 3).indices).toEqualTypeOf<NDArray<Uint32Array>>()
    expectTypeOf(unique.sync(i64).values).toEqualTypeOf<BigInt64Array>()
  })

  it('gives what was asked for', () => {
    expectTypeOf(unique.sync(f64, { counts: true }).counts).toEqualTypeOf<Uint32Array>()
    // @ts-expect-error: not asked for
    void unique.sync(f64, { counts: true }).inverse
    expectTypeOf(median(f64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(median(matrix, { axis: 0 })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(quantile.sync(f64, 0.5)).toEqualTypeOf<number>()
    expectTypeOf(quantile.sync(f64, [0.5])).toEqualTypeOf<Float64Array>()
    expectTypeOf(quantile.sync(matrix, [0.5], { axis: 1 })).toEqualTypeOf<NDArray<Float64Array>>()
  })

  it('refuses what cannot be', () => {
    // @ts-expect-error: no such method
    void quantile(f64, 0.5, { method: 'best' })
    // @ts-expect-error: k is a number
    void topk(f64, '3')
    // @ts-expect-error: no such side
    void searchsorted(f64, f64, { side: 'middle' })
    // @ts-expect-error: no such method
    void rank(f64, { method: 'first' })
  })
})
