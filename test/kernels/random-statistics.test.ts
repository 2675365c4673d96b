import { random } from 'offloop'
import { describe, expect, it } from 'vitest'

import {
  birthdayScore,
  bitScores,
  chiSquareScore,
  evenScore,
  gapScore,
  kolmogorov,
  meanScore,
  normalDistribution,
  runsScore,
  serialScore,
} from '../helpers/statistics.ts'

// Seeds are fixed, so a test passes always or never. Of about 400 scores each would be beyond 4.5 by chance once in
// 150,000 times: p < 7e-6. For Kolmogorov and Smirnov the same p is at 2.5: 2 exp(-2 · 2.5²).
const limit = 4.5
const kolmogorovLimit = 2.5
const n = 1_000_000
const seed = 20240229

function expectAll(scores: readonly number[], what: string): void {
  scores.forEach((score, i) => expect(Math.abs(score), `${what}, ${i}`).toBeLessThan(limit))
}

const uniform = await random.uniform(n, { seed })
const normal = await random.normal(4 * n, { seed })
const exponential = await random.exponential(4 * n, { seed })
const words = await random.integers(n, { seed, high: 2 ** 32, dtype: 'uint32' })
const singles = Float64Array.from(await random.uniform(n, { seed, dtype: 'float32' }))

const distributions = {
  uniform: { x: uniform, moment: (k: number) => 1 / (k + 1), cdf: (x: number) => x, median: 0.5 },
  'uniform float32': { x: singles, moment: (k: number) => 1 / (k + 1), cdf: (x: number) => x, median: 0.5 },
  normal: {
    x: normal,
    // (k - 1)!! where k is even.
    moment: (k: number) => (k % 2 === 1 ? 0 : [1, 1, 3, 15, 105][k / 2]),
    cdf: normalDistribution,
    median: 0,
  },
  exponential: {
    x: exponential,
    moment: (k: number) => [1, 1, 2, 6, 24, 120, 720, 5040, 40320][k],
    cdf: (x: number) => -Math.expm1(-x),
    median: Math.LN2,
  },
}

describe.each(Object.entries(distributions))('%s', (_, { x, moment, cdf, median }) => {
  it('has its distribution function (Kolmogorov and Smirnov)', () => {
    for (let part = 0; part < 4; part++) {
      const sample = x.slice(part * 200_000, (part + 1) * 200_000)
      expect(kolmogorov(sample, cdf)).toBeLessThan(kolmogorovLimit)
    }
  })

  it('has even counts in 1,000 cells of equal probability', () => {
    const counts = new Float64Array(1000)
    for (const value of x) counts[Math.min(999, Math.floor(cdf(value) * 1000))]++
    expectAll([evenScore(counts)], 'cells')
  })

  it('has its first four moments', () => {
    const sums = new Float64Array(5)
    for (const value of x) for (let k = 1; k <= 4; k++) sums[k] += value ** k
    for (let k = 1; k <= 4; k++) {
      const variance = moment(2 * k) - moment(k) ** 2
      expectAll([meanScore(sums[k] / x.length, x.length, moment(k), variance)], `moment ${k}`)
    }
  })

  it('has no correlation between neighbours, groups, pieces or blocks', () => {
    const variance = moment(2) - moment(1) ** 2
    const lags = [1, 2, 3, 4, 7, 8, 15, 16, 17, 32, 64, 127, 128, 129, 256, 512, 1024, 16384, 65536]
    expectAll(
      lags.map((lag) => serialScore(x, lag, moment(1), variance)),
      'lag',
    )
  })

  it('has as many runs above and below the median as there should be', () => {
    expectAll([runsScore(x, median)], 'runs')
  })
})

describe('uniform numbers', () => {
  it('fill the square and the cube evenly', () => {
    const square = new Float64Array(100 * 100)
    for (let i = 0; i + 1 < n; i += 2) square[Math.floor(uniform[i] * 100) * 100 + Math.floor(uniform[i + 1] * 100)]++
    const cube = new Float64Array(20 ** 3)
    for (let i = 0; i + 2 < n; i += 3) {
      const cell = [0, 1, 2].reduce((at, k) => at * 20 + Math.floor(uniform[i + k] * 20), 0)
      cube[cell]++
    }
    expectAll([evenScore(square), evenScore(cube)], 'dimensions')
  })

  it('have gaps of the right lengths, and words the right spacings', () => {
    expectAll([gapScore(uniform, 0.1), gapScore(singles, 0.3), birthdayScore(words)], 'gaps')
  })

  it('have every bit set half of the time, be it of 53, 32 or 24', () => {
    const upper = Uint32Array.from(uniform, (u) => u * 2 ** 32)
    const lower = Uint32Array.from(uniform, (u, i) => (u * 2 ** 32 - upper[i]) * 2 ** 32)
    const single = Uint32Array.from(singles, (u) => u * 2 ** 32)
    expectAll(bitScores(words), 'word')
    expectAll(bitScores(upper), 'upper')
    expectAll(bitScores(lower).slice(11), 'lower')
    expect(lower.every((word) => word % 2 ** 11 === 0)).toBe(true)
    expectAll(bitScores(single).slice(8), 'single')
  })
})

