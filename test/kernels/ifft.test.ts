import { fft, ifft, ndarray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { arrayOf, casesOf, definitions, floats, integers, lengths } from '../helpers/spectra.ts'

describe.each(floats)('the inverse transform of complex %s', (dtype) => {
  it('is the sum it is defined by, over n', async () => {
    await checkKernel(
      ifft,
      lengths.filter((_, i) => i % 3 !== 2).map((n) => casesOf(dtype, n, [integers(2 * n)], definitions.ifft)),
      false,
    )
  })

  it('is the same for every transform of a batch', async () => {
    const batches = [1, 5, 30, 64, 74, 100, 128, 257].flatMap((n) => [2, 9, 17].map((count) => [n, count]))
    await checkKernel(
      ifft,
      batches
        .filter(([n, count]) => n * count < 2500)
        .map(([n, count]) => {
          const lines = Array.from({ length: count }, (_, i) => integers(2 * n, n + i))
          return casesOf(dtype, n, lines, definitions.ifft)
        }),
      false,
    )
  })

  it('takes separate arrays of re and im as a view, in place', async () => {
    const n = 100
    const x = integers(2 * n)
    const { expected } = casesOf(dtype, n, [x], definitions.ifft)
    const planar = () => {
      const view = ndarray(arrayOf(dtype, Array(2 * n).fill(0)), [2, n])
      for (let i = 0; i < 2 * n; i++) view.data[(i % 2) * n + (i >> 1)] = x[i]
      return view.T
    }
    await checkKernel(
      ifft,
      [
        {
          name: `${dtype}, planar, in place`,
          args: () => [planar()],
          options: ([view]) => ({ out: view }),
          expected: { ...expected, shape: [n, 2] },
        },
      ],
      false,
    )
  })
})

describe('ifft', () => {
  it('gives back what fft was given', async () => {
    const x = new Float64Array([1, 2, 3, 4, 5, 6])
    const back = await ifft(await fft(x))
    back.forEach((value, i) => expect(value).toBeCloseTo(x[i], 14))
  })

  it('gives empty for empty', async () => {
    expect([...(await ifft(new Float32Array(0)))]).toEqual([])
  })

  it('refuses half a number', async () => {
    const kernel = ifft as unknown as AnyKernel
    await expect(kernel(new Float64Array(3))).rejects.toThrow(
      'Expected `x.length` to be an even number, as re and im take turns, got `3` (number)',
    )
  })
})
