import { describe, expectTypeOf, it } from 'vitest'

import { fft, ifft, irfft, rfft } from 'offloop'
import type { FftOptions, NDArray, Task, ViewLike } from 'offloop'

declare const f64: Float64Array
declare const f32: Float32Array
declare const i32: Int32Array
declare const matrix: NDArray<Float64Array>
declare const view: ViewLike<Float32Array>

describe('transforms', () => {
  it('give the type that they take', () => {
    expectTypeOf(fft(f64)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(ifft(f32, { n: 8 })).toEqualTypeOf<Task<Float32Array>>()
    expectTypeOf(rfft(matrix, { axis: 0 })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(irfft(view, { n: 9 })).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(fft.sync(f64)).toEqualTypeOf<Float64Array>()
    expectTypeOf(rfft.sync(view)).toEqualTypeOf<NDArray<Float32Array>>()
  })

  it('take floats and their own options', () => {
    fft(f64, { n: 4, out: f64, threads: 1 })
    // @ts-expect-error integers are not transformed
    fft(i32)
    // @ts-expect-error a plain array
    rfft([1, 2, 3])
    // @ts-expect-error a word is no length
    irfft(f64, { n: '8' })
    // @ts-expect-error no such option
    fft(f64, { inverse: true })
    expectTypeOf<FftOptions['n']>().toEqualTypeOf<number | undefined>()
  })
})
