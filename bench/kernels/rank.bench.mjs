import { rank } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const sizes = [1e2, 1e3, 1e5, 1e6].map((n) => ({
  name: n.toExponential(),
  headline: n === 1e6,
  input: () => [uniform(Float64Array, n).map((value) => Math.floor(value * n))],
  plainMs: n / 1e3,
  work: { amount: n / 1e3, unit: 'million/s' },
}))

function plain(x) {
  const order = Uint32Array.from(x.keys()).toSorted((i, j) => x[i] - x[j])
  const ranks = new Float64Array(x.length)
  for (let first = 0, end = 0; first < order.length; first = end) {
    while (end < order.length && x[order[end]] === x[order[first]]) end++
    for (let i = first; i < end; i++) ranks[order[i]] = (first + 1 + end) / 2
  }
  return ranks
}

export default kernelBench({
  question: 'What do average ranks cost against sorting indices with a comparator?',
  kernel: rank,
  plain,
  out: (x) => new Float64Array(x.length),
  agree: arraysWithin(0),
  sizes,
})
