import { convolve, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { convolution, signal } from '../helpers/convolution.ts'
import type { Float, Mode } from '../helpers/convolution.ts'
import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { classOf, fill, gather } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'

const floats: readonly Float[] = ['float64', 'float32']
const modes: readonly Mode[] = ['full', 'same', 'valid']

describe.each(floats)('the convolution of %s', (dtype) => {
  it('is right for signals around every width of registers and kernels', async () => {
    const lengths = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 255, 257]
    const kernels = [1, 2, 3, 4, 5, 6, 8, 11, 17, 33, 64, 131]
    await checkConvolutions(
      lengths.flatMap((n, i) =>
        modes.map((mode, j) => {
          const m = kernels[(i * 5 + j * 7) % kernels.length]
          return convolution(dtype, signal(dtype, [n]), signal(dtype, [m], 2), mode, true)
        }),
      ),
    )
  })

  it('is right for long signals and long kernels', async () => {
    await checkConvolutions([
      convolution(dtype, signal(dtype, [70_001]), signal(dtype, [5], 2), 'same', true),
      convolution(dtype, signal(dtype, [9001]), signal(dtype, [301], 2), 'full', true),
      convolution(dtype, signal(dtype, [301]), signal(dtype, [9001], 2), 'valid', true),
      convolution(dtype, signal(dtype, [6000]), signal(dtype, [5000], 2), 'valid', true),
    ])
  })

  it('is right by way of transforms', async () => {
    const pairs = [
      [2, 2],
      [5, 3],
      [3, 5],
      [100, 7],
      [1000, 129],
      [129, 1000],
      [20_000, 200],
      [1, 50],
    ]
    const cases = pairs.flatMap(([n, m]) =>
      modes.map((mode) => transformed(dtype, signal(dtype, [n]), signal(dtype, [m], 2), mode)),
    )
    await checkConvolutions(cases)
    const { data } = signal(dtype, [3000])
    const [x, kernel] = [
      { data, shape: [900], strides: [-3], offset: 2999 },
      { data, shape: [140], strides: [2], offset: 5 },
    ]
    const Class = classOf(dtype)
    const strided = transformed(dtype, x, kernel, 'same')
    await checkConvolutions([
      strided,
      {
        ...strided,
        name: 'out, of any strides',
        options: () => ({ method: 'fft', mode: 'same', out: ndarray(new Class(1800), [900], [-2], 1799) }),
      },
    ])
  })

  it('is right for pictures around every size of tiles and kernels', async () => {
    const heights = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 16, 17]
    const widths = [1, 3, 8, 16, 17, 31, 32, 33, 64, 65, 130]
    const kernels = [
      [1, 1],
      [3, 3],
      [5, 5],
      [2, 4],
      [7, 7],
      [1, 9],
      [9, 1],
      [6, 3],
      [11, 2],
      [4, 1],
      [3, 40],
    ]
    await checkConvolutions(
      heights.flatMap((height, i) =>
        modes.map((mode, j) => {
          const width = widths[(i * 3 + j) % widths.length]
          const [h, w] = kernels[(i * 4 + j * 3) % kernels.length]
          const shape = mode === 'valid' ? [height + h - 1, width + w - 1] : [height, width]
          return convolution(dtype, signal(dtype, shape), signal(dtype, [h, w], 2), mode, true)
        }),
      ),
    )
  })

  it('is right for large pictures', async () => {
    await checkConvolutions([
      convolution(dtype, signal(dtype, [203, 1100]), signal(dtype, [5, 5], 2), 'same', true),
      convolution(dtype, signal(dtype, [90, 90]), signal(dtype, [70, 71], 2), 'valid', true),
      convolution(dtype, signal(dtype, [9, 13]), signal(dtype, [40, 150], 2), 'full', true),
    ])
  })

  it('is right for views of any strides', async () => {
    const data = fill(new (classOf(dtype))(5000), dtype, 5)
    const of = (shape: number[], strides: number[], offset = 0) => ({ data, shape, strides, offset })
    const kernel = of([3, 4], [1, 3], 7)
    await checkConvolutions(
      modes.flatMap((mode) => [
        convolution(dtype, of([40, 50], [50, 1]), kernel, mode, true),
        convolution(dtype, of([40, 50], [1, 40], 3), kernel, mode, true),
        convolution(dtype, of([20, 60], [120, 2], 1), kernel, mode, true),
        convolution(dtype, of([20, 30], [-30, -1], 700), of([3, 4], [-4, -1], 900), mode, true),
        convolution(dtype, of([20, 30], [0, 1]), of([3, 4], [0, 0]), mode, true),
        convolution(dtype, of([90], [-3], 400), of([9], [2]), mode, true),
        convolution(dtype, of([60, 1], [1, 1]), of([5, 1], [1, 1]), mode, true),
      ]),
    )
  })

  it('goes to `out`, of any strides', async () => {
    const x = signal(dtype, [30, 41])
    const kernel = signal(dtype, [3, 5], 2)
    const Class = classOf(dtype)
    const outs: (() => unknown)[] = [
      () => new Class(30 * 41),
      () => ndarray(new Class(30 * 41), [41, 30]).T,
      () => ndarray(new Class(30 * 41 * 3), [30, 41], [123, 3], 2),
      () => ndarray(new Class(30 * 41), [30, 41], [-41, -1], 30 * 41 - 1),
    ]
    await checkConvolutions(
      outs.map((out, i) =>
        convolution(dtype, x, kernel, 'same', true, {
          name: `out ${i}`,
          options: () => ({ mode: 'same', out: out() }),
        }),
      ),
    )
  })

  it('lets NaN and infinities through, and only where they meet', async () => {
    const x = signal(dtype, [12, 40])
    x.data[3 * 40 + 2] = NaN
    x.data[7 * 40 + 39] = Infinity
    const kernel = signal(dtype, [3, 3], 2)
    const bad = signal(dtype, [3, 3], 3)
    bad.data[0] = NaN
    bad.data[5] = -Infinity
    const line = signal(dtype, [5])
    line.data[4] = NaN
    await checkConvolutions(
      modes.flatMap((mode) => [
        convolution(dtype, x, kernel, mode, true),
        convolution(dtype, signal(dtype, [12, 40]), bad, mode, true),
        convolution(dtype, signal(dtype, [300]), line, mode, true),
        convolution(dtype, line, signal(dtype, [300]), mode, true),
      ]),
    )
  })

  it('is as exact as denormals are', async () => {
    const tiny = dtype === 'float32' ? 2 ** -126 : 2 ** -1022
    const x = { ...signal(dtype, [100]) }
    for (let i = 0; i < 100; i++) x.data[i] = (x.data[i] as number) * tiny
    await checkConvolutions([convolution(dtype, x, signal(dtype, [7], 2), 'full', true)])
  })
})

