import { fft, ifft, ndarray, NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel, lanes } from '../helpers/lanes.ts'
import type { AnyKernel, Case } from '../helpers/lanes.ts'
import {
  arrayOf,
  casesOf,
  definitions,
  exactTransform,
  floats,
  integers,
  lengths,
  norm,
  tolerance,
} from '../helpers/spectra.ts'
import type { Float } from '../helpers/spectra.ts'
import { classOf, gather, rowMajor } from '../helpers/views.ts'
import type { Strided } from '../helpers/views.ts'

describe.each(floats)('the transform of complex %s', (dtype) => {
  it('is the sum it is defined by, for lengths of every kind', async () => {
    await check(lengths.map((n) => casesOf(dtype, n, [integers(2 * n)], definitions.fft)))
  })

  it('is the same for every transform of a batch', async () => {
    const batches = [1, 2, 5, 8, 12, 30, 37, 64, 66, 74, 100, 128, 257, 320].flatMap((n) =>
      [2, 7, 8, 17, 33].map((count) => [n, count]),
    )
    await check(
      batches
        .filter(([n, count]) => n * count < 3000)
        .map(([n, count]) => {
          const lines = Array.from({ length: count }, (_, i) => integers(2 * n, n + i))
          return casesOf(dtype, n, lines, definitions.fft)
        }),
    )
  })

  it('is right along any axis and through any strides', async () => {
    const of = (shape: number[], strides = rowMajor(shape), offset = 0): Strided => {
      const reach = shape.reduce((end, extent, axis) => end + Math.max(strides[axis] * (extent - 1), 0), offset)
      return { data: arrayOf(dtype, integers(reach + 1)), shape, strides, offset }
    }
    await check([
      alongAxis(dtype, of([20, 2]), 0),
      alongAxis(dtype, of([7, 20, 2]), -1),
      alongAxis(dtype, of([20, 7, 2]), 0),
      alongAxis(dtype, of([128, 40, 2]), 0),
      alongAxis(dtype, of([37, 20, 2]), 0),
      alongAxis(dtype, of([3, 30, 5, 2]), 1),
      alongAxis(dtype, of([4, 5, 30, 2]), 2),
      alongAxis(dtype, of([100, 2], [1, 100]), 0),
      alongAxis(dtype, of([40, 16, 2], [1, 40, 640]), 0),
      alongAxis(dtype, of([16, 40, 2], [80, 2, 1]), 0),
      alongAxis(dtype, of([100, 2], [-2, 1], 198), 0),
      alongAxis(dtype, of([100, 2], [-2, -1], 199), 0),
      alongAxis(dtype, of([50, 2], [6, 2], 3), 0),
      alongAxis(dtype, of([9, 50, 2], [0, 2, 1]), 1),
      alongAxis(dtype, of([9, 50, 2], [1, 0, 0]), 1),
      alongAxis(dtype, of([0, 50, 2]), 1),
      alongAxis(dtype, of([50, 0, 2]), 1),
    ])
  })

  it('is right wherever the memory begins, and in shared memory', async () => {
    const cases = [16, 100, 257, 512].flatMap((n) =>
      [1, 2, 3].map((skip) => {
        const x = integers(2 * n, n + skip)
        const { BYTES_PER_ELEMENT: bytes } = new (classOf(dtype))(0)
        const { expected } = casesOf(dtype, n, [x], definitions.fft)
        const buffer = skip === 3 ? new SharedArrayBuffer((2 * n + 3) * bytes) : new ArrayBuffer((2 * n + 3) * bytes)
        const input = new (classOf(dtype))(buffer, skip * bytes, 2 * n) as Float64Array
        input.set(x)
        return { name: `${dtype}, ${n}, ${skip} elements in`, args: () => [input], expected }
      }),
    )
    await check(cases)
  })

  it('writes to `out`, of any strides, and in place', async () => {
    for (const n of [12, 100, 257]) {
      const x = integers(2 * n)
      const { expected, args } = casesOf(dtype, n, [x], definitions.fft)
      const outs: ((input: unknown) => unknown)[] = [() => arrayOf(dtype, Array(2 * n).fill(7)), (input) => input]
      await check(
        outs.map((out, i) => ({
          name: `${dtype}, ${n}, out ${i}`,
          args,
          options: ([input]) => ({ out: out(input) }),
          expected,
        })),
      )
      const view = ndarray(arrayOf(dtype, x), [n, 2])
      const planar = () => ndarray(arrayOf(dtype, Array(2 * n).fill(7)), [2, n]).T
      const wide = () => ndarray(arrayOf(dtype, Array(6 * n).fill(7)), [n, 2], [6, 2], 1)
      await check(
        [planar, wide].map((out, i) => ({
          name: `${dtype}, ${n}, view ${i} as out`,
          args: () => [view],
          options: () => ({ out: out() }),
          expected: { ...expected, shape: [n, 2] },
        })),
      )
    }
  })

  it('keeps NaN and infinities to the transform that has them', async () => {
    for (const n of [8, 30, 100, 257]) {
      const lines = Array.from({ length: 9 }, (_, i) => integers(2 * n, n + i))
      const x = arrayOf(dtype, lines.flat())
      x[2 * n * 3 + 1] = NaN
      x[2 * n * 5 + 2] = Infinity
      for (const { name, run } of lanes) {
        const result = (await run(fft as unknown as AnyKernel, [x], { n }, 1)) as Float64Array
        lines.forEach((line, i) => {
          const part = result.subarray(2 * n * i, 2 * n * (i + 1))
          if (i === 3 || i === 5)
            expect(
              part.some((value) => !Number.isFinite(value)),
              name,
            ).toBe(true)
          else if (i === 4) expectClose(part, exactTransform(line), tolerance(dtype, n, norm(line)))
          else expect(part.every(Number.isFinite), name).toBe(true)
        })
      }
    }
  })

  it.each([2 ** 14, 3 * 2 ** 13, 2 ** 15, 10007, 5 ** 7, 2 ** 18, 3 * 5 * 7 * 11 * 13 * 17, 250007])(
    'of %i numbers has the spectra that are known',
    async (n) => {
      const impulse = new (classOf(dtype))(2 * n) as Float64Array
      const at = Math.floor(n / 3)
      impulse[2 * at] = 1
      // A number far into the spectrum, where the index times the shift wraps round many times.
      const spectrum = await fft(impulse)
      const some = [0, 1, 2, 1023, Math.floor(n / 2), n - 1]
      for (const k of some) {
        const turns = (at * k) % n
        const angle = (-2 * Math.PI * turns) / n
        const error = tolerance(dtype, n, 1) + 1e-15
        expect(Math.abs(spectrum[2 * k] - Math.cos(angle)), `${k}`).toBeLessThan(error)
        expect(Math.abs(spectrum[2 * k + 1] - Math.sin(angle)), `${k}`).toBeLessThan(error)
      }
      // A single tone is an impulse, and back.
      const tone = await ifft(spectrum)
      expectClose(tone, impulse, tolerance(dtype, n, 2))
      const x = arrayOf(dtype, integers(2 * n))
      const X = await fft(x)
      const energy = square(x)
      expect(Math.abs(square(X) / n / energy - 1)).toBeLessThan(2 * tolerance(dtype, n, 1))
      const back = await ifft(X)
      expect(Math.sqrt(square(back.map((value, i) => value - x[i])) / energy)).toBeLessThan(2 * tolerance(dtype, n, 1))
      const one = await fft(x, { threads: 1, onProgress: () => {} })
      expectClose(one, X, 0)
    },
  )

  it('of a batch that no cache holds is the same as of each', async () => {
    const n = 1000
    const count = dtype === 'float64' ? 2200 : 4400
    const x = new (classOf(dtype))(2 * n * count + 1).subarray(1) as Float64Array
    const line = arrayOf(dtype, integers(2 * n))
    for (let i = 0; i < count; i++) x.set(line, 2 * n * i)
    x[2 * n * 1234] += 1
    const all = await fft(x, { n })
    const one = await fft(line)
    const error = tolerance(dtype, n, 2 * norm2(line))
    for (const i of [0, 1, 32, 1233, 1235, count - 1]) {
      expectClose(all.subarray(2 * n * i, 2 * n * (i + 1)), one, error)
    }
    // One more in the first number is one more in every real part.
    const more = one.map((value, i) => value + 1 - (i % 2))
    expectClose(all.subarray(2 * n * 1234, 2 * n * 1235), more, error)
    expectClose(await ifft(x, { n, threads: 1 }), await ifft(x, { n }), 0)
  })

  it('of many long ones is the same as of each', async () => {
    const n = 2 ** 16
    const x = arrayOf(dtype, integers(2 * n * 3))
    const all = await fft(x, { n })
    for (let i = 0; i < 3; i++) {
      const one = await fft(x.subarray(2 * n * i, 2 * n * (i + 1)))
      expectClose(all.subarray(2 * n * i, 2 * n * (i + 1)), one, tolerance(dtype, n, norm2(x)))
    }
  })
})

