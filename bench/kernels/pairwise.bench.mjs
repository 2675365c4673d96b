import { ndarray, pairwise } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

/** Rows of either side, and their length. */
const shapes = [
  [30, 30, 16],
  [1000, 1000, 3],
  [1000, 1000, 128],
  [4000, 4000, 128],
]
const options = { metric: 'l2sq' }

const sizes = [Float32Array, Float64Array].flatMap((Type) =>
  shapes.map(([m, n, d]) => ({
    name: `${m} × ${n} × ${d} ${Type === Float64Array ? 'float64' : 'float32'} l2sq`,
    headline: d === 128,
    input: () => [ndarray(uniform(Type, m * d, 1), [m, d]), ndarray(uniform(Type, n * d, 2), [n, d])],
    plainMs: (m * n * d) / 1e6,
    work: { amount: (m * n * d * 3) / 1e6, unit: 'GFLOP/s' },
  })),
)

/** The kernel with the metric of this bench. */
const compare = Object.assign((a, b, more) => pairwise(a, b, { ...options, ...more }), {
  sync: (a, b) => pairwise.sync(a, b, options),
})

export default kernelBench({
  question: 'What do all squared distances of two sets of points cost?',
  kernel: compare,
  plain(a, b) {
    const [m, d] = a.shape
    const [n] = b.shape
    const [x, y] = [a.data, b.data]
    const result = new x.constructor(m * n)
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0
        for (let p = 0; p < d; p++) {
          const difference = x[i * d + p] - y[j * d + p]
          sum += difference * difference
        }
        result[i * n + j] = sum
      }
    }
    return result
  },
  out: (a, b) => new a.data.constructor(a.shape[0] * b.shape[0]),
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    return left.every((value, i) => Math.abs(value - right[i]) <= 1e-4 * value)
  },
  sizes,
})
