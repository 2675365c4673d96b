import { mandelbrot, ndarray, NDArray } from 'offloop'
import type { MandelbrotView } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'

describe('the Mandelbrot set', () => {
  it('is right for every size around vector widths', async () => {
    const sides = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65]
    await checkKernel(
      mandelbrot,
      sides.flatMap((side, i) => [
        picture({ width: side, height: 3 }),
        picture({ width: 5 + i, height: side, iterations: 50 }),
      ]),
    )
  })

  it('is right wherever one looks', async () => {
    await checkKernel(mandelbrot, [
      picture({ width: 301, height: 203 }),
      picture({ width: 200, height: 150, x: -0.7436, y: 0.1318, scale: 1e-5, iterations: 1000 }),
      picture({ width: 64, height: 64, x: -1.75, y: 0, scale: 1e-3, iterations: 65535 }),
      picture({ width: 100, height: 40, x: 0, y: 0, scale: 1e-300, iterations: 9 }),
      picture({ width: 40, height: 40, x: 0, y: 0, scale: 1e300 }),
      picture({ width: 33, height: 33, x: 1e200, y: -1e200 }),
      picture({ width: 33, height: 33, iterations: 1 }),
      picture({ width: 33, height: 33, iterations: 2 }),
    ])
  })

  it('is empty where the picture is', async () => {
    await checkKernel(mandelbrot, [picture({ width: 0, height: 5 }), picture({ width: 5, height: 0 })])
  })

  it('is right for a million pixels', async () => {
    await checkKernel(mandelbrot, [picture({ width: 1151, height: 901, iterations: 60 })])
  })

  it('agrees with exact arithmetic, where the border is not within rounding', async () => {
    const view = { width: 90, height: 60, x: -0.6, y: 0.1, scale: 1 / 32, iterations: 9 }
    const counts = await mandelbrot(view)
    let sure = 0
    for (let row = 0; row < view.height; row++) {
      for (let column = 0; column < view.width; column++) {
        const re = view.x + (column - (view.width - 1) / 2) * view.scale
        const im = view.y + (row - (view.height - 1) / 2) * view.scale
        const count = countExactly(re, im, view.iterations)
        if (count === undefined) continue
        sure++
        expect(counts.at(row, column), `pixel ${row}, ${column}`).toBe(count)
      }
    }
    expect(sure).toBeGreaterThan(5000)
  })

  it('knows some points by heart', async () => {
    const at = async (x: number, y: number) =>
      (await mandelbrot({ width: 1, height: 1, x, y, iterations: 500 })).at(0, 0)
    expect(await at(0, 0)).toBe(500)
    expect(await at(-1, 0)).toBe(500)
    expect(await at(-2, 0)).toBe(500)
    expect(await at(0, 1)).toBe(500)
    // 0, 2, 6: twice before it is outside.
    expect(await at(2, 0)).toBe(2)
    expect(await at(1, 0)).toBe(3)
    expect(await at(3, 0)).toBe(1)
  })

  it('goes into `out`', async () => {
    const out = new Uint16Array(6)
    const result = await mandelbrot({ width: 3, height: 2, iterations: 4 }, { out })
    expect(result).toBeInstanceOf(NDArray)
    expect(result.data).toBe(out)
    const shaped = ndarray(new Uint16Array(6), [2, 3])
    expect(await mandelbrot({ width: 3, height: 2, iterations: 4 }, { out: shaped })).toBe(shaped)
    expect([...shaped.data]).toEqual([...out])
  })
})

/** z ← z² + c in doubles, one operation at a time: the definition of every count. */
function picture(view: MandelbrotView): Case {
  const { width, height, x = -0.5, y = 0, scale = 3 / Math.max(width, 1), iterations = 256 } = view
  const counts: number[] = []
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const re = x + (column - (width - 1) / 2) * scale
      const im = y + (row - (height - 1) / 2) * scale
      let [a, b, count] = [0, 0, 0]
      while (count < iterations && a * a + b * b <= 4) {
        ;[a, b] = [a * a - b * b + re, 2 * a * b + im]
        count++
      }
      counts.push(count)
    }
  }
  return {
    name: JSON.stringify(view),
    args: () => [view],
    expected: { values: counts, shape: [height, width] },
  }
}

/** The same in exact binary fractions; undefined where |z| comes so close to 2 that rounding may decide. */
function countExactly(re: number, im: number, iterations: number): number | undefined {
  const one = 2 ** 60
  // Exact: both are multiples of 2^-60 and small.
  const [c, d] = [BigInt(re * one), BigInt(im * one)]
  let [a, b, digits] = [0n, 0n, 60n]
  for (let count = 0; count < iterations; count++) {
    const size = Number(((a * a + b * b) << 40n) >> (2n * digits)) / 2 ** 40
    if (Math.abs(size - 4) < 1e-6) return undefined
    if (size > 4) return count
    const square = [a * a - b * b, 2n * a * b]
    digits *= 2n
    a = square[0] + (c << (digits - 60n))
    b = square[1] + (d << (digits - 60n))
  }
  return iterations
}
