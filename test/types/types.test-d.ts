import { describe, expectTypeOf, it } from 'vitest'

import {
  alloc,
  dot,
  info,
  mandelbrot,
  matmul,
  mean,
  minmax,
  ndarray,
  OffloopError,
  sort,
  sum,
  Task,
  variance,
} from 'offloop'
import type {
  NDArray,
  Pool,
  ArrayInput,
  BackendName,
  ErrorCode,
  Info,
  PoolStats,
  TaskOptions,
  TaskStatus,
  Timing,
  ViewLike,
} from 'offloop'

declare const f64: Float64Array
declare const f32: Float32Array
declare const i32: Int32Array
declare const i64: BigInt64Array
declare const u64: BigUint64Array
declare const matrix: NDArray<Float64Array>
declare const bigMatrix: NDArray<BigInt64Array>
declare const view: ViewLike<Float32Array>
declare const signal: AbortSignal
declare const pool: Pool

describe('sum', () => {
  it('gives a number, or a BigInt for BigInts', () => {
    expectTypeOf(sum(f64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum(view)).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum(Buffer.from(''))).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum(i64)).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(sum(u64)).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(sum(bigMatrix)).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(sum.sync(f64)).toEqualTypeOf<number>()
    expectTypeOf(sum.sync(i64)).toEqualTypeOf<bigint>()
  })

  it('gives a BigInt with `exact`, which floats ignore', () => {
    expectTypeOf(sum(i32, { exact: true })).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(sum(i32, { exact: false })).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum(f64, { exact: true })).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum.sync(i32, { exact: true })).toEqualTypeOf<bigint>()
  })

  it('gives an NDArray with `axis`', () => {
    expectTypeOf(sum(matrix, { axis: 0 })).resolves.toExtend<NDArray>()
    expectTypeOf(sum(matrix, { axis: [0, 1] })).resolves.toExtend<NDArray>()
    expectTypeOf(sum.sync(matrix, { axis: -1, keepdims: true })).toExtend<NDArray>()
  })
})

