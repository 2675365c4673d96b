import { describe, expectTypeOf, it } from 'vitest'

import { random } from 'offloop'
import type { NDArray, Task } from 'offloop'

declare const n: number
declare const shape: number[]
declare const f32: Float32Array
declare const matrix: NDArray<Float32Array>

describe('random functions', () => {
  it('give a typed array for a length and an NDArray for a shape', () => {
    expectTypeOf(random.uniform(5)).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(random.normal(n, { mean: 1, std: 2, seed: 3 })).toEqualTypeOf<Task<Float64Array>>()
    expectTypeOf(random.exponential([2, 3], { rate: 2 })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(random.uniform.sync(shape)).toEqualTypeOf<NDArray<Float64Array>>()
    expectTypeOf(random.integers(5, { high: 6 })).toEqualTypeOf<Task<Int32Array>>()
    expectTypeOf(random.integers.sync([5], { low: 1, high: 6 })).toEqualTypeOf<NDArray<Int32Array>>()
  })

  it('give the dtype that is asked for, or that of `out`', () => {
    expectTypeOf(random.uniform(5, { dtype: 'float32' })).toEqualTypeOf<Task<Float32Array>>()
    expectTypeOf(random.normal.sync([5], { dtype: 'float32' })).toEqualTypeOf<NDArray<Float32Array>>()
    expectTypeOf(random.integers(5, { high: 6, dtype: 'uint8' })).toEqualTypeOf<Task<Uint8Array>>()
    expectTypeOf(random.integers.sync(5, { high: 6n, dtype: 'bigint64' })).toEqualTypeOf<BigInt64Array>()
    expectTypeOf(random.uniform.sync(5, { out: f32 })).toEqualTypeOf<Float32Array>()
    expectTypeOf(random.uniform.sync([5], { out: matrix })).toEqualTypeOf<NDArray<Float32Array>>()
  })

  it('tell their seed', () => {
    expectTypeOf(random.uniform(5).seed).toEqualTypeOf<number | undefined>()
  })

  it('take nothing else', () => {
    // @ts-expect-error integers need an upper bound
    void random.integers(5)
    // @ts-expect-error no such dtype
    void random.uniform(5, { dtype: 'int32' })
    // @ts-expect-error a seed is a number
    void random.normal(5, { seed: 1n })
    // @ts-expect-error the name is `std`
    void random.normal(5, { sd: 1 })
  })
})

describe('random.permutation', () => {
  it('gives indices for a length, and an array for an array', () => {
    expectTypeOf(random.permutation(5)).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(random.permutation(f32)).toEqualTypeOf<Task<Float32Array>>()
    expectTypeOf(random.permutation.sync(matrix, { seed: 1 })).toEqualTypeOf<NDArray<Float32Array>>()
    expectTypeOf(random.permutation.sync(9, { seed: 1 })).toEqualTypeOf<Uint32Array>()
  })
})
