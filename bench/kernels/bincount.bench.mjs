import { bincount } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does it cost to count n whole numbers?',
  kernel: bincount,
  plain(x) {
    let most = 0
    for (let i = 0; i < x.length; i++) if (x[i] > most) most = x[i]
    const counts = new Uint32Array(most + 1)
    for (let i = 0; i < x.length; i++) counts[x[i]]++
    return counts
  },
  agree: arraysWithin(0),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => np.bincount(array).data
    },
  },
  sizes: [1e2, 1e3, 1e5, 1e7].flatMap((n) =>
    [
      [Uint8Array, 256],
      [Int32Array, 1000],
      [Int32Array, 1_000_000],
    ].map(([Type, most]) => ({
      name: `${n.toExponential()} ${Type.name.slice(0, -5).toLowerCase()} below ${most.toExponential()}`,
      headline: n > 100 && most <= 1000,
      input: () => [Type.from(uniform(Float64Array, n), (v) => v * most)],
      work: { amount: n / 1e3, unit: 'million/s' },
    })),
  ),
})
