import { dot, mandelbrot, matmul, mean, minmax, ndarray, sort, sum, variance } from 'offloop'
import { describe, expect, it } from 'vitest'

import type { AnyKernel } from '../helpers/lanes.ts'
import { errorFrom, liar } from '../helpers/misuse.ts'

// Input that brings code of its own, or whose memory has gone.

const f64 = (...values: number[]) => new Float64Array(values)
const x = f64(1, 2, 3, 4, 5, 6)
const matrix = ndarray(x, [2, 3])
const square = () => ndarray(new Float64Array(4), [2, 2])

describe('what a getter throws', () => {
  const thrown = { not: 'even an error' }
  const trap = (name: string, rest: object = {}) =>
    Object.defineProperty({ ...rest }, name, {
      enumerable: true,
      get() {
        throw thrown
      },
    })
  const cases: readonly (readonly [string, unknown, readonly unknown[]])[] = [
    ...['data', 'shape', 'strides', 'stride', 'offset'].map(
      (name) => [`${name} of an input`, sum, [trap(name, name === 'data' ? {} : { data: x, shape: [6] })]] as const,
    ),
    ...[
      'pool',
      'backend',
      'signal',
      'timeout',
      'priority',
      'threads',
      'onProgress',
      'axis',
      'keepdims',
      'skipNaN',
      'exact',
      'out',
    ].map(
      (name) =>
        [
          `${name} of the options`,
          sum,
          [new Int8Array(4), trap(name, name === 'keepdims' ? { axis: 0 } : {})],
        ] as const,
    ),
    ['descending', sort, [x, trap('descending')]],
    ['ddof', variance, [x, trap('ddof')]],
    ['transposeA', matmul, [square(), square(), trap('transposeA')]],
    ['accumulate', matmul, [square(), square(), trap('accumulate')]],
    ['width', mandelbrot, [trap('width')]],
    ['an extent', sum, [{ data: x, shape: trap('0', [] as object) && throwingList() }]],
    [
      'a trap of a proxy',
      sum,
      [
        new Proxy(
          {},
          {
            get: () => {
              throw thrown
            },
          },
        ),
      ],
    ],
  ]

  function throwingList(): number[] {
    const list = [1]
    Object.defineProperty(list, 0, {
      get() {
        throw thrown
      },
    })
    return list
  }

  it.each(cases)('passes through unchanged: %s', async (_name, kernel, args) => {
    const call = kernel as AnyKernel
    await expect(call(...args)).rejects.toBe(thrown)
    let caught: unknown
    try {
      call.sync(...args)
    } catch (error) {
      caught = error
    }
    expect(caught).toBe(thrown)
  })
})

describe('each property', () => {
  it('is read once, and not after the call', async () => {
    const record = <T extends object>(target: T) => {
      const reads = new Map<PropertyKey, number>()
      const get = (object: T, key: PropertyKey): unknown => {
        reads.set(key, (reads.get(key) ?? 0) + 1)
        return Reflect.get(object, key)
      }
      return { reads, proxy: new Proxy(target, { get }) }
    }
    const outs = [new Float64Array(3), new Float64Array(3)] as const
    const view = () => ({ data: f64(1, 2, 3, 4, 5, 6), shape: [2, 3], strides: [3, 1], offset: 0 })
    const ints = () => ({ data: new Int32Array(6), shape: [2, 3] })
    const calls: readonly (readonly [unknown, readonly object[], object])[] = [
      [sum, [view()], { axis: 0, keepdims: true, skipNaN: true }],
      [sum, [ints()], { exact: true, onProgress() {} }],
      [dot, [ints(), ints()], { exact: true, backend: 'worker' }],
      [variance, [view()], { ddof: 1, threads: 1 }],
      [minmax, [view()], { axis: 0, out: outs }],
      [sort, [view()], { axis: 0, descending: true, out: new Float64Array(6) }],
      [matmul, [view(), view()], { transposeA: true, transposeB: false, accumulate: false }],
      [mandelbrot, [{ width: 4, height: 4, x: 0, y: 0, scale: 1, iterations: 3 }], { priority: 'low' }],
    ]
    for (const [kernel, args, options] of calls) {
      const recorded = [...args, options].map(record)
      await (kernel as AnyKernel)(...recorded.map(({ proxy }) => proxy))
      for (const { reads } of recorded) {
        expect(
          [...reads].filter(([, count]) => count > 1),
          (kernel as AnyKernel).name,
        ).toEqual([])
      }
    }
  })

  it('of an output is read once, so that a second look can find nothing else', async () => {
    const apart = [new Float64Array(3), new Float64Array(3)]
    let looks = 0
    const shifty = {
      get data() {
        looks++
        return apart[1]
      },
      shape: [3],
    }
    await minmax(matrix, { axis: 0, out: [apart[0], shifty] })
    expect(looks).toBe(1)
  })
})

describe('memory that is gone', () => {
  const gone = (array: Float64Array): Float64Array => {
    structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] })
    return array
  }
  const cases: readonly (readonly [string, unknown, () => readonly unknown[]])[] = [
    ['an input', sum, () => [gone(f64(1, 2))]],
    ['the data of a view', sort, () => [{ data: gone(f64(1, 2)), shape: [2] }]],
    [
      'the data of an NDArray',
      mean,
      () => {
        const a = ndarray(f64(1, 2), [2])
        gone(a.data)
        return [a]
      },
    ],
    ['the second operand', dot, () => [f64(1, 2), gone(f64(1, 2))]],
    ['out', sort, () => [f64(1, 2), { out: gone(f64(1, 2)) }]],
    ['one of two outs', minmax, () => [matrix, { axis: 0, out: [f64(1, 2, 3), gone(f64(1, 2, 3))] }]],
    ['a shrunken buffer', sum, () => [shrunken()]],
  ]

  function shrunken(): Float64Array {
    const Resizable = ArrayBuffer as unknown as new (
      length: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(length: number): void }
    const buffer = new Resizable(64, { maxByteLength: 64 })
    const array = new Float64Array(buffer, 32, 4)
    buffer.resize(16)
    return array
  }

  it.each(cases)('is a TypeError with a code: %s', async (_name, kernel, args) => {
    const call = kernel as AnyKernel
    const rejected = (await call(...args()).catch((error: unknown) => error)) as Error & { code?: string }
    const thrown = errorFrom(() => call.sync(...args())) as Error & { code?: string }
    for (const error of [rejected, thrown]) {
      expect(error.constructor).toBe(TypeError)
      expect(error.code).toBe('ERR_OFFLOOP_DETACHED')
      expect(error.message).toMatch(/^The memory of `[\w.[\]]+` is gone/)
    }
  })
})

describe('an own property', () => {
  it('of a typed array can not lie about it', async () => {
    expect(await sum(liar())).toBe(6)
    expect([...(await sort(liar())).subarray(0)]).toEqual([1, 2, 3])
  })
})
