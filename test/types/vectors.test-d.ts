import { describe, expectTypeOf, it } from 'vitest'

import { kmeans, nearest, pairwise } from 'offloop'
import type { Clusters, NDArray, Neighbours, Task, ViewLike } from 'offloop'

declare const f32: NDArray<Float32Array>
declare const f64: NDArray<Float64Array>
declare const i8: NDArray<Int8Array>
declare const bits: ViewLike<Uint8Array>
declare const half: ViewLike<Uint16Array>
declare const words: NDArray<Uint32Array>

describe('nearest', () => {
  it('gives indices and scores', () => {
    expectTypeOf(nearest(f32, f32, { k: 5, metric: 'l2sq' })).toEqualTypeOf<Task<Neighbours>>()
    expectTypeOf(nearest.sync(bits, bits, { metric: 'hamming' }).indices).toEqualTypeOf<NDArray<Uint32Array>>()
    expectTypeOf(nearest(half, half)).resolves.toHaveProperty('scores').toEqualTypeOf<NDArray<Float32Array>>()
    expectTypeOf(nearest(new Float64Array(3), f64)).toEqualTypeOf<Task<Neighbours>>()
  })

  it('takes no other types, metrics or options', () => {
    // @ts-expect-error
    void nearest(words, words)
    // @ts-expect-error
    void nearest(f32, f32, { metric: 'manhattan' })
    // @ts-expect-error
    void nearest(f32, f32, { k: '5' })
  })
})

describe('pairwise', () => {
  it('gives float64 for float64, float32 for all others', () => {
    expectTypeOf(pairwise(f64)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(pairwise(f32, f32)).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(pairwise.sync(i8, undefined, { metric: 'l2' })).toEqualTypeOf<NDArray<Float32Array>>()
    expectTypeOf(pairwise(bits, bits, { metric: 'jaccard' })).toEqualTypeOf<Task<NDArray<Float32Array>>>()
  })
})

describe('kmeans', () => {
  it('gives centroids of the type of the rows', () => {
    expectTypeOf(kmeans(f32, 3)).toEqualTypeOf<Task<Clusters<Float32Array>>>()
    expectTypeOf(kmeans.sync(f64, 3, { init: f64 }).centroids).toEqualTypeOf<NDArray<Float64Array>>()
    expectTypeOf(kmeans(f64, 3, { seed: 1, init: 'kmeans++' })).toEqualTypeOf<Task<Clusters<Float64Array>>>()
  })

  it('takes no rows of integers', () => {
    // @ts-expect-error
    void kmeans(i8, 3)
  })
})
