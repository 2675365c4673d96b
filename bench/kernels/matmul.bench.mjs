import { matmul, ndarray } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

/** Rows of `a`, columns of `b`, and what is summed over. */
const shapes = [
  [16, 16, 16],
  [64, 64, 64],
  [256, 256, 256],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
  [4096, 64, 4096],
  [64, 64, 65536],
]
const headlines = new Set([64, 256, 1024])

const sizes = [Float64Array, Float32Array].flatMap((Type) =>
  shapes.map(([m, n, k]) => ({
    name: `${m}×${k} · ${k}×${n} ${Type === Float64Array ? 'float64' : 'float32'}`,
    headline: m === n && n === k && headlines.has(m),
    input: () => [ndarray(uniform(Type, m * k, 1), [m, k]), ndarray(uniform(Type, k * n, 2), [k, n])],
    plainMs: (m * n * k) / 1e6,
    work: { amount: (2 * m * n * k) / 1e6, unit: 'GFLOP/s' },
  })),
)

export default kernelBench({
  question: 'What does a matrix product cost: small, square, thin?',
  kernel: matmul,
  // The order of loops that walks along rows: three times as fast as the one in textbooks.
  plain(a, b) {
    const [m, k] = a.shape
    const [, n] = b.shape
    const [left, right] = [a.data, b.data]
    const product = new left.constructor(m * n)
    for (let i = 0; i < m; i++) {
      for (let p = 0; p < k; p++) {
        const factor = left[i * k + p]
        for (let j = 0; j < n; j++) product[i * n + j] += factor * right[p * n + j]
      }
    }
    return product
  },
  out: (a, b) => new a.data.constructor(a.shape[0] * b.shape[1]),
  // |a|·|b| of random numbers below 1 is below their number; both sides may be off by (k + 2)·ε of it.
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    const epsilon = left instanceof Float64Array ? 2 ** -53 : 2 ** -24
    return left.every((value, i) => Math.abs(value - right[i]) <= 65536 * epsilon * value)
  },
  peers: {
    'numpy-ts': (np, a, b) => {
      const [left, right] = [a, b].map(({ data, shape }) => np.array(data).reshape(...shape))
      return () => np.matmul(left, right).data
    },
    'ml-matrix': ({ Matrix }, a, b) => {
      if (!(a.data instanceof Float64Array) || a.shape[0] * a.shape[1] * b.shape[1] > 2 ** 31) return undefined
      const [left, right] = [a, b].map(({ data, shape }) => Matrix.from1DArray(...shape, data))
      return () => Float64Array.from(left.mmul(right).to1DArray())
    },
  },
  sizes,
})
