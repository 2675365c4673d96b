import { cumsum } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What do running sums cost, of which each needs the one before?',
  kernel: cumsum,
  plain(x) {
    const sums = new Float64Array(x.length)
    let total = 0
    for (let i = 0; i < x.length; i++) sums[i] = total += x[i]
    return sums
  },
  out: (x) => new Float64Array(x.length),
  agree: arraysWithin(1e-6),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.cumsum(array).data
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 16) / 1e6, unit: 'GB/s' },
  })),
})
