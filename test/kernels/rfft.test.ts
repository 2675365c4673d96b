import { fft, ndarray, NDArray, rfft } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { AnyKernel } from '../helpers/lanes.ts'
import { arrayOf, casesOf, definitions, floats, integers, lengths, norm, tolerance } from '../helpers/spectra.ts'

describe.each(floats)('the transform of real %s', (dtype) => {
  it('is the first half of the sum it is defined by', async () => {
    await checkKernel(
      rfft,
      [...lengths, 14, 26, 34, 62, 68, 130, 194, 254].map((n) => casesOf(dtype, n, [integers(n)], definitions.rfft)),
      false,
    )
  })

  it('is the same for every transform of a batch', async () => {
    const batches = [1, 2, 5, 8, 30, 64, 66, 74, 100, 128, 257, 514].flatMap((n) =>
      [2, 8, 9, 17, 33].map((count) => [n, count]),
    )
    await checkKernel(
      rfft,
      batches
        .filter(([n, count]) => n * count < 3000)
        .map(([n, count]) => {
          const lines = Array.from({ length: count }, (_, i) => integers(n, n + i))
          return casesOf(dtype, n, lines, definitions.rfft)
        }),
      false,
    )
  })

  it('is right along any axis and through any strides', async () => {
    for (const n of [12, 25, 74, 256]) {
      const lines = [integers(n, 1), integers(n, 2), integers(n, 3)]
      const { expected } = casesOf(dtype, n, lines, definitions.rfft)
      const half = Math.floor(n / 2) + 1
      const columns = Array.from({ length: 3 * n }, (_, i) => lines[i % 3][Math.floor(i / 3)])
      const flat = lines.flat()
      const at = (line: number, i: number) => 2 * (line * half + i)
      const turned = Array.from({ length: 3 * half }, (_, i) => at(i % 3, Math.floor(i / 3)))
      const values = turned.flatMap((from) => [expected.values[from], expected.values[from + 1]]) as number[]
      const errors = turned.flatMap((from) => [expected.errors?.[from] ?? 0, expected.errors?.[from + 1] ?? 0])
      await checkKernel(
        rfft,
        [
          {
            name: `${dtype} [3, ${n}]`,
            args: () => [ndarray(arrayOf(dtype, flat), [3, n])],
            expected: { ...expected, shape: [3, half, 2] },
          },
          {
            name: `${dtype} [${n}, 3] along 0`,
            args: () => [ndarray(arrayOf(dtype, columns), [n, 3])],
            options: () => ({ axis: 0 }),
            expected: { values, errors, shape: [half, 3, 2] },
          },
        ],
        false,
      )
      const wide = ndarray(arrayOf(dtype, Array(12 * half).fill(1)), [3, half, 2], [4 * half, 4, 2], 1)
      await checkKernel(
        rfft,
        [
          {
            name: `${dtype} [3, ${n}] turned, to an \`out\` with gaps`,
            args: () => [ndarray(arrayOf(dtype, columns), [n, 3]).T],
            options: () => ({ out: ndarray(wide.data.slice(), wide.shape, wide.strides, wide.offset) }),
            expected: { ...expected, shape: [3, half, 2] },
          },
        ],
        false,
      )
    }
  })

  it.each([2 ** 16, 2 ** 18, 3 * 2 ** 15 + 2, 3 ** 10, 100003, 2 * 100003])(
    'of %i numbers is that of the same complex ones',
    async (n) => {
      const x = integers(n)
      const complex = arrayOf(dtype, Array(2 * n).fill(0))
      for (let i = 0; i < n; i++) complex[2 * i] = x[i]
      const whole = await fft(complex)
      const error = 2 * tolerance(dtype, n, Math.sqrt(x.reduce((sum, value) => sum + value * value, 0)))
      const real = arrayOf(dtype, x)
      const size = 2 * (Math.floor(n / 2) + 1)
      const wide = ndarray(arrayOf(dtype, Array(2 * size).fill(0)), [size / 2, 2], [4, 2])
      const results = [
        await rfft(real),
        (await rfft(ndarray(real, [n]), { out: wide })).reshape(size).toTypedArray(),
        (await rfft(real, { backend: 'inline' })) as typeof real,
      ]
      for (const result of results) {
        let worst = 0
        for (let i = 0; i < size; i++) worst = Math.max(worst, Math.abs(result[i] - whole[i]))
        expect(result).toHaveLength(size)
        expect(worst).toBeLessThanOrEqual(error)
      }
      const one = await rfft(real, { threads: 1, onProgress: () => {} })
      expect(Buffer.compare(bytesOf(one), bytesOf(await rfft(real, { threads: 2 })))).toBe(0)
    },
  )
})

describe('rfft', () => {
  it('gives what its example says', async () => {
    expect([...(await rfft(new Float64Array([1, 0, -1, 0])))]).toEqual([0, 0, 2, 0, 0, 0])
  })

  it('has an imaginary part of zero where real numbers have none', async () => {
    for (const n of [1, 2, 6, 7, 64, 1000, 4096]) {
      const x = arrayOf('float64', integers(n))
      const result = await rfft(x)
      expect(Math.abs(result[1])).toBeLessThanOrEqual(tolerance('float64', n, norm(x)))
      if (n % 2 === 0) expect(Math.abs(result[n + 1])).toBe(0)
    }
  })

  it('adds an axis to n-d views', async () => {
    const result = await rfft(ndarray(new Float32Array(24), [4, 6]), { axis: 0 })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.dtype).toBe('float32')
    expect(result.shape).toEqual([3, 6, 2])
  })

  it.each([
    [[new Float64Array(0)], 'Expected `x.length` to be at least 1, got `0` (number)'],
    [[new Float64Array(9), { n: 4 }], 'Expected `x.length` to be a multiple of 4, as `n` is 4, got `9` (number)'],
    [[ndarray(new Float64Array(1), [])], 'Expected `x.shape` to be at least one axis, got `[]` (object)'],
    [[ndarray(new Float64Array(0), [3, 0])], 'Expected `x.shape` to be at least 1 along `axis`, got `0` (number)'],
  ])('refuses what it can not transform: %#', async (args, message) => {
    const kernel = rfft as unknown as AnyKernel
    await expect(kernel(...args)).rejects.toThrow(message)
    expect(() => kernel.sync(...args)).toThrow(message)
  })
})

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
