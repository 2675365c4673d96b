import { levenshtein, packStrings } from 'offloop'

import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'
import { words } from '../harness/words.mjs'

/** The textbook table, one row at a time. */
function distances(query, list) {
  const row = new Uint32Array(query.length + 1)
  return Uint32Array.from(list, (word) => {
    for (let j = 0; j <= query.length; j++) row[j] = j
    for (let i = 0; i < word.length; i++) {
      let diagonal = row[0]
      row[0] = i + 1
      for (let j = 0; j < query.length; j++) {
        const above = row[j + 1]
        const changed = diagonal + (word.charCodeAt(i) === query.charCodeAt(j) ? 0 : 1)
        row[j + 1] = Math.min(changed, above + 1, row[j] + 1)
        diagonal = above
      }
    }
    return row[query.length]
  })
}

const packed = new WeakMap()

/** offloop gets the list packed, which is how it is used again and again; the rest get the strings. */
function packedOnce(list) {
  if (!packed.has(list)) packed.set(list, packStrings.sync(list))
  return packed.get(list)
}

const kernel = Object.assign((query, list, options) => levenshtein(query, packedOnce(list), options), {
  sync: (query, list, options) => levenshtein.sync(query, packedOnce(list), options),
})

export default kernelBench({
  question: 'What do the edit distances from one word to n others cost, once the list is packed?',
  kernel,
  plain: distances,
  agree: arraysWithin(0),
  peers: {
    'fastest-levenshtein':
      ({ default: { distance } }, query, list) =>
      () =>
        Uint32Array.from(list, (word) => distance(query, word)),
  },
  sizes: [1e2, 1e3, 1e4, 1e5, 3e5].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5].includes(n),
    input: () => ['parallelism', words(n)],
    work: { amount: n / 1e3, unit: 'million/s' },
  })),
})
