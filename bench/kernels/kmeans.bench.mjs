import { kmeans, ndarray } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

/** Rows, their length, clusters; ten iterations from the first rows. */
const shapes = [
  [1000, 2, 8],
  [10_000, 16, 16],
  [100_000, 32, 64],
]
const iterations = 10

const sizes = shapes.map(([n, d, k]) => ({
  name: `${n.toExponential()} × ${d}, k ${k}, float32, ${iterations} iterations`,
  headline: k >= 16,
  input: () => {
    const data = uniform(Float32Array, n * d)
    return [ndarray(data, [n, d]), k, ndarray(data.slice(0, k * d), [k, d])]
  },
  plainMs: (n * d * k * (iterations + 1)) / 1e6,
  work: { amount: (n * d * k * 2 * (iterations + 1)) / 1e6, unit: 'GFLOP/s' },
}))

const options = (init) => ({ init, maxIterations: iterations, tolerance: 0 })

/** The kernel with the options of this bench. */
const cluster = Object.assign((x, k, init, more) => kmeans(x, k, { ...options(init), ...more }), {
  sync: (x, k, init) => kmeans.sync(x, k, options(init)),
})

export default kernelBench({
  question: 'What do ten iterations of k-means cost?',
  kernel: cluster,
  plain(points, k, init) {
    const [n, d] = points.shape
    const x = points.data
    const centroids = Float64Array.from(init.data)
    const labels = new Uint32Array(n)
    let inertia = 0
    for (let iteration = 0; iteration <= iterations; iteration++) {
      const sums = new Float64Array(k * d)
      const counts = new Uint32Array(k)
      inertia = 0
      for (let i = 0; i < n; i++) {
        let least = Infinity
        for (let c = 0; c < k; c++) {
          let distance = 0
          for (let j = 0; j < d; j++) {
            const difference = x[i * d + j] - centroids[c * d + j]
            distance += difference * difference
          }
          if (distance < least) {
            least = distance
            labels[i] = c
          }
        }
        inertia += least
        counts[labels[i]]++
        for (let j = 0; j < d; j++) sums[labels[i] * d + j] += x[i * d + j]
      }
      if (iteration === iterations) break
      for (let i = 0; i < k * d; i++) {
        const count = counts[Math.floor(i / d)]
        if (count > 0) centroids[i] = sums[i] / count
      }
    }
    return { labels, inertia }
  },
  agree: (expected, result) => Math.abs(expected.inertia - result.inertia) <= 1e-4 * expected.inertia,
  sizes,
})
