import { searchsorted } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const sizes = [1e3, 1e6].flatMap((length) =>
  [1e2, 1e3, 1e5, 1e6].map((n) => ({
    name: `${n.toExponential()} in ${length.toExponential()}`,
    headline: n === 1e6,
    input: () => [uniform(Float64Array, length).toSorted(), uniform(Float64Array, n, 2)],
    plainMs: n / 3e3,
    work: { amount: n / 1e3, unit: 'million/s' },
  })),
)

function plain(sorted, values) {
  return Uint32Array.from(values, (value) => {
    let least = 0
    let most = sorted.length
    while (least < most) {
      const middle = (least + most) >> 1
      if (sorted[middle] < value) least = middle + 1
      else most = middle
    }
    return least
  })
}

export default kernelBench({
  question: 'What do many binary searches cost, side by side?',
  kernel: searchsorted,
  plain,
  out: (_, values) => new Uint32Array(values.length),
  agree: arraysWithin(0),
  peers: {
    'numpy-ts': (np, sorted, values) => {
      const [edges, array] = [np.array(sorted), np.array(values)]
      return () => np.searchsorted(edges, array).data
    },
  },
  sizes,
})
