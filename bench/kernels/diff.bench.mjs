import { diff } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What do differences of neighbours cost, where memory is all there is to wait for?',
  kernel: diff,
  plain(x) {
    const result = new Float64Array(x.length - 1)
    for (let i = 0; i < result.length; i++) result[i] = x[i + 1] - x[i]
    return result
  },
  out: (x) => new Float64Array(x.length - 1),
  agree: arraysWithin(0),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.diff(array).data
    },
  },
  sizes: [1e2, 1e3, 1e5, 1e7].map((n) => ({
    name: n.toExponential(),
    headline: n > 100,
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 16) / 1e6, unit: 'GB/s' },
  })),
})
