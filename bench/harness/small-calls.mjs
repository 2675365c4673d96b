// Every kernel on few elements, and the loop that one would write instead.
import {
  argmax,
  argsort,
  bincount,
  convolve,
  cumprod,
  cumsum,
  describe,
  diff,
  dot,
  fft,
  hash,
  histogram,
  levenshtein,
  matmul,
  mean,
  median,
  min,
  minmax,
  ndarray,
  norm,
  normalize,
  partition,
  quantile,
  random,
  rank,
  searchsorted,
  sort,
  std,
  sum,
  topk,
  transpose,
  unique,
  variance,
} from 'offloop'

import { mulberry32 } from './inputs.mjs'
import { radix2, rootsOf } from './radix2.mjs'

/** Numbers of an ordinary array, which is what small calls come with. */
function numbers(Type, n, make = (next) => next()) {
  const next = mulberry32(n)
  return Type.from({ length: n }, () => make(next))
}

const f64 = (n) => [numbers(Float64Array, n)]
const f32 = (n) => [numbers(Float32Array, n)]
const bytes = (n) => [numbers(Uint8Array, n, (next) => next() * 256)]
const pair = (n) => [numbers(Float64Array, n), numbers(Float64Array, n + 1).slice(1)]
const matrix = (side, salt = 0) => ndarray(numbers(Float64Array, side * side + salt).slice(salt), [side, side])

/** `{ name, sizes, input, sync, plain }`: `input(n)` makes the arguments of both. */
export const smallCalls = [
  reduction(sum, (x) => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i]
    return total
  }),
  reduction(mean, (x) => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i]
    return total / x.length
  }),
  reduction(variance, (x) => plainVariance(x)),
  reduction(std, (x) => Math.sqrt(plainVariance(x))),
  reduction(min, (x) => {
    let least = Infinity
    for (let i = 0; i < x.length; i++) least = Math.min(least, x[i])
    return least
  }),
  reduction(minmax, (x) => plainEnds(x)),
  reduction(argmax, (x) => {
    let at = 0
    for (let i = 1; i < x.length; i++) if (x[i] > x[at]) at = i
    return at
  }),
  reduction(norm, (x) => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i] * x[i]
    return Math.sqrt(total)
  }),
  call(dot, pair, (x, y) => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i] * y[i]
    return total
  }),
  reduction(describe, (x) => {
    const squares = plainVariance(x)
    return { count: x.length, ...plainEnds(x), variance: squares, std: Math.sqrt(squares) }
  }),
  call(sum, f32, (x) => x.reduce((a, b) => a + b, 0), { label: 'sum float32' }),

  call(sort, f64, (x) => x.toSorted()),
  call(sort, bytes, (x) => x.toSorted(), { label: 'sort uint8' }),
  call(argsort, f64, (x) => Uint32Array.from(x.keys()).toSorted((i, j) => x[i] - x[j])),
  withK(topk, (x, k) => {
    const indices = Uint32Array.from(x.keys())
      .toSorted((i, j) => x[j] - x[i])
      .slice(0, k)
    return { values: Float64Array.from(indices, (i) => x[i]), indices }
  }),
  withK(partition, (x) => x.toSorted()),
  call(unique, bytes, (x) => [...new Set(x)].toSorted((a, b) => a - b)),
  call(
    searchsorted,
    (n) => [numbers(Float64Array, n).toSorted(), numbers(Float64Array, n)],
    (sorted, values) => {
      const found = new Uint32Array(values.length)
      for (let i = 0; i < values.length; i++) {
        let low = 0
        let high = sorted.length
        while (low < high) {
          const middle = (low + high) >>> 1
          if (sorted[middle] < values[i]) low = middle + 1
          else high = middle
        }
        found[i] = low
      }
      return found
    },
  ),
  call(median, f64, (x) => {
    const sorted = x.toSorted()
    const half = sorted.length >> 1
    return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }),
  call(
    quantile,
    (n) => [numbers(Float64Array, n), 0.9],
    (x, q) => {
      const sorted = x.toSorted()
      const place = q * (sorted.length - 1)
      const i = Math.floor(place)
      return sorted[i] + (place - i) * ((sorted[i + 1] ?? 0) - sorted[i])
    },
  ),
  call(rank, f64, (x) => {
    const order = Uint32Array.from(x.keys()).toSorted((i, j) => x[i] - x[j])
    const ranks = new Float64Array(x.length)
    order.forEach((at, i) => (ranks[at] = i + 1))
    return ranks
  }),

  call(cumsum, f64, (x) => {
    const y = new Float64Array(x.length)
    let total = 0
    for (let i = 0; i < x.length; i++) y[i] = total += x[i]
    return y
  }),
  call(cumprod, f64, (x) => {
    const y = new Float64Array(x.length)
    let product = 1
    for (let i = 0; i < x.length; i++) y[i] = product *= x[i]
    return y
  }),
  call(diff, f64, (x) => {
    const y = new Float64Array(x.length - 1)
    for (let i = 0; i < y.length; i++) y[i] = x[i + 1] - x[i]
    return y
  }),
  call(histogram, f64, (x) => plainHistogram(x)),
  call(histogram, bytes, (x) => plainHistogram(x), { label: 'histogram uint8' }),
  call(bincount, bytes, (x) => {
    let most = 0
    for (let i = 0; i < x.length; i++) if (x[i] > most) most = x[i]
    const counts = new Uint32Array(most + 1)
    for (let i = 0; i < x.length; i++) counts[x[i]]++
    return counts
  }),

  call(normalize, f64, (x) => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i] * x[i]
    const by = Math.sqrt(total)
    const y = new Float64Array(x.length)
    for (let i = 0; i < x.length; i++) y[i] = x[i] / by
    return ndarray(y, [y.length])
  }),
  square(
    transpose,
    (side) => [matrix(side)],
    (x) => {
      const [rows, columns] = x.shape
      const y = new Float64Array(rows * columns)
      for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) y[j * rows + i] = x.data[i * columns + j]
      return y
    },
  ),
  square(
    matmul,
    (side) => [matrix(side), matrix(side, 1)],
    (a, b) => plainProduct(a, b),
  ),
  call(
    convolve,
    (n) => [numbers(Float64Array, n), numbers(Float64Array, 5)],
    (x, kernel) => {
      const y = new Float64Array(x.length + kernel.length - 1)
      for (let i = 0; i < x.length; i++) for (let j = 0; j < kernel.length; j++) y[i + j] += x[i] * kernel[j]
      return y
    },
  ),
  {
    name: 'fft',
    sizes: [8, 64, 512],
    input: (n) => [numbers(Float64Array, 2 * n), rootsOf(n)],
    sync: (x) => fft.sync(x),
    plain: (x, roots) => {
      const y = x.slice()
      radix2(y, y.length / 2, roots)
      return y
    },
  },
  {
    name: 'levenshtein',
    sizes: [5, 20, 100],
    input: (n) => [text(n, 1), [text(n, 2)]],
    sync: (query, list) => levenshtein.sync(query, list),
    plain: (query, list) => Uint32Array.from(list, (each) => plainDistance(query, each)),
  },
  ...['xxh3', 'crc32c', 'blake3', 'sha256'].map((algorithm) => ({
    name: `hash ${algorithm}`,
    sizes: [10, 100, 1000],
    input: bytes,
    sync: (x) => hash.sync(x, { algorithm }),
    // The least that one would write: FNV-1a, as a string.
    plain: (x) => {
      let bits = 0x811c9dc5
      for (let i = 0; i < x.length; i++) bits = Math.imul(bits ^ x[i], 0x01000193)
      return (bits >>> 0).toString(16)
    },
  })),
  ...['uniform', 'normal', 'exponential'].map((name) => ({
    name: `random.${name}`,
    sizes: [10, 100, 1000],
    input: (n) => [n],
    sync: (n) => random[name].sync(n),
    plain: (n) => {
      const y = new Float64Array(n)
      for (let i = 0; i < n; i++) {
        const u = Math.random()
        if (name === 'uniform') y[i] = u
        else if (name === 'exponential') y[i] = -Math.log(1 - u)
        else y[i] = Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * Math.random())
      }
      return y
    },
  })),
  {
    name: 'random.integers',
    sizes: [10, 100, 1000],
    input: (n) => [n, { high: 6 }],
    sync: (n, options) => random.integers.sync(n, options),
    plain: (n, { high }) => {
      const y = new Int32Array(n)
      for (let i = 0; i < n; i++) y[i] = Math.floor(Math.random() * high)
      return y
    },
  },
]

