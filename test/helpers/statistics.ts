// Tests of randomness. Each gives a z-score: the distance of what was found from what is to be expected, in standard
// deviations, so that one threshold serves them all.

/** How far from its expectation a sample mean is that has `expected` and `variance` an element. */
export function meanScore(mean: number, n: number, expected: number, variance: number): number {
  return (mean - expected) / Math.sqrt(variance / n)
}

/** Pearson's chi-square against expected counts, made normal by Wilson and Hilferty (1931). */
export function chiSquareScore(
  counts: ArrayLike<number>,
  expected: ArrayLike<number>,
  freedom = counts.length - 1,
): number {
  let square = 0
  for (let i = 0; i < counts.length; i++) square += (counts[i] - expected[i]) ** 2 / expected[i]
  const spread = 2 / (9 * freedom)
  return (Math.cbrt(square / freedom) - (1 - spread)) / Math.sqrt(spread)
}

/** The same where all counts are expected to be equal. */
export function evenScore(counts: ArrayLike<number>): number {
  let total = 0
  for (let i = 0; i < counts.length; i++) total += counts[i]
  return chiSquareScore(counts, new Float64Array(counts.length).fill(total / counts.length))
}

/** Kolmogorov and Smirnov: the greatest distance between two distribution functions, times the square root of n. */
export function kolmogorov(x: Float64Array, distribution: (value: number) => number): number {
  const sorted = x.toSorted()
  const n = sorted.length
  let most = 0
  sorted.forEach((value, i) => {
    const at = distribution(value)
    most = Math.max(most, at - i / n, (i + 1) / n - at)
  })
  return most * Math.sqrt(n)
}

/** Correlation of each element with the one `lag` further on. */
export function serialScore(x: ArrayLike<number>, lag: number, mean: number, variance: number): number {
  const n = x.length - lag
  let sum = 0
  for (let i = 0; i < n; i++) sum += (x[i] - mean) * (x[i + lag] - mean)
  return sum / variance / Math.sqrt(n)
}

/** Runs above and below the median (Wald and Wolfowitz 1940). */
export function runsScore(x: ArrayLike<number>, median: number): number {
  let runs = 1
  let above = Number(x[0] > median)
  for (let i = 1; i < x.length; i++) {
    above += Number(x[i] > median)
    if (x[i] > median !== x[i - 1] > median) runs++
  }
  const n = x.length
  const product = 2 * above * (n - above)
  const expected = product / n + 1
  return (runs - expected) / Math.sqrt((product * (product - n)) / (n * n * (n - 1)))
}

/** Lengths of the gaps between elements below `share` of [0, 1) (Knuth, TAOCP 2, 3.3.2 D). */
export function gapScore(x: ArrayLike<number>, share: number): number {
  const most = 40
  const counts = new Float64Array(most + 1)
  let gap = 0
  for (let i = 0; i < x.length; i++) {
    if (x[i] < share) {
      counts[Math.min(gap, most)]++
      gap = 0
    } else gap++
  }
  const gaps = counts.reduce((sum, count) => sum + count)
  const expected = counts.map((_, i) => gaps * (i === most ? 1 : share) * (1 - share) ** i)
  return chiSquareScore(counts, expected)
}

/** Equal spacings between 4,096 sorted words: Poisson with mean 4 (Marsaglia 1985; Knuth 3.3.2 J). */
export function birthdayScore(words: Uint32Array): number {
  const birthdays = 4096
  const rounds = Math.floor(words.length / birthdays)
  let equal = 0
  for (let round = 0; round < rounds; round++) {
    const sorted = words.slice(round * birthdays, (round + 1) * birthdays).toSorted()
    const spacings = sorted.map((word, i) => word - (i === 0 ? sorted[birthdays - 1] : sorted[i - 1])).toSorted()
    for (let i = 1; i < birthdays; i++) equal += Number(spacings[i] === spacings[i - 1])
  }
  const expected = (rounds * birthdays ** 3) / 4 / 2 ** 32
  return (equal - expected) / Math.sqrt(expected)
}

/** How often each of 32 bits is set. */
export function bitScores(words: Uint32Array): number[] {
  const counts = new Float64Array(32)
  for (const word of words) for (let bit = 0; bit < 32; bit++) counts[bit] += (word >>> bit) & 1
  return Array.from(counts, (count) => meanScore(count / words.length, words.length, 0.5, 0.25))
}

/** The normal distribution function, by a series (Marsaglia, "Evaluating the Normal Distribution", 2004). */
export function normalDistribution(x: number): number {
  if (x < -7) return 0
  if (x > 7) return 1
  let sum = x
  let term = x
  for (let i = 3; sum !== sum + term; i += 2) sum += term *= (x * x) / i
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
