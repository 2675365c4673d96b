// The same search twice. Both take queries as arrays of numbers and give, for each, the rows most like it.
import { ndarray, nearest, Pool } from 'offloop'

/**
 * On offloop's threads; the event loop only starts it and gets the result.
 *
 * @param base NDArray of unit vectors.
 * @param threads The most threads for all searches together.
 */
export function searchOffTheLoop(base, threads) {
  // What does not fit into the queue is refused, which is better than an answer that nobody waits for any more.
  const pool = new Pool({ name: 'search', queueLimit: 64, threads })
  const [, dimension] = base.shape
  return async (vectors, k, signal) => {
    const queries = ndarray(Float32Array.from(vectors.flat()), [vectors.length, dimension])
    const { indices, scores } = await nearest(queries, base, { k, metric: 'dot', pool, signal })
    const [rows, similarities] = [indices.toNested(), scores.toNested()]
    return rows.map((row, query) => row.map((index, i) => ({ index, score: similarities[query][i] })))
  }
}

/** On the main thread, as one would write it. Nothing else runs meanwhile. */
export function searchOnTheLoop({ data, shape: [rows, dimension] }) {
  return async (vectors, k) => vectors.map((vector) => best(Float32Array.from(vector), data, rows, dimension, k))
}

function best(query, data, rows, dimension, k) {
  const found = []
  for (let index = 0; index < rows; index++) {
    let score = 0
    for (let i = 0, at = index * dimension; i < dimension; i++, at++) score += query[i] * data[at]
    if (found.length === k && score <= found[k - 1].score) continue
    let place = Math.min(found.length, k - 1)
    for (; place > 0 && found[place - 1].score < score; place--) found[place] = found[place - 1]
    found[place] = { index, score }
  }
  return found
}