function call(kernel, input, plain, { label = kernel.name } = {}) {
  return { name: label, sizes: [10, 100, 1000], input, sync: (...args) => kernel.sync(...args), plain }
}

function reduction(kernel, plain) {
  return { name: kernel.name, sizes: [10, 100, 1000], input: f64, sync: kernel.sync, plain }
}

function withK(kernel, plain) {
  return call(kernel, (n) => [numbers(Float64Array, n), Math.min(5, n)], plain)
}

function square(kernel, input, plain) {
  return { ...call(kernel, (side) => input(side), plain), sizes: [4, 10, 32] }
}

function text(n, seed) {
  const next = mulberry32(seed)
  return String.fromCharCode(...Array.from({ length: n }, () => 97 + Math.floor(next() * 26)))
}

function plainVariance(x) {
  let total = 0
  for (let i = 0; i < x.length; i++) total += x[i]
  const middle = total / x.length
  let squares = 0
  for (let i = 0; i < x.length; i++) squares += (x[i] - middle) ** 2
  return squares / x.length
}

function plainEnds(x) {
  let least = Infinity
  let most = -Infinity
  for (let i = 0; i < x.length; i++) {
    if (x[i] < least) least = x[i]
    if (x[i] > most) most = x[i]
  }
  return { min: least, max: most }
}

function plainHistogram(x) {
  const { min: low, max: high } = plainEnds(x)
  const counts = new Float64Array(10)
  const edges = Float64Array.from({ length: 11 }, (_, i) => low + (i * (high - low)) / 10)
  const scale = 10 / (high - low)
  for (let i = 0; i < x.length; i++) counts[Math.min(9, Math.floor((x[i] - low) * scale))]++
  return { counts, edges }
}

function plainProduct(a, b) {
  const [rows, inner] = a.shape
  const columns = b.shape[1]
  const c = new Float64Array(rows * columns)
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      const factor = a.data[i * inner + k]
      for (let j = 0; j < columns; j++) c[i * columns + j] += factor * b.data[k * columns + j]
    }
  }
  return ndarray(c, [rows, columns])
}

function plainDistance(a, b) {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let diagonal = row[0]
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]
      const change = a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? diagonal : diagonal + 1
      row[j] = Math.min(above + 1, row[j - 1] + 1, change)
      diagonal = above
    }
  }
  return row[b.length]
}
