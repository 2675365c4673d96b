import { partition } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

const sizes = [1e2, 1e3, 1e5, 1e6, 1e7].map((n) => ({
  name: n.toExponential(),
  headline: n === 1e6,
  input: () => [uniform(Float64Array, n), n >> 1],
  plainMs: n / 1e4,
  work: { amount: n / 1e3, unit: 'million/s' },
}))

export default kernelBench({
  question: 'What does parting at a rank save against sorting?',
  kernel: partition,
  plain: (x) => x.toSorted(),
  out: (x) => x.slice(),
  // One element is where sorting has it; what lies before and after is in another order.
  agree: (sorted, parted) => sorted[sorted.length >> 1] === parted[parted.length >> 1],
  peers: {
    'numpy-ts': (np, x, rank) => {
      const array = np.array(x)
      return () => np.partition(array, rank).data
    },
  },
  sizes,
})
