import { irfft, ndarray, NDArray, rfft } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { arrayOf, casesOf, definitions, floats, integers, lengths, tolerance } from '../helpers/spectra.ts'

const half = (n: number) => Math.floor(n / 2) + 1

describe.each(floats)('the inverse transform to real %s', (dtype) => {
  it('is the sum it is defined by, even and odd', async () => {
    await checkKernel(
      irfft,
      [...lengths.filter((_, i) => i % 3 !== 2), 14, 62, 130, 254].map((n) =>
        casesOf(dtype, n, [integers(2 * half(n))], definitions.irfft(n)),
      ),
      false,
    )
  })

  it('is the same for every transform of a batch', async () => {
    const batches = [1, 2, 5, 30, 64, 74, 101, 128, 257, 514].flatMap((n) => [2, 9, 17].map((count) => [n, count]))
    await checkKernel(
      irfft,
      batches
        .filter(([n, count]) => n * count < 2500)
        .map(([n, count]) => {
          const lines = Array.from({ length: count }, (_, i) => integers(2 * half(n), n + i))
          return casesOf(dtype, n, lines, definitions.irfft(n))
        }),
      false,
    )
  })

  it.each([2 ** 16, 2 ** 18, 3 ** 10, 100003, 2 * 100003])('gives back %i numbers', async (n) => {
    const x = arrayOf(dtype, integers(n))
    const spectrum = await rfft(x)
    // What is off is spread over all numbers: each has its share of the whole.
    const error = tolerance(dtype, n, 2 * 2047)
    const turned = ndarray(spectrum, [half(n), 2])
    const apart = ndarray(
      arrayOf(dtype, Array(4 * half(n)).fill(0)),
      [half(n), 2],
      [2, 1].map((step) => 2 * step),
    )
    for (let i = 0; i < spectrum.length; i++) apart.data[2 * i] = spectrum[i]
    const results = [
      await irfft(spectrum, { n }),
      await irfft(spectrum, { n, backend: 'inline' }),
      (await irfft(turned, { n })).data,
      (await irfft(apart, { n })).data,
    ]
    for (const result of results) {
      let worst = 0
      for (let i = 0; i < n; i++) worst = Math.max(worst, Math.abs(result[i] - x[i]))
      expect(result).toHaveLength(n)
      expect(worst).toBeLessThanOrEqual(error)
    }
  })
})

describe('irfft', () => {
  it('takes an even length where none is given', async () => {
    expect(await irfft(new Float64Array([0, 0, 2, 0, 0, 0]))).toEqual(new Float64Array([1, 0, -1, 0]))
    expect(await irfft(new Float64Array([3, 0]), { n: 1 })).toEqual(new Float64Array([3]))
  })

  it('takes imaginary parts that can not be for zero', async () => {
    expect(await irfft(new Float64Array([4, 7, 0, 9]))).toEqual(new Float64Array([2, 2]))
    expect(await irfft(new Float64Array([3, 7]), { n: 1 })).toEqual(new Float64Array([3]))
  })

  it('takes an axis away from n-d views', async () => {
    const result = await irfft(ndarray(new Float32Array(30), [5, 3, 2]), { axis: 0, n: 9 })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.shape).toEqual([9, 3])
    expect((await irfft(ndarray(new Float32Array(30), [5, 3, 2]))).shape).toEqual([5, 4])
  })

  it.each([
    [[new Float64Array(2)], 'Expected `x.length` to be at least 4, or `n` to be given, got `2` (number)'],
    [[new Float64Array(8), { n: 5 }], 'Expected `x.length` to be a multiple of 6, as `n` is 5, got `8` (number)'],
    [
      [ndarray(new Float64Array(8), [4, 2]), { n: 5 }],
      'Expected `n` to be 6 or 7, as `x` has 4 along `axis`, got `5` (number)',
    ],
    [
      [ndarray(new Float64Array(2), [1, 2])],
      'Expected `x.shape` to be at least 2 along `axis`, or `n` to be given, got `1` (number)',
    ],
  ])('refuses what it can not transform: %#', async (args, message) => {
    const kernel = irfft as unknown as AnyKernel
    await expect(kernel(...args)).rejects.toThrow(message)
    expect(() => kernel.sync(...args)).toThrow(message)
  })
})
