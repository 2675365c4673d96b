import { types } from 'node:util'

import { alloc, dot, mandelbrot, matmul, mean, minmax, NDArray, ndarray, Pool, sort, sum, variance } from 'offloop'
import { describe, expect, it } from 'vitest'

import type { AnyKernel } from '../helpers/lanes.ts'
import { errorFrom, liar } from '../helpers/misuse.ts'

const f64 = (...values: number[]) => new Float64Array(values)
const x = f64(1, 2, 3, 4, 5, 6)
const matrix = ndarray(f64(1, 2, 3, 4, 5, 6), [2, 3])
const empty = new Float64Array(0)
const form = /^Expected `[^`]+` to be [^]+, got `[^]*` \(\w+\)$/

/** What is wrong, the kernel, its arguments, the class of the error, and what the error names. */
type Misuse = readonly [
  what: string,
  kernel: unknown,
  args: () => readonly unknown[],
  Class: typeof TypeError | typeof RangeError,
  named: string,
]

const revoked = (target: object): object => {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

/** Two values with nothing between them, not even undefined. */
const withHole = (first: number, last: number): number[] => {
  const list = [first, 0, last]
  delete list[1]
  return list
}

const wrongInputs: readonly Misuse[] = [
  ['no argument', sum, () => [], TypeError, 'x'],
  ['null', sum, () => [null], TypeError, 'x'],
  ['a number', sum, () => [5], TypeError, 'x'],
  ['a BigInt', sum, () => [5n], TypeError, 'x'],
  ['a string', sum, () => ['1,2,3'], TypeError, 'x'],
  ['a symbol', sum, () => [Symbol('x')], TypeError, 'x'],
  ['a boolean', mean, () => [true], TypeError, 'x'],
  ['a function', sum, () => [() => 5], TypeError, 'x'],
  ['a plain array', sum, () => [[1, 2, 3]], TypeError, 'x'],
  ['an empty object', variance, () => [{}], TypeError, 'x'],
  ['an ArrayBuffer', sum, () => [new ArrayBuffer(8)], TypeError, 'x'],
  ['a SharedArrayBuffer', sum, () => [new SharedArrayBuffer(8)], TypeError, 'x'],
  ['a DataView', sum, () => [new DataView(new ArrayBuffer(8))], TypeError, 'x'],
  ['a promise of an array', sort, () => [Promise.resolve(x)], TypeError, 'x'],
  ['a fake typed array', sum, () => [Object.create(Float64Array.prototype)], TypeError, 'x'],
  ['an object that calls itself one', sum, () => [{ [Symbol.toStringTag]: 'Float64Array', length: 3 }], TypeError, 'x'],
  ['a proxy of a typed array', sum, () => [new Proxy(f64(1), {})], TypeError, 'x'],
  ['a revoked proxy', sum, () => [revoked({})], TypeError, 'x'],
  ['a revoked proxy of a typed array', sort, () => [revoked(f64(1))], TypeError, 'x'],
  ['nothing as second operand', dot, () => [x], TypeError, 'b'],
  ['BigInts with numbers', dot, () => [x, new BigInt64Array(6)], TypeError, 'b'],
  ['signed with unsigned BigInts', dot, () => [new BigUint64Array(6), new BigInt64Array(6)], TypeError, 'b'],
  ['two types', dot, () => [x, new Float32Array(6)], TypeError, 'b'],
  ['two lengths', dot, () => [x, f64(1, 2)], RangeError, 'b.shape'],
  ['two shapes', dot, () => [matrix, matrix.T], RangeError, 'b.shape'],
  ['a line and a table', dot, () => [matrix, x], RangeError, 'b.shape'],
  ['nothing to find the least of', minmax, () => [empty], RangeError, 'x.length'],
  ['empty lines to find the least of', minmax, () => [ndarray(empty, [2, 0]), { axis: 1 }], RangeError, 'x.shape'],
]

const wrongViews: readonly Misuse[] = [
  ['data that is no array', sum, () => [{ data: 5, shape: [1] }], TypeError, 'x.data'],
  ['data that is a plain array', sum, () => [{ data: [1], shape: [1] }], TypeError, 'x.data'],
  ['data that is a proxy', sum, () => [{ data: new Proxy(f64(1), {}), shape: [1] }], TypeError, 'x.data'],
  ['no shape', sum, () => [{ data: x }], TypeError, 'x.shape'],
  ['a shape that is a number', sum, () => [{ data: x, shape: 6 }], TypeError, 'x.shape'],
  ['a shape that is a string', sum, () => [{ data: x, shape: '23' }], TypeError, 'x.shape'],
  ['a shape that is a typed array', sum, () => [{ data: x, shape: Uint8Array.of(6) }], TypeError, 'x.shape'],
  ['a shape that is a revoked proxy', sum, () => [{ data: x, shape: revoked([6]) }], TypeError, 'x.shape'],
  ['a shape with a hole', sum, () => [{ data: x, shape: withHole(2, 3) }], TypeError, 'x.shape[1]'],
  ['a negative length', sum, () => [{ data: x, shape: [-1] }], RangeError, 'x.shape[0]'],
  ['a fractional length', sum, () => [{ data: x, shape: [1.5] }], RangeError, 'x.shape[0]'],
  ['a length of NaN', sum, () => [{ data: x, shape: [NaN] }], RangeError, 'x.shape[0]'],
  ['an infinite length', sum, () => [{ data: x, shape: [Infinity] }], RangeError, 'x.shape[0]'],
  ['a length beyond safe integers', sum, () => [{ data: x, shape: [2 ** 53] }], RangeError, 'x.shape[0]'],
  ['a BigInt length', sum, () => [{ data: x, shape: [6n] }], TypeError, 'x.shape[0]'],
  ['a length as a string', sum, () => [{ data: x, shape: ['6'] }], TypeError, 'x.shape[0]'],
  ['a product beyond safe integers', sum, () => [{ data: x, shape: [2 ** 40, 2 ** 40] }], RangeError, 'x.shape'],
  ['a huge product hidden by a zero', sum, () => [{ data: x, shape: [0, 2 ** 40, 2 ** 40] }], RangeError, 'x.shape'],
  ['seventeen axes', sum, () => [{ data: x, shape: Array(17).fill(1) }], RangeError, 'x.shape'],
  ['more elements than there are', sum, () => [{ data: x, shape: [7] }], RangeError, 'x.data.length'],
  ['too few strides', sum, () => [{ data: x, shape: [2, 3], strides: [1] }], RangeError, 'x.strides'],
  ['too many strides', sum, () => [{ data: x, shape: [6], strides: [1, 1] }], RangeError, 'x.strides'],
  ['strides that are a number', sum, () => [{ data: x, shape: [6], strides: 1 }], TypeError, 'x.strides'],
  [
    'strides with a hole',
    sum,
    () => [{ data: x, shape: [2, 3], strides: withHole(3, 1).slice(0, 2) }],
    TypeError,
    'x.strides[1]',
  ],
  ['a fractional stride', sum, () => [{ data: x, shape: [2], strides: [0.5] }], RangeError, 'x.strides[0]'],
  ['a stride of NaN', sum, () => [{ data: x, shape: [2], strides: [NaN] }], RangeError, 'x.strides[0]'],
  ['a stride as a string', sum, () => [{ data: x, shape: [2], stride: ['1'] }], TypeError, 'x.strides[0]'],
  ['strides that are null', sum, () => [{ data: x, shape: [2], strides: null }], TypeError, 'x.strides'],
  ['strides past the end', sum, () => [{ data: x, shape: [3], strides: [3] }], RangeError, 'x.data.length'],
  ['strides before the start', sum, () => [{ data: x, shape: [2], strides: [-1] }], RangeError, 'x.data.length'],
  [
    'strides whose reach overflows',
    sum,
    () => [{ data: x, shape: [3], strides: [2 ** 53 - 1] }],
    RangeError,
    'x.data.length',
  ],
  ['an offset past the end', sum, () => [{ data: x, shape: [1], offset: 6 }], RangeError, 'x.data.length'],
  ['a negative offset', sum, () => [{ data: x, shape: [1], offset: -1 }], RangeError, 'x.offset'],
  ['an offset of NaN', sum, () => [{ data: x, shape: [1], offset: NaN }], RangeError, 'x.offset'],
  ['an offset as a string', sum, () => [{ data: x, shape: [1], offset: '0' }], TypeError, 'x.offset'],
  ['an offset that is null', sum, () => [{ data: x, shape: [1], offset: null }], TypeError, 'x.offset'],
  ['a length that lies', sum, () => [{ data: liar(), shape: [7] }], RangeError, 'x.data.length'],
]

const wrongOptions: readonly Misuse[] = [
  ['options that are null', sum, () => [x, null], TypeError, 'options'],
  ['options that are a number', sum, () => [x, 1], TypeError, 'options'],
  ['options that are a string', sum, () => [x, 'native'], TypeError, 'options'],
  ['options that are a function', sum, () => [x, () => {}], TypeError, 'options'],
  ['options that are an array', sum, () => [x, [0]], TypeError, 'options'],
  ['options that are a typed array', sum, () => [x, x], TypeError, 'options'],
  ['options that are a revoked proxy', sum, () => [x, revoked({})], TypeError, 'options'],
  ['a backend nobody knows', sum, () => [x, { backend: 'gpu' }], RangeError, 'backend'],
  ['a backend that is null', sum, () => [x, { backend: null }], TypeError, 'backend'],
  ['a backend that is a number', sum, () => [x, { backend: 1 }], TypeError, 'backend'],
  ['a signal that is the controller', sum, () => [x, { signal: new AbortController() }], TypeError, 'signal'],
  ['a signal that is null', sum, () => [x, { signal: null }], TypeError, 'signal'],
  ['a negative timeout', sum, () => [x, { timeout: -1 }], RangeError, 'timeout'],
  ['a timeout of NaN', sum, () => [x, { timeout: NaN }], RangeError, 'timeout'],
  ['a timeout as a string', sum, () => [x, { timeout: '5' }], TypeError, 'timeout'],
  ['a priority nobody knows', sum, () => [x, { priority: 'urgent' }], RangeError, 'priority'],
  ['a priority that is a number', sum, () => [x, { priority: 1 }], TypeError, 'priority'],
  ['no threads', sum, () => [x, { threads: 0 }], RangeError, 'threads'],
  ['half a thread', sum, () => [x, { threads: 0.5 }], RangeError, 'threads'],
  ['too many threads', sum, () => [x, { threads: 257 }], RangeError, 'threads'],
  ['threads as a string', sum, () => [x, { threads: '2' }], TypeError, 'threads'],
  ['onProgress that is no function', sum, () => [x, { onProgress: true }], TypeError, 'onProgress'],
  ['a pool that is none', sum, () => [x, { pool: {} }], TypeError, 'pool'],
  ['the class instead of a pool', sum, () => [x, { pool: Pool }], TypeError, 'pool'],
  ['an axis too far', sum, () => [matrix, { axis: 2 }], RangeError, 'axis'],
  ['a negative axis too far', sum, () => [matrix, { axis: -3 }], RangeError, 'axis'],
  ['a fractional axis', mean, () => [matrix, { axis: 0.5 }], RangeError, 'axis'],
  ['an axis as a string', variance, () => [matrix, { axis: '0' }], TypeError, 'axis'],
  ['an axis that is null', sum, () => [matrix, { axis: null }], TypeError, 'axis'],
  ['the same axis twice', sum, () => [matrix, { axis: [0, 0] }], RangeError, 'axis'],
  ['the same axis from both ends', sum, () => [matrix, { axis: [1, -1] }], RangeError, 'axis'],
  ['a list with an axis too far', minmax, () => [matrix, { axis: [0, 5] }], RangeError, 'axis[1]'],
  ['a list of axes with a hole', sum, () => [matrix, { axis: withHole(0, 1).slice(1) }], TypeError, 'axis[0]'],
  ['axes that are a revoked proxy', sum, () => [matrix, { axis: revoked([]) }], TypeError, 'axis'],
  ['an axis of what has none', sum, () => [ndarray(f64(1), []), { axis: 0 }], RangeError, 'axis'],
  ['an axis for dot', dot, () => [matrix, matrix, { axis: 0 }], RangeError, 'axis'],
  ['keepdims as a number', sum, () => [matrix, { axis: 0, keepdims: 1 }], TypeError, 'keepdims'],
  ['skipNaN as a string', sum, () => [x, { skipNaN: 'yes' }], TypeError, 'skipNaN'],
  ['exact as a number', sum, () => [new Int8Array(2), { exact: 1 }], TypeError, 'exact'],
  ['exact as null', dot, () => [new Int8Array(2), new Int8Array(2), { exact: null }], TypeError, 'exact'],
  ['a negative ddof', variance, () => [x, { ddof: -1 }], RangeError, 'ddof'],
  ['a ddof of NaN', variance, () => [x, { ddof: NaN }], RangeError, 'ddof'],
  ['an infinite ddof', variance, () => [x, { ddof: Infinity }], RangeError, 'ddof'],
  ['a ddof as a string', variance, () => [x, { ddof: '1' }], TypeError, 'ddof'],
  ['descending as a string', sort, () => [x, { descending: 'true' }], TypeError, 'descending'],
  ['an axis to sort along that is too far', sort, () => [x, { axis: 1 }], RangeError, 'axis'],
  ['a list of axes to sort along', sort, () => [matrix, { axis: [0] }], TypeError, 'axis'],
]

const wrongOuts: readonly Misuse[] = [
  ['out for a single value', sum, () => [x, { out: new Float64Array(1) }], TypeError, 'out'],
  ['out of another type', sum, () => [matrix, { axis: 0, out: new Float32Array(3) }], TypeError, 'out'],
  ['out of numbers for BigInts', sort, () => [new BigInt64Array(2), { out: new Float64Array(2) }], TypeError, 'out'],
  ['out that is no array', sort, () => [x, { out: 5 }], TypeError, 'out'],
  ['out that is null', sort, () => [x, { out: null }], TypeError, 'out'],
  ['out that is a plain array', sort, () => [x, { out: [] }], TypeError, 'out'],
  ['out that is too short', sort, () => [x, { out: new Float64Array(5) }], RangeError, 'out.length'],
  ['out that is too long', sort, () => [x, { out: new Float64Array(7) }], RangeError, 'out.length'],
  [
    'out of another shape',
    sum,
    () => [matrix, { axis: 0, out: ndarray(f64(1, 2, 3), [3, 1]) }],
    RangeError,
    'out.shape',
  ],
  [
    'out without the axis that stays',
    sum,
    () => [matrix, { axis: 0, keepdims: true, out: ndarray(f64(1, 2, 3), [3]) }],
    RangeError,
    'out.shape',
  ],
  [
    'out with one place for all',
    sum,
    () => [matrix, { axis: 0, out: ndarray(f64(1), [3], [0]) }],
    RangeError,
    'out.strides',
  ],
  [
    'out whose places overlap',
    sort,
    () => [matrix, { out: ndarray(new Float64Array(9), [2, 3], [1, 1]) }],
    RangeError,
    'out.strides',
  ],
  [
    'out that reaches past its data',
    sort,
    () => [x, { out: { data: x, shape: [6], offset: 1 } }],
    RangeError,
    'out.data.length',
  ],
  ['out that overlaps the input', sort, () => outOverlapping(1), RangeError, 'out'],
  ['out that overlaps the end of the input', sort, () => outOverlapping(5), RangeError, 'out'],
  ['out that is the input backwards', sort, () => [x, { out: ndarray(x, [6], [-1], 5) }], RangeError, 'out'],
  [
    'out that is the input transposed',
    sort,
    () => {
      const a = ndarray(new Float64Array(4), [2, 2])
      return [a, { out: a.T }]
    },
    RangeError,
    'out',
  ],
  ['out in the input of a sum', sum, () => [matrix, { axis: 0, out: matrix.data.subarray(0, 3) }], RangeError, 'out'],
  [
    'out of one input of a product',
    matmul,
    () => {
      const a = ndarray(new Float64Array(4), [2, 2])
      return [a, ndarray(new Float64Array(4), [2, 2]), { out: a }]
    },
    RangeError,
    'out',
  ],
  ['one array where two are written', minmax, () => [matrix, { axis: 0, out: new Float64Array(3) }], TypeError, 'out'],
  [
    'three arrays where two are written',
    minmax,
    () => [matrix, { axis: 0, out: [f64(1, 2, 3), f64(1, 2, 3), f64(1, 2, 3)] }],
    TypeError,
    'out',
  ],
  [
    'the same array twice',
    minmax,
    () => {
      const out = new Float64Array(3)
      return [matrix, { axis: 0, out: [out, out] }]
    },
    RangeError,
    'out[1]',
  ],
  [
    'arrays that overlap one another',
    minmax,
    () => {
      const out = new Float64Array(5)
      return [matrix, { axis: 0, out: [out.subarray(0, 3), out.subarray(2)] }]
    },
    RangeError,
    'out[1]',
  ],
  [
    'a second array of another type',
    minmax,
    () => [matrix, { axis: 0, out: [f64(1, 2, 3), new Float32Array(3)] }],
    TypeError,
    'out[1]',
  ],
  [
    'a second array that is too short',
    minmax,
    () => [matrix, { axis: 0, out: [f64(1, 2, 3), f64(1)] }],
    RangeError,
    'out[1].length',
  ],
]

function outOverlapping(by: number): unknown[] {
  const long = new Float64Array(12)
  return [long.subarray(0, 6), { out: long.subarray(by, by + 6) }]
}

const square = () => ndarray(new Float64Array(4), [2, 2])

const wrongKernels: readonly Misuse[] = [
  ['whole numbers to multiply', matmul, () => [new Int32Array(4), new Int32Array(4)], TypeError, 'a'],
  ['BigInts to multiply', matmul, () => [square(), ndarray(new BigInt64Array(4), [2, 2])], TypeError, 'b.data'],
  ['two types to multiply', matmul, () => [square(), ndarray(new Float32Array(4), [2, 2])], TypeError, 'b'],
  ['inner lengths that differ', matmul, () => [matrix, matrix], RangeError, 'b.shape'],
  [
    'inner lengths that differ once transposed',
    matmul,
    () => [matrix, matrix.T, { transposeB: true }],
    RangeError,
    'b.shape',
  ],
  ['a vector of another length', matmul, () => [matrix, f64(1, 2)], RangeError, 'b.shape'],
  ['a scalar to multiply', matmul, () => [ndarray(f64(1), []), square()], RangeError, 'a.shape'],
  [
    'batches that do not broadcast',
    matmul,
    () => [ndarray(new Float64Array(8), [2, 2, 2]), ndarray(new Float64Array(12), [3, 2, 2])],
    RangeError,
    'b.shape',
  ],
  ['transposeA as a number', matmul, () => [square(), square(), { transposeA: 1 }], TypeError, 'transposeA'],
  ['accumulate as a string', matmul, () => [square(), square(), { accumulate: 'yes' }], TypeError, 'accumulate'],
  ['nothing to add to', matmul, () => [square(), square(), { accumulate: true }], TypeError, 'out'],
  ['no picture', mandelbrot, () => [], TypeError, 'view'],
  ['a picture that is a number', mandelbrot, () => [100], TypeError, 'view'],
  ['a picture without sides', mandelbrot, () => [{}], TypeError, 'width'],
  ['a negative width', mandelbrot, () => [{ width: -1, height: 1 }], RangeError, 'width'],
  ['a fractional height', mandelbrot, () => [{ width: 1, height: 1.5 }], RangeError, 'height'],
  ['a width of NaN', mandelbrot, () => [{ width: NaN, height: 1 }], RangeError, 'width'],
  ['a huge width', mandelbrot, () => [{ width: 2 ** 40, height: 1 }], RangeError, 'width'],
  ['a scale of 0', mandelbrot, () => [{ width: 1, height: 1, scale: 0 }], RangeError, 'scale'],
  ['an infinite scale', mandelbrot, () => [{ width: 1, height: 1, scale: Infinity }], RangeError, 'scale'],
  ['a centre of NaN', mandelbrot, () => [{ width: 1, height: 1, x: NaN }], RangeError, 'x'],
  ['a centre as a string', mandelbrot, () => [{ width: 1, height: 1, y: '0' }], TypeError, 'y'],
  ['no iterations', mandelbrot, () => [{ width: 1, height: 1, iterations: 0 }], RangeError, 'iterations'],
  ['too many iterations', mandelbrot, () => [{ width: 1, height: 1, iterations: 65536 }], RangeError, 'iterations'],
  [
    'out with gaps for a picture',
    mandelbrot,
    () => [{ width: 2, height: 2 }, { out: ndarray(new Uint16Array(8), [2, 2], [4, 2]) }],
    RangeError,
    'out.strides',
  ],
  [
    'out of another type for a picture',
    mandelbrot,
    () => [{ width: 1, height: 1 }, { out: new Int16Array(1) }],
    TypeError,
    'out',
  ],
]

describe.each([
  ['inputs', wrongInputs],
  ['views', wrongViews],
  ['options', wrongOptions],
  ['out', wrongOuts],
  ['arguments of one kernel', wrongKernels],
])('wrong %s', (_, table) => {
  it.each(table)('%s: a clear error, rejected and thrown', async (_what, kernel, args, Class, named) => {
    const call = kernel as AnyKernel
    const task = call(...args())
    const rejected = await task.then(
      (value) => expect.fail(`resolved to ${String(value)}`),
      (error: unknown) => error as Error,
    )
    expect(task.status).toBe('failed')
    expect(rejected.message).toMatch(form)
    expect(rejected.message).toContain(`Expected \`${named}\` to be `)
    expect(rejected.constructor).toBe(Class)
    const thrown = errorFrom(() => call.sync(...args()))
    expect(thrown.message).toBe(rejected.message)
    expect(thrown.constructor).toBe(Class)
  })
})

