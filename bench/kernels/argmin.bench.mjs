import { argmin } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does it cost to tell where the least of n numbers is?',
  kernel: argmin,
  plain(x) {
    let best = 0
    for (let i = 1; i < x.length; i++) if (x[i] < x[best]) best = i
    return best
  },
  agree: (a, b) => a === b,
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.argmin(array)
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 5e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
  })),
})
