import { fill, gather, classOf } from './views.ts'
import type { Case } from './lanes.ts'
import type { Strided } from './views.ts'

export type Float = 'float32' | 'float64'
export type Mode = 'full' | 'same' | 'valid'

/** A contiguous view of random numbers. */
export function signal(dtype: Float, shape: readonly number[], seed = 1): Strided {
  const length = shape.reduce((product, extent) => product * extent, 1)
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, extent) => product * extent, 1))
  return { data: fill(new (classOf(dtype))(length), dtype, seed + length), shape, strides, offset: 0 }
}

/**
 * What a convolution must give, by its definition: y[i] is the sum of all x[p] k[q] with p + q = i, axis by axis; for a
 * correlation q counts from the end. Sums in double-double (Dekker 1971).
 */
export function convolution(
  dtype: Float,
  x: Strided,
  kernel: Strided,
  mode: Mode | undefined,
  flipped: boolean,
  more: Partial<Case> = {},
): Case {
  const [n, m] = [asRows(x.shape), asRows(kernel.shape)]
  const a = gather(x) as Float64Array
  const k = gather(kernel) as Float64Array
  const full = [n[0] + m[0] - 1, n[1] + m[1] - 1]
  const high = new Float64Array(full[0] * full[1])
  const low = new Float64Array(high.length)
  const magnitude = new Float64Array(high.length)
  for (let p = 0; p < a.length; p++) {
    for (let q = 0; q < k.length; q++) {
      const j = flipped ? q : k.length - 1 - q
      const at = (Math.floor(p / n[1]) + Math.floor(q / m[1])) * full[1] + (p % n[1]) + (q % m[1])
      const [product, rest] = multiply(a[p], k[j])
      const sum = high[at] + product
      const part = sum - high[at]
      low[at] += high[at] - (sum - part) + (product - part) + rest
      high[at] = sum
      magnitude[at] += Math.abs(product)
    }
  }
  const start = [0, 1].map((axis) =>
    mode === 'same' ? Math.floor((m[axis] - 1) / 2) : mode === 'valid' ? Math.min(n[axis], m[axis]) - 1 : 0,
  )
  const length = [0, 1].map((axis) =>
    mode === 'same' ? n[axis] : mode === 'valid' ? Math.abs(n[axis] - m[axis]) + 1 : full[axis],
  )
  const values: number[] = []
  const errors: number[] = []
  for (let r = 0; r < length[0]; r++) {
    for (let c = 0; c < length[1]; c++) {
      const at = (r + start[0]) * full[1] + c + start[1]
      const value = Number.isFinite(high[at]) ? high[at] + low[at] : high[at]
      values.push(dtype === 'float32' ? Math.fround(value) : value)
      errors.push(tolerance(dtype, Math.min(a.length, k.length), magnitude[at]))
    }
  }
  return {
    name: `${dtype} [${x.shape}] and [${kernel.shape}], ${mode}, strides [${x.strides}] and [${kernel.strides}]`,
    args: () => [x, kernel],
    options: () => (mode === undefined ? {} : { mode }),
    expected: { values, errors, shape: x.shape.length === 1 ? [length[1]] : length },
    ...more,
  }
}

/** As src/reference/convolve.ts has it: products + 2 epsilons of the sum of absolute values. */
function tolerance(dtype: Float, products: number, magnitude: number): number {
  const [epsilon, smallest] = dtype === 'float32' ? [2 ** -23, 2 ** -149] : [2 ** -52, 2 ** -1074]
  return (products + 2) * (epsilon * magnitude + smallest)
}

function asRows(shape: readonly number[]): readonly number[] {
  return shape.length === 1 ? [1, shape[0]] : shape
}

/** A product, and what rounding took from it. */
function multiply(x: number, y: number): [product: number, rest: number] {
  const product = x * y
  const xHigh = x * 134217729 - (x * 134217729 - x)
  const yHigh = y * 134217729 - (y * 134217729 - y)
  const xLow = x - xHigh
  const yLow = y - yHigh
  return [product, xLow * yLow - (product - xHigh * yHigh - xLow * yHigh - xHigh * yLow)]
}