describe('numbers of two seeds or streams that differ by one', () => {
  const neighbours = [
    [{ seed: 7 }, { seed: 8 }],
    [
      { seed: 7, stream: 0 },
      { seed: 7, stream: 1 },
    ],
    [
      { seed: 2 ** 32 - 1, stream: 4 },
      { seed: 2 ** 32, stream: 4 },
    ],
    [
      { seed: 1, stream: 0 },
      { seed: 0, stream: 1 },
    ],
  ] as const

  it.each(neighbours)('differ in half of their bits, and do not correlate: %j, %j', async (first, second) => {
    const options = { high: 2 ** 32, dtype: 'uint32' } as const
    const [a, b] = await Promise.all([first, second].map((seeds) => random.integers(n, { ...options, ...seeds })))
    expectAll(bitScores(a.map((word, i) => word ^ b[i])), 'difference')
    let sum = 0
    for (let i = 0; i < n; i++) sum += (a[i] / 2 ** 32 - 0.5) * (b[i] / 2 ** 32 - 0.5)
    expectAll([(sum * 12) / Math.sqrt(n)], 'correlation')
  })

  it('do not correlate when each gives one number alone', () => {
    const x = Float64Array.from({ length: 20_000 }, (_, i) => random.uniform.sync(1, { seed: i })[0])
    const y = Float64Array.from({ length: 20_000 }, (_, i) => random.uniform.sync(1, { seed: 1, stream: i })[0])
    for (const numbers of [x, y]) {
      expectAll([serialScore(numbers, 1, 0.5, 1 / 12), serialScore(numbers, 2, 0.5, 1 / 12)], 'seeds')
      expect(kolmogorov(numbers, (u) => u)).toBeLessThan(kolmogorovLimit)
    }
  })
})

describe('the tails', () => {
  it('have as many numbers as they should, on both sides', () => {
    const edge = 3.6541528853610088
    const share = 1 - normalDistribution(edge)
    const [low, high] = [normal.filter((z) => z < -edge).length, normal.filter((z) => z > edge).length]
    const far = normal.filter((z) => Math.abs(z) > 4.5).length
    const farShare = 2 * (1 - normalDistribution(4.5))
    const score = (count: number, p: number) => (count - 4 * n * p) / Math.sqrt(4 * n * p)
    const late = exponential.filter((x) => x > 7.69711747013105)
    const mean = late.reduce((sum, x) => sum + x, 0) / late.length - 7.69711747013105
    expectAll([score(low, share), score(high, share), score(far, farShare)], 'normal')
    expectAll([score(late.length, Math.exp(-7.69711747013105)), meanScore(mean, late.length, 1, 1)], 'exponential')
  })
})

describe('integers', () => {
  it.each([2, 3, 6, 7, 10, 100, 1000, 4096])('below %i are all as frequent', async (high) => {
    const counts = new Float64Array(high)
    for (const value of await random.integers(n, { seed, high })) counts[value]++
    expectAll([evenScore(counts)], 'counts')
  })

  it('of a range that does not divide 2^32 or 2^53 are unbiased', async () => {
    for (const high of [3 * 2 ** 30, 3 * 2 ** 51]) {
      const x = await random.integers(n, { seed, high, dtype: 'float64' })
      const thirds = new Float64Array(3)
      const remainders = new Float64Array(3)
      for (const value of x) {
        thirds[Math.floor(value / (high / 3))]++
        remainders[value % 3]++
      }
      expectAll([evenScore(thirds), evenScore(remainders)], 'thirds')
    }
  })
})

describe('permutations', () => {
  it.each([2, 3, 4, 5])('of %i elements are all as frequent', (size) => {
    const counts = new Map<string, number>()
    const orders = [1, 1, 2, 6, 24, 120][size]
    for (let i = 0; i < 200 * orders; i++) {
      const key = random.permutation.sync(size, { seed: i }).join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(orders)
    expectAll([evenScore([...counts.values()])], 'orders')
  })

  it('of many elements, dealt to buckets, put each anywhere, and every pair in either order', async () => {
    const size = 40_000
    const rounds = 1000
    const places = Array.from({ length: 3 }, () => new Float64Array(20))
    let fixed = 0
    let ordered = 0
    let descents = 0
    for (let i = 0; i < rounds; i++) {
      const p = random.permutation.sync(size, { seed: 1, stream: i })
      const at = [0, 1, size - 1].map((element) => p.indexOf(element))
      at.forEach((place, k) => places[k][Math.floor((place * 20) / size)]++)
      ordered += Number(at[0] < at[1])
      for (let k = 1; k < size; k++) {
        if (p[k] === k) fixed++
        if (p[k] < p[k - 1]) descents++
      }
    }
    expectAll(places.map(evenScore), 'places')
    // Fixed points are Poisson with mean 1; descents have the variance (size + 1) / 12.
    expectAll([(fixed - rounds) / Math.sqrt(rounds), meanScore(ordered / rounds, rounds, 0.5, 0.25)], 'pairs')
    expectAll([meanScore(descents / rounds, rounds, (size - 1) / 2, (size + 1) / 12)], 'descents')
  })

  it('of many elements spread every part of them over every part of the places', () => {
    const size = 60_000
    const rounds = 50
    const parts = new Float64Array(16)
    for (let i = 0; i < rounds; i++) {
      random.permutation.sync(size, { seed: 2, stream: i }).forEach((element, place) => {
        parts[Math.floor((element * 4) / size) * 4 + Math.floor((place * 4) / size)]++
      })
    }
    // Rows and columns have given sums, which leaves 9 degrees of freedom.
    expectAll([chiSquareScore(parts, new Float64Array(16).fill((rounds * size) / 16), 9)], 'parts')
  })
})
