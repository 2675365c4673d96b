import { dot } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench, within } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does the product of two vectors of n float64 numbers cost?',
  kernel: dot,
  plain(x, y) {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i] * y[i]
    return total
  },
  agree: within(1e-10),
  peers: {
    'numpy-ts': (np, x, y) => {
      const [a, b] = [np.array(x), np.array(y)]
      return () => Number(np.dot(a, b))
    },
    simsimd: (simsimd, x, y) => () => simsimd.dot(x, y),
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 3e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n, 1), uniform(Float64Array, n, 2)],
    work: { amount: (n * 16) / 1e6, unit: 'GB/s' },
  })),
})