describe('mean and variance', () => {
  it('give a number, or float64 with `axis`', () => {
    expectTypeOf(mean(i64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(mean(f32, { skipNaN: true })).toEqualTypeOf<Task<number>>()
    expectTypeOf(mean(matrix, { axis: 1 })).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(variance(i32, { ddof: 1 })).toEqualTypeOf<Task<number>>()
    expectTypeOf(variance.sync(matrix, { axis: [0] })).toEqualTypeOf<NDArray<Float64Array>>()
  })
})

describe('minmax', () => {
  it('gives both', () => {
    expectTypeOf(minmax(f64)).resolves.toExtend<{ readonly min: number; readonly max: number }>()
    expectTypeOf(minmax(i64)).resolves.toExtend<{ readonly min: bigint; readonly max: bigint }>()
    expectTypeOf(minmax(matrix, { axis: 0 })).resolves.toExtend<{ readonly min: NDArray; readonly max: NDArray }>()
  })
})

describe('dot', () => {
  it('gives a number or a BigInt', () => {
    expectTypeOf(dot(f64, f64)).toEqualTypeOf<Task<number>>()
    expectTypeOf(dot(i64, i64)).toEqualTypeOf<Task<bigint>>()
    expectTypeOf(dot(i32, i32, { exact: true })).toEqualTypeOf<Task<bigint>>()
  })
})

describe('sort', () => {
  it('gives what it takes', () => {
    expectTypeOf(sort(f64)).resolves.toEqualTypeOf<Float64Array>()
    expectTypeOf(sort(i64, { descending: true })).resolves.toEqualTypeOf<BigInt64Array>()
    expectTypeOf(sort(view)).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(sort(matrix)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(sort.sync(f32)).toEqualTypeOf<Float32Array>()
  })
})

describe('matmul', () => {
  it('gives an NDArray of the type of its operands', () => {
    expectTypeOf(matmul(f64, f64)).toEqualTypeOf<Task<NDArray<Float64Array>>>()
    expectTypeOf(matmul(view, view)).toEqualTypeOf<Task<NDArray<Float32Array>>>()
    expectTypeOf(matmul.sync(matrix, f64)).toEqualTypeOf<NDArray<Float64Array>>()
  })
})

describe('mandelbrot', () => {
  it('gives counts', () => {
    expectTypeOf(mandelbrot({ width: 1, height: 1 })).toEqualTypeOf<Task<NDArray<Uint16Array>>>()
  })
})

describe('tasks, pools and the rest', () => {
  it('have types of their own', async () => {
    const task = sum(f64)
    expectTypeOf(task).toExtend<Promise<number>>()
    expectTypeOf(await task).toEqualTypeOf<number>()
    expectTypeOf(task.then((value) => value)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(task.status).toEqualTypeOf<TaskStatus>()
    expectTypeOf(task.backend).toEqualTypeOf<BackendName>()
    expectTypeOf(task.timing).toEqualTypeOf<Timing>()
    expectTypeOf(task.cancel).toEqualTypeOf<(reason?: unknown) => void>()
    expectTypeOf(info()).toEqualTypeOf<Info>()
    expectTypeOf(pool.stats()).toEqualTypeOf<PoolStats>()
    expectTypeOf(pool.close()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(new OffloopError('ERR_OFFLOOP_CLOSED', '').code).toEqualTypeOf<ErrorCode>()
    expectTypeOf(alloc(Float32Array, 3)).toExtend<Float32Array>()
  })

  it('take options everywhere', () => {
    const options = { signal, timeout: 5, priority: 'low', threads: 2, backend: 'auto', pool, onProgress() {} } as const
    expectTypeOf(options).toExtend<TaskOptions>()
    void [
      sum(f64, options),
      sort(f64, options),
      mandelbrot({ width: 1, height: 1 }, options),
      pool.map(sort, [f64], options),
    ]
    void sum(f64, { onProgress: (fraction) => expectTypeOf(fraction).toEqualTypeOf<number>() })
    void minmax(f64, { axis: 0, onProgress: (fraction) => expectTypeOf(fraction).toEqualTypeOf<number>() })
    void sort(f64, { onProgress: (fraction) => expectTypeOf(fraction).toEqualTypeOf<number>() })
    expectTypeOf(sum(f64, {})).toEqualTypeOf<Task<number>>()
    expectTypeOf(sum(f64, undefined)).toEqualTypeOf<Task<number>>()
  })

  it('give NDArrays their elements', () => {
    expectTypeOf(ndarray(f64, [2, 3])).toEqualTypeOf<NDArray<Float64Array>>()
    expectTypeOf(matrix.at(0, 0)).toEqualTypeOf<number>()
    expectTypeOf(bigMatrix.at(0, 0)).toEqualTypeOf<bigint>()
    expectTypeOf(matrix.T).toEqualTypeOf<NDArray<Float64Array>>()
    expectTypeOf(matrix.slice(0, [1, 2], null)).toEqualTypeOf<NDArray<Float64Array>>()
    expectTypeOf(matrix.toTypedArray()).toEqualTypeOf<Float64Array>()
    expectTypeOf(f64).toExtend<ArrayInput>()
    expectTypeOf(matrix).toExtend<ArrayInput<Float64Array>>()
  })

  it('are never `any`', () => {
    expectTypeOf(sum(f64)).not.toBeAny()
    expectTypeOf(sum(matrix, { axis: 0 })).resolves.not.toBeAny()
    expectTypeOf(sort(view)).resolves.not.toBeAny()
    expectTypeOf(minmax(f64)).resolves.not.toBeAny()
    expectTypeOf(matmul(f64, f64)).resolves.not.toBeAny()
    expectTypeOf(matrix.toNested()).not.toBeAny()
    expectTypeOf(pool.run(sum, [f64])).resolves.not.toBeAny()
    expectTypeOf(pool.submit(sort, f64)).resolves.not.toBeAny()
    expectTypeOf(pool.map(mean, [f64])).resolves.toEqualTypeOf<number[]>()
    expectTypeOf(info().reasons).not.toBeAny()
  })
})

describe('what must not compile', () => {
  it('wrong inputs', () => {
    // @ts-expect-error a plain array
    void sum([1, 2, 3])
    // @ts-expect-error nothing
    void sum()
    // @ts-expect-error a number
    void sort(5)
    // @ts-expect-error a DataView
    void mean(new DataView(new ArrayBuffer(8)))
    // @ts-expect-error one operand
    void dot(f64)
    // @ts-expect-error whole numbers
    void matmul(i32, i32)
    // @ts-expect-error two types
    void matmul(f64, f32)
    // @ts-expect-error two types, seen through views
    void matmul(matrix, view)
    // @ts-expect-error no height
    void mandelbrot({ width: 1 })
    // @ts-expect-error a view without a shape
    void sum({ data: f64 })
  })

  it('wrong options', () => {
    // @ts-expect-error no such backend
    void sum(f64, { backend: 'gpu' })
    // @ts-expect-error no such priority
    void sum(f64, { priority: 'urgent' })
    // @ts-expect-error a word for a number
    void sum(f64, { timeout: '5' })
    // @ts-expect-error a controller for its signal
    void sum(f64, { signal: new AbortController() })
    // @ts-expect-error no such option of sort
    void sort(f64, { ascending: true })
    // @ts-expect-error several axes to sort along
    void sort(matrix, { axis: [0, 1] })
    // @ts-expect-error one array for two
    void minmax(matrix, { axis: 0, out: f64 })
    // @ts-expect-error a mean is float64
    void mean(matrix, { axis: 0, out: f32 })
    // @ts-expect-error counts are uint16
    void mandelbrot({ width: 1, height: 1 }, { out: f64 })
    // @ts-expect-error an option that only variance has
    void mean(f64, { ddof: 1 })
    // @ts-expect-error onProgress takes a number
    void sum(f64, { onProgress: (text: string) => text })
  })

  it('misuse of results', () => {
    // @ts-expect-error read-only
    sum(f64).status = 'done'
    // @ts-expect-error a promise is no number
    void (sum(f64) + 1)
    // @ts-expect-error tasks are not made by hand
    void new Task<number>((resolve) => resolve(1))
    // @ts-expect-error frozen
    matrix.shape[0] = 1
    // @ts-expect-error plain promises have no cancel
    sum(f64).then().cancel()
    // @ts-expect-error pools run kernels
    void pool.run(() => 5)
    // @ts-expect-error no such code
    void new OffloopError('ERR_OTHER', '')
    // @ts-expect-error typed array classes alone
    void alloc(Array, 3)
  })
})
