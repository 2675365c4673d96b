import { describe, expectTypeOf, it } from 'vitest'

import { convolve, correlate, gram, normalize, transpose } from 'offloop'
import type { NDArray, Task, ViewLike } from 'offloop'

declare const f64: Float64Array
declare const f32: Float32Array
declare const i32: Int32Array
declare const i64: BigInt64Array
declare const matrix: NDArray<Float64Array>
declare const view: ViewLike<Float32Array>
declare const pixels: ViewLike<Uint8Array>

describe('transpose', () => {
  it('gives an NDArray of the same class of array', () => {
    expectTypeOf(transpose(pixels, { axes: [2, 0, 1] })).toEqualTypeOf<Task<NDArray<Uint8Array>>>()
    expectTypeOf(transpose(i64)).toEqualTypeOf<Task<NDArray<BigInt64Array>>>()
    expectTypeOf(transpose.sync(matrix, { out: f64 })).toEqualTypeOf<NDArray<Float64Array>>()
    // @ts-expect-error axes are numbers
    transpose(matrix, { axes: ['0'] })
  })
})

describe('gram', () => {
  it('takes floats and gives an NDArray of them', () => {
    expectTypeOf(gram(matrix)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(gram.sync(view, { of: 'rows' })).toEqualTypeOf<NDArray<Float32Array>>()
    // @ts-expect-error no integers
    gram(i32)
    // @ts-expect-error not a side
    gram(matrix, { of: 'diagonal' })
  })
})

describe('normalize', () => {
  it('takes floats and gives an NDArray of them', () => {
    expectTypeOf(normalize(f32, { norm: 'max' })).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(normalize.sync(matrix, { axis: 0, out: matrix })).toEqualTypeOf<NDArray<Float64Array>>()
    // @ts-expect-error no integers
    normalize(i32)
    // @ts-expect-error not a norm
    normalize(f32, { norm: 2 })
  })
})

describe('convolve and correlate', () => {
  it('give what they are given', () => {
    expectTypeOf(convolve(f64, f64)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(convolve(view, f32, { mode: 'same', method: 'fft' })).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(correlate.sync(matrix, matrix, { out: matrix })).toEqualTypeOf<NDArray<Float64Array>>()
    // @ts-expect-error two types
    convolve(f64, f32)
    // @ts-expect-error no integers
    convolve(i32, i32)
    // @ts-expect-error not a mode
    correlate(f64, f64, { mode: 'circular' })
  })
})