describe('sizes beyond memory', () => {
  it('reject with a RangeError that has a code', async () => {
    const huge = { width: 2 ** 24, height: 2 ** 24 }
    const rejected = await mandelbrot(huge).catch((error: unknown) => error)
    const thrown = errorFrom(() => mandelbrot.sync(huge))
    for (const error of [rejected, thrown]) {
      expect(error).toBeInstanceOf(RangeError)
      expect(error).toMatchObject({ code: 'ERR_OFFLOOP_MEMORY' })
    }
    const wide = ndarray(new Float64Array(1), [2 ** 26, 2 ** 26], [0, 0])
    await expect(sort(wide)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MEMORY' })
    await expect(matmul(wide, wide)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_MEMORY' })
    expect(() => alloc(Float64Array, 2 ** 50)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_MEMORY' }) as Error)
  })
})

describe('messages', () => {
  it('run nothing of the value they show', async () => {
    let touched = 0
    const trap = {
      get anything() {
        touched++
        return 1
      },
      [Symbol.for('nodejs.util.inspect.custom')]() {
        touched++
        return 'lie'
      },
      toString() {
        touched++
        return 'lie'
      },
    }
    await expect(sum(new Float64Array(1), { backend: trap } as never)).rejects.toThrow(TypeError)
    expect(touched).toBe(0)
  })

  it('stay short, whatever the value', async () => {
    const values = [new Float64Array(1e5), 'x'.repeat(1e5), Array(1e5).fill(1), { deep: { deeper: { deepest: [] } } }]
    for (const value of values) {
      const error = (await sum(new Int8Array(1), { backend: value } as never).catch((each: unknown) => each)) as Error
      expect(error.message.length).toBeLessThan(220)
    }
    expect(types.isNativeError(errorFrom(() => sum.sync(5 as never)))).toBe(true)
  })

  it('are clear for arrays and constructors too', () => {
    const bad: (() => unknown)[] = [
      () => ndarray([1] as never, [1]),
      () => ndarray(x, 6 as never),
      () => ndarray(x, [7]),
      () => new NDArray(x, [6], [2]),
      () => ndarray(x, [6], undefined, 1.5),
      () => matrix.at(0),
      () => matrix.at(2, 0),
      () => matrix.at(0, '1' as never),
      () => matrix.slice(0, 0, 0),
      () => matrix.slice([0, 1, 0]),
      () => matrix.slice('all' as never),
      () => matrix.reshape(4),
      () => matrix.reshape(-1, -1),
      () => matrix.reshape(-1, 4),
      () => matrix.reshape(-1, 0),
      () => alloc(Array as never, 3),
      () => alloc(Float64Array, -1),
      () => alloc(Float64Array, 1.5),
      () => alloc(Float64Array, '3' as never),
      () => new Pool(5 as never),
      () => new Pool({ threads: 0 }),
      () => new Pool({ threads: '2' as never }),
      () => new Pool({ backend: 'gpu' as never }),
      () => new Pool({ name: 5 as never }),
      () => new Pool({ queueLimit: 0 }),
      () => new Pool({ queueLimit: NaN }),
    ]
    for (const call of bad) expect(errorFrom(call).message, String(call)).toMatch(form)
  })
})
