import { minmax } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What do both extremes of n numbers cost, with the rules for NaN and -0 kept?',
  kernel: minmax,
  plain(x) {
    let min = Infinity
    let max = -Infinity
    for (let i = 0; i < x.length; i++) {
      if (x[i] < min) min = x[i]
      if (x[i] > max) max = x[i]
    }
    return { min, max }
  },
  agree: (a, b) => a.min === b.min && a.max === b.max,
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => ({ min: Number(np.min(array)), max: Number(np.max(array)) })
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 5e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
  })),
})
