import { ndarray, nearest } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench } from '../harness/kernel-bench.mjs'

/** Queries, rows of the base, their length; ten neighbours by cosine. */
const shapes = [
  [1, 1000, 64],
  [1, 10_000, 384],
  [1, 100_000, 384],
  [100, 10_000, 64],
  [100, 100_000, 384],
]
const headlines = new Set(['1 × 1e+3 × 64', '1 × 1e+5 × 384', '100 × 1e+5 × 384'])

const centred = (length, seed) => uniform(Float32Array, length, seed).map((x) => x - 0.5)

const sizes = shapes.map(([q, n, d]) => {
  const name = `${q} × ${n.toExponential()} × ${d}`
  return {
    name: `${name} float32 cosine`,
    headline: headlines.has(name),
    input: () => [ndarray(centred(q * d, 1), [q, d]), ndarray(centred(n * d, 2), [n, d])],
    plainMs: (q * n * d) / 1e6,
    work: { amount: (q * n * d * 2) / 1e6, unit: 'GFLOP/s' },
  }
})

export default kernelBench({
  question: 'What does exact search cost for one query, which reads the base once, and for many at once?',
  kernel: nearest,
  plain(queries, base) {
    const [count, d] = queries.shape
    const [n] = base.shape
    const [q, x] = [queries.data, base.data]
    const indices = new Uint32Array(count * 10)
    const scores = new Float64Array(count * 10).fill(-Infinity)
    const lengths = new Float64Array(n)
    for (let i = 0; i < n; i++) lengths[i] = Math.sqrt(dotOf(x, i * d, x, i * d, d))
    for (let j = 0; j < count; j++) {
      const length = Math.sqrt(dotOf(q, j * d, q, j * d, d))
      const start = j * 10
      for (let i = 0; i < n; i++) {
        const score = dotOf(q, j * d, x, i * d, d) / (length * lengths[i])
        if (score <= scores[start + 9]) continue
        let at = start + 9
        for (; at > start && scores[at - 1] < score; at--) {
          scores[at] = scores[at - 1]
          indices[at] = indices[at - 1]
        }
        scores[at] = score
        indices[at] = i
      }
    }
    return { indices, scores }
  },
  // Near scores may change places where they round otherwise.
  agree({ scores }, result) {
    const others = result.scores.data ?? result.scores
    return others.length === scores.length && scores.every((score, i) => Math.abs(score - others[i]) < 1e-5)
  },
  peers: {
    usearch: (usearch, queries, base) => {
      const { exactSearch, MetricKind } = usearch.default ?? usearch
      const [, d] = base.shape
      return () => {
        const { distances } = exactSearch(base.data, queries.data, d, 10, MetricKind.Cos, 2)
        return { scores: Float64Array.from(distances, (distance) => 1 - distance) }
      }
    },
    simsimd: (simsimd, queries, base) => {
      const { cosine } = simsimd.default ?? simsimd
      const [count, d] = queries.shape
      const rows = Array.from({ length: base.shape[0] }, (_, i) => base.data.subarray(i * d, (i + 1) * d))
      return () => {
        const scores = []
        for (let j = 0; j < count; j++) {
          const query = queries.data.subarray(j * d, (j + 1) * d)
          const best = new Float64Array(10).fill(Infinity)
          for (const row of rows) {
            const distance = cosine(query, row)
            if (distance >= best[9]) continue
            best[9] = distance
            best.sort()
          }
          scores.push(...best.map((distance) => 1 - distance))
        }
        return { scores: Float64Array.from(scores) }
      }
    },
  },
  sizes,
})

function dotOf(a, i, b, j, length) {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  for (let p = 0; p + 3 < length; p += 4) {
    s0 += a[i + p] * b[j + p]
    s1 += a[i + p + 1] * b[j + p + 1]
    s2 += a[i + p + 2] * b[j + p + 2]
    s3 += a[i + p + 3] * b[j + p + 3]
  }
  return s0 + s1 + s2 + s3
}
