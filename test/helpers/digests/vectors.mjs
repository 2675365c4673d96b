import { kmeans, ndarray, nearest, pairwise } from 'offloop'

/** The same bits on every backend and CPU level: none, as sums of floats may be fused. */
export const everywhere = []

export default async function digest(add, options, { n, next, floats, singles, bytesOf }) {
  const small = Float32Array.from({ length: 300_000 }, () => next() / 2 ** 31 - 1)
  const points = ndarray(small, [9375, 32])
  const queries = (count) => ndarray(small.slice(0, count * 32), [count, 32])
  for (const metric of ['cosine', 'dot', 'l2sq', 'l2']) {
    for (const count of [1, 5, 70]) await add('nearest', nearest(queries(count), points, { ...options, metric }))
    await add(
      'nearest',
      nearest(ndarray(floats, [3, 50]), ndarray(floats, [Math.floor(n / 50), 50]), { ...options, metric }),
    )
    const bytes = new Int8Array(bytesOf.buffer, 1, n)
    await add(
      'nearest',
      nearest(ndarray(bytes, [40, 96]), ndarray(bytes, [Math.floor(n / 96), 96]), { ...options, metric, k: 50 }),
    )
    await add('pairwise', pairwise(ndarray(small, [300, 100]), ndarray(small, [270, 100]), { ...options, metric }))
    await add('pairwise', pairwise(ndarray(floats, [130, 77]), undefined, { ...options, metric }))
  }
  for (const metric of ['hamming', 'jaccard']) {
    for (const count of [2, 90]) {
      const [some, all] = [ndarray(bytesOf, [count, 20]), ndarray(bytesOf, [Math.floor(n / 20), 20])]
      await add('nearest', nearest(some, all, { ...options, metric }))
      await add('pairwise', pairwise(some, ndarray(bytesOf, [1000, 20]), { ...options, metric }))
    }
  }
  const clusters = { ...options, seed: 3, maxIterations: 5 }
  await add('kmeans', kmeans(points, 20, clusters))
  await add('kmeans', kmeans(ndarray(floats.slice(0, 60_000).map(Math.tanh), [20_000, 3]), 7, clusters))
  await add('kmeans', kmeans(ndarray(singles.subarray(0, 40_000).map(Math.tanh), [50, 800]), 4, clusters))
}
