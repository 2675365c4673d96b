import { quantile } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const fractions = [0.5, 0.9, 0.99, 0.999]

const sizes = [1e2, 1e3, 1e5, 1e6, 1e7].map((n) => ({
  name: n.toExponential(),
  headline: n === 1e6,
  input: () => [uniform(Float64Array, n), fractions],
  plainMs: n / 1e4,
  work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
}))

export default kernelBench({
  question: 'What do four quantiles in one pass cost against sorting a copy?',
  kernel: quantile,
  plain(x, q) {
    const sorted = x.toSorted()
    return Float64Array.from(q, (fraction) => {
      const at = (sorted.length - 1) * fraction
      const low = sorted[Math.floor(at)]
      return low + (sorted[Math.ceil(at)] - low) * (at - Math.floor(at))
    })
  },
  agree: arraysWithin(1e-15),
  peers: {
    'numpy-ts': (np, x, q) => {
      const array = np.array(x)
      return () => Float64Array.from(q, (fraction) => np.quantile(array, fraction))
    },
  },
  sizes,
})
