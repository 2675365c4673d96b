import { mean } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench, within } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does the mean of n float64 numbers cost beyond their sum?',
  kernel: mean,
  plain(x) {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i]
    return total / x.length
  },
  agree: within(1e-10),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => Number(np.mean(array))
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 5e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
  })),
})
