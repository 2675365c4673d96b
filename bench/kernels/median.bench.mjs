import { median } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench, within } from '../harness/kernel-bench.mjs'

const sizes = [1e2, 1e3, 1e5, 1e6, 1e7].map((n) => ({
  name: n.toExponential(),
  headline: n === 1e5 || n === 1e7,
  input: () => [uniform(Float64Array, n)],
  plainMs: n / 1e4,
  work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
}))

export default kernelBench({
  question: 'What does selection save against sorting a copy?',
  kernel: median,
  plain(x) {
    const sorted = x.toSorted()
    const half = (sorted.length - 1) / 2
    return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2
  },
  agree: within(1e-15),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.median(array)
    },
  },
  sizes,
})
