import { norm } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench, within } from '../harness/kernel-bench.mjs'

export default kernelBench({
  question: 'What does a norm cost that neither overflows nor loses small numbers, against a plain one?',
  kernel: norm,
  plain(x) {
    let squares = 0
    for (let i = 0; i < x.length; i++) squares += x[i] * x[i]
    return Math.sqrt(squares)
  },
  agree: within(1e-10),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => Number(np.linalg.norm(array))
    },
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 5e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
  })),
})
