import { unique } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const sizes = [1e2, 1e3, 1e5, 1e6, 1e7].flatMap((n) =>
  [100, n].map((different) => ({
    name: `${n.toExponential()}, ${different === n ? 'nearly all different' : '100 values'}`,
    headline: n === 1e6,
    input: () => [uniform(Float64Array, n).map((value) => Math.floor(value * different * 100))],
    plainMs: n / 1e3,
    work: { amount: n / 1e3, unit: 'million/s' },
  })),
)

export default kernelBench({
  question: 'What do the different values cost, sorted, against a Set?',
  kernel: unique,
  plain: (x) => ({ values: Float64Array.from(new Set(x)).toSorted() }),
  agree: (a, b) => arraysWithin(0)(a.values, b.values),
  peers: {
    'numpy-ts': (np, x) => {
      const array = np.array(x)
      return () => ({ values: np.unique(array).data })
    },
  },
  sizes,
})
