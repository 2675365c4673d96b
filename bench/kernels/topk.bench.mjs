import { topk } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const sizes = [1e2, 1e3, 1e5, 1e6, 1e7].flatMap((n) =>
  [10, 1000]
    .filter((k) => k < n)
    .map((k) => ({
      name: `${k} of ${n.toExponential()}`,
      headline: k === 10 && n === 1e6,
      input: () => [uniform(Float32Array, n), k],
      plainMs: n / 1e4,
      work: { amount: (n * 4) / 1e6, unit: 'GB/s' },
    })),
)

// The loop one would write: a heap of the best so far, the worst of them on top.
function plain(x, k) {
  const heap = Uint32Array.from({ length: k }, (_, i) => i)
  const isWorse = (i, j) => x[i] < x[j] || (x[i] === x[j] && i > j)
  const sink = (at) => {
    for (let child = 2 * at + 1; child < k; child = 2 * at + 1) {
      if (child + 1 < k && isWorse(heap[child + 1], heap[child])) child++
      if (!isWorse(heap[child], heap[at])) return
      const swap = heap[at]
      heap[at] = heap[child]
      heap[child] = swap
      at = child
    }
  }
  for (let at = k >> 1; at-- > 0;) sink(at)
  for (let i = k; i < x.length; i++) {
    if (x[i] > x[heap[0]]) {
      heap[0] = i
      sink(0)
    }
  }
  const indices = heap.toSorted((i, j) => x[j] - x[i] || i - j)
  return { values: Float32Array.from(indices, (i) => x[i]), indices }
}

export default kernelBench({
  question: 'What do the best few cost, against a heap?',
  kernel: topk,
  plain,
  agree: (a, b) => arraysWithin(0)(a.values, b.values) && arraysWithin(0)(a.indices, b.indices),
  sizes,
})