describe('the convolution', () => {
  it('gives a typed array for typed arrays, an NDArray for views, and `out` where one was given', async () => {
    const x = new Float32Array([1, 2, 3])
    const k = new Float32Array([0, 1, 0.5])
    const y = await convolve(x, k)
    expect(y).toBeInstanceOf(Float32Array)
    expect([...y]).toEqual([0, 1, 2.5, 4, 1.5])
    const view = await convolve(ndarray(x, [3]), k, { mode: 'same' })
    expect(view).toBeInstanceOf(NDArray)
    expect(view.toNested()).toEqual([1, 2.5, 4])
    const out = new Float32Array(1)
    expect(await convolve(x, k, { mode: 'valid', out })).toBe(out)
    expect([...out]).toEqual([2.5])
  })

  it('says what is wrong', () => {
    const x = new Float64Array(6)
    const matrix = ndarray(x, [2, 3])
    const wrong: [args: unknown[], message: string][] = [
      [[new Int32Array(3), x], 'Expected `x` to be a Float64Array or Float32Array'],
      [[x, new Float32Array(3)], 'Expected `kernel` to be of the same type as `x`, which is float64'],
      [[x, matrix], 'Expected `kernel.shape` to be 1 lengths, as `x` has'],
      [[ndarray(x, [1, 2, 3]), x], 'Expected `x.shape` to be one or two lengths'],
      [[x, new Float64Array(0)], 'Expected `kernel.shape` to be at least one element'],
      [[new Float64Array(0), x], 'Expected `x.shape` to be at least one element'],
      [[x, x, { mode: 'all' }], "Expected `mode` to be one of 'full', 'same', 'valid', got `'all'`"],
      [[matrix, matrix, { method: 'fft' }], "Expected `method` to be 'auto' or 'direct', as `x` has two axes"],
      [[matrix, ndarray(x, [3, 2]), { mode: 'valid' }], 'Expected `kernel.shape` to be within or around [2, 3]'],
      [[x, x.slice(), { out: new Float64Array(6) }], 'Expected `out.length` to be 11, as the result has, got `6`'],
      [[x, x.slice(), { mode: 'same', out: x }], 'Expected `out` to be memory apart from the inputs'],
    ]
    for (const [args, message] of wrong) {
      expect(() => (convolve.sync as (...all: unknown[]) => unknown)(...args)).toThrow(message)
    }
  })
})

/**
 * By way of transforms errors are those of all products around: some epsilons of the product of norms, for each of the
 * log₂ passes there and back (Higham, "Accuracy and Stability of Numerical Algorithms", section 24.1).
 */
function transformed(dtype: Float, x: Strided, kernel: Strided, mode: Mode): Case {
  const { name, args, expected } = convolution(dtype, x, kernel, mode, true)
  const norm = (view: Strided) =>
    Math.sqrt((gather(view) as Float64Array).reduce((sum, value) => sum + value * value, 0))
  const epsilon = dtype === 'float32' ? 2 ** -23 : 2 ** -52
  const passes = Math.log2(64 * (gather(kernel).length + 2) + gather(x).length)
  const error = 4 * epsilon * passes * norm(x) * norm(kernel)
  const errors = Array.from(expected.errors as number[], (direct) => direct + error)
  return { name, args, options: () => ({ mode, method: 'fft' }), expected: { ...expected, errors } }
}

async function checkConvolutions(cases: Iterable<Case>): Promise<void> {
  await checkKernel(convolve, cases, false)
}
