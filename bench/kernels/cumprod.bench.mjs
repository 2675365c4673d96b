import { cumprod } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What do running products cost, which are one chain?',
  kernel: cumprod,
  plain(x) {
    const products = new Float64Array(x.length)
    let product = 1
    for (let i = 0; i < x.length; i++) products[i] = product *= x[i]
    return products
  },
  out: (x) => new Float64Array(x.length),
  agree: (a, b) => a.every((value, i) => Math.abs(value - b[i]) <= 1e-9 * Math.abs(value)),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.cumprod(array).data
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n).map((x) => 1 + (x - 0.5) * 1e-5)],
    work: { amount: (n * 16) / 1e6, unit: 'GB/s' },
  })),
})
