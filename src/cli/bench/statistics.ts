// What is said about samples: nothing here assumes that they are normal, as times never are.

/** @param part 0 to 1; 0.5 is the median. Interpolates between neighbours. */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = Float64Array.from(samples).toSorted()
  const at = (sorted.length - 1) * part
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

/**
 * Half the width of the median's 95 % confidence interval, relative to the median: order statistics around the middle,
 * whose ranks are binomial. Infinity for fewer than 6 samples, which can't bound it.
 */
export function medianError(samples: readonly number[]): number {
  const n = samples.length
  if (n < 6) return Infinity
  const sorted = Float64Array.from(samples).toSorted()
  const reach = 0.98 * Math.sqrt(n)
  const low = Math.max(0, Math.floor(n / 2 - reach))
  const high = Math.min(n - 1, Math.ceil(n / 2 + reach) - 1)
  return (sorted[high] - sorted[low]) / 2 / median(samples)
}

/**
 * The probability that two sets of samples as different as these, or more so, come from one distribution: the
 * two-sided U test of Mann and Whitney (1947). Exact for few samples without ties, by their recurrence; otherwise by the
 * normal approximation with the corrections for ties and continuity.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return 1
  const { u, ties } = rank(a, b)
  if (ties === 0 && a.length <= exactUpTo && b.length <= exactUpTo) return exactChance(u, a.length, b.length)
  const n = a.length + b.length
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))))
  if (!(deviation > 0)) return 1
  const z = Math.max(0, Math.abs(u - (a.length * b.length) / 2) - 0.5) / deviation
  return Math.min(1, 2 * upperTail(z))
}

const exactUpTo = 20

/** U of the first set, and what ties take from its variance. */
function rank(a: readonly number[], b: readonly number[]): { u: number; ties: number } {
  const all = [...a.map((value) => ({ value, mine: true })), ...b.map((value) => ({ value, mine: false }))]
  all.sort((left, right) => left.value - right.value)
  let rankSum = 0
  let ties = 0
  for (let first = 0; first < all.length;) {
    let end = first + 1
    while (end < all.length && all[end].value === all[first].value) end++
    const shared = (first + 1 + end) / 2
    for (let i = first; i < end; i++) if (all[i].mine) rankSum += shared
    ties += (end - first) ** 3 - (end - first)
    first = end
  }
  return { u: rankSum - (a.length * (a.length + 1)) / 2, ties }
}

/**
 * Of all orders of m and n samples, how many have which U: those that end with one of the m add n to the U of the rest,
 * those that end with one of the n add nothing.
 */
function exactChance(u: number, m: number, n: number): number {
  // counts[j][v]: orders of i and j samples with U = v, for the i at hand.
  let counts = Array.from({ length: n + 1 }, () => [1])
  for (let i = 1; i <= m; i++) {
    const next: number[][] = [[1]]
    for (let j = 1; j <= n; j++) {
      next.push(Array.from({ length: i * j + 1 }, (_, v) => (v >= j ? counts[j][v - j] : 0) + (next[j - 1][v] ?? 0)))
    }
    counts = next
  }
  const orders = counts[n]
  const total = orders.reduce((sum, count) => sum + count, 0)
  const tail = orders.slice(0, Math.min(u, m * n - u) + 1).reduce((sum, count) => sum + count, 0)
  return Math.min(1, (2 * tail) / total)
}

/**
 * p-values as they are after m tests at once: the step-down method of Holm (1979), which keeps the chance of even one
 * false alarm among them all below the level.
 */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a] - values[b])
  const adjusted = new Array<number>(values.length)
  let most = 0
  order.forEach((index, step) => {
    most = Math.max(most, Math.min(1, values[index] * (values.length - step)))
    adjusted[index] = most
  })
  return adjusted
}

// The chance that a standard normal variable exceeds z >= 0: Abramowitz and Stegun (1964), 26.2.17, error below 8e-8,
// and far out the first terms of its asymptotic series, 26.2.12.
function upperTail(z: number): number {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 4) return (density / z) * (1 - 1 / z ** 2 + 3 / z ** 4)
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return density * series
}