describe('fft', () => {
  it('gives what its example says', async () => {
    expect([...(await fft(new Float64Array([1, 0, 0, 0])))]).toEqual([1, 0, 1, 0])
    expect([...(await fft(new Float64Array(0)))]).toEqual([])
  })

  it('gives the array type and the shape that it takes', async () => {
    expect(await fft(new Float32Array(8))).toBeInstanceOf(Float32Array)
    const x = ndarray(new Float64Array(24), [3, 4, 2])
    const result = await fft(x, { axis: 0 })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.shape).toEqual([3, 4, 2])
    const out = ndarray(new Float64Array(24), [3, 4, 2])
    expect(await fft(x, { out })).toBe(out)
    expect(await fft(x, { out: x })).toBe(x)
    expect(fft.sync(new Float64Array(8), { n: 2 })).toHaveLength(8)
  })

  it.each([
    [[new Float64Array(7)], 'Expected `x.length` to be an even number, as re and im take turns, got `7` (number)'],
    [[new Float64Array(8), { n: 3 }], 'Expected `x.length` to be a multiple of 6, as `n` is 3, got `8` (number)'],
    [[new Float64Array(8), { n: 0 }], 'Expected `n` to be an integer from 1 to 281474976710656, got `0` (number)'],
    [[new Float64Array(8), { n: 1.5 }], 'Expected `n` to be an integer from 1 to 281474976710656, got `1.5` (number)'],
    [[new Float64Array(8), { n: '4' }], "Expected `n` to be an integer from 1 to 281474976710656, got `'4'` (string)"],
    [[new Float64Array(8), { axis: 1 }], 'Expected `axis` to be an integer from -1 to 0, got `1` (number)'],
    [
      [ndarray(new Float64Array(6), [2, 3])],
      'Expected `x.shape` to be [..., n, 2], with re and im along the last axis, got `[ 2, 3 ]` (object)',
    ],
    [
      [ndarray(new Float64Array(8), [4, 2]), { n: 2 }],
      'Expected `n` to be 4, the extent of `x` along `axis`, got `2` (number)',
    ],
    [
      [ndarray(new Float64Array(8), [4, 2]), { axis: 1 }],
      'Expected `axis` to be an integer from -1 to 0, got `1` (number)',
    ],
    [
      [new Float64Array(8), { out: new Float64Array(6) }],
      'Expected `out.length` to be 8, as the result has, got `6` (number)',
    ],
  ])('refuses what it can not transform: %#', async (args, message) => {
    const kernel = fft as unknown as AnyKernel
    await expect(kernel(...args)).rejects.toThrow(new RegExp(message.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&')))
    expect(() => kernel.sync(...args)).toThrow(message)
  })

  it('refuses other types', async () => {
    const kernel = fft as unknown as AnyKernel
    await expect(kernel(new Int32Array(8))).rejects.toThrow(/Expected `x` to be a Float64Array or Float32Array/)
    await expect(kernel(new Float64Array(8), { out: new Float32Array(8) })).rejects.toThrow(TypeError)
    await expect(kernel([1, 2])).rejects.toThrow(TypeError)
  })

  it('stops when it is cancelled', async () => {
    const task = fft(new Float64Array(2 ** 22))
    task.cancel()
    await expect(task).rejects.toThrow('aborted')
  })
})

async function check(cases: Iterable<Case>): Promise<void> {
  await checkKernel(fft, cases, false)
}

function alongAxis(dtype: Float, x: Strided, axis: number): Case {
  const values = gather(x) as Float64Array
  const complex = x.shape.slice(0, -1)
  const along = axis < 0 ? axis + complex.length : axis
  const n = complex[along]
  const inner = complex.slice(along + 1).reduce((product, extent) => product * extent, 1)
  const result: number[] = Array<number>(values.length).fill(0)
  const errors: number[] = Array<number>(values.length).fill(0)
  for (let line = 0; n > 0 && line < values.length / 2 / n; line++) {
    const first = Math.floor(line / inner) * inner * n + (line % inner)
    const places = Array.from({ length: n }, (_, i) => 2 * (first + i * inner))
    const input = places.flatMap((at) => [values[at], values[at + 1]])
    const transformed = exactTransform(input)
    const error = tolerance(dtype, n, norm(input))
    places.forEach((at, i) => {
      for (const part of [0, 1]) {
        result[at + part] = transformed[2 * i + part]
        errors[at + part] = error
      }
    })
  }
  return {
    name: `${dtype} [${x.shape}] by [${x.strides}] along ${axis}`,
    args: () => [x],
    options: () => ({ axis }),
    expected: { values: result, errors, shape: x.shape },
  }
}

function expectClose(got: ArrayLike<number>, expected: ArrayLike<number>, error: number): void {
  let worst = 0
  for (let i = 0; i < got.length; i++) worst = Math.max(worst, Math.abs(got[i] - expected[i]))
  expect(got.length).toBe(expected.length)
  expect(worst).toBeLessThanOrEqual(error)
}

/** The sum of squares, with what rounding loses added again (Neumaier 1974). */
function square(x: ArrayLike<number>): number {
  let sum = 0
  let lost = 0
  for (let i = 0; i < x.length; i++) {
    const term = x[i] * x[i]
    const next = sum + term
    lost += sum > term ? sum - next + term : term - next + sum
    sum = next
  }
  return sum + lost
}

function norm2(x: ArrayLike<number>): number {
  return Math.sqrt(square(x))
}
