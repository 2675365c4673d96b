import { histogram } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const bins = 256

export default kernelBench({
  question: 'What does it cost to count n numbers in 256 even bins?',
  kernel: Object.assign((x, view, more) => histogram(x, { ...view, ...more }), {
    sync: (x, view) => histogram.sync(x, view),
  }),
  plain(x, { range: [low, high] }) {
    const counts = new Float64Array(bins)
    const scale = bins / (high - low)
    for (let i = 0; i < x.length; i++) {
      const bin = Math.floor((x[i] - low) * scale)
      counts[bin < bins ? bin : bins - 1]++
    }
    return { counts }
  },
  agree: (a, b) => arraysWithin(2)(a.counts, b.counts),
  peers: {
    'numpy-ts': (np, x, { range }) => {
      const array = np.array(x)
      return () => ({ counts: np.histogram(array, bins, range)[0].data })
    },
  },
  sizes: [1e2, 1e3, 1e5, 1e7].flatMap((n) =>
    [Float64Array, Uint8Array].map((Type) => ({
      name: `${n.toExponential()} ${Type.name.slice(0, -5).toLowerCase()}`,
      headline: n > 100,
      input: () => {
        const top = Type === Uint8Array ? 256 : 1
        const x = Uint8Array === Type ? Type.from(uniform(Float64Array, n), (v) => v * 256) : uniform(Type, n)
        return [x, { bins, range: [0, top] }]
      },
      work: { amount: n / 1e3, unit: 'million/s' },
    })),
  ),
})
