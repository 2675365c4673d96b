// What is said about samples: nothing here assumes that they are normal, as times never are.

/** @param part 0 to 1; 0.5 is the median. Interpolates between neighbours. */
export function quantile(samples, part) {
  const sorted = Float64Array.from(samples).toSorted()
  const at = (sorted.length - 1) * part
  const below = Math.floor(at)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (at - below) * (sorted[above] - sorted[below])
}

export function median(samples) {
  return quantile(samples, 0.5)
}

/**
 * Half the width of the median's 95 % confidence interval, relative to the median: order statistics around the middle,
 * whose ranks are binomial. Infinity for fewer than 6 samples, which can't bound it.
 */
export function medianError(samples) {
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
 * two-sided U test of Mann and Whitney (1947), by its normal approximation with the correction for ties.
 */
export function mannWhitney(a, b) {
  const n = a.length + b.length
  const all = [...a.map((value) => ({ value, mine: true })), ...b.map((value) => ({ value, mine: false }))]
  all.sort((left, right) => left.value - right.value)
  let rankSum = 0
  let ties = 0
  for (let first = 0; first < n;) {
    let end = first + 1
    while (end < n && all[end].value === all[first].value) end++
    const rank = (first + 1 + end) / 2
    for (let i = first; i < end; i++) if (all[i].mine) rankSum += rank
    ties += (end - first) ** 3 - (end - first)
    first = end
  }
  const u = rankSum - (a.length * (a.length + 1)) / 2
  const middle = (a.length * b.length) / 2
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (n + 1 - ties / (n * (n - 1))))
  if (!(deviation > 0)) return 1
  const z = Math.max(0, Math.abs(u - middle) - 0.5) / deviation
  return Math.min(1, 2 * upperTail(z))
}

/**
 * p-values as they are after m tests at once: the step-down method of Holm (1979), which keeps the chance of even one
 * false alarm among them all below the level.
 */
export function holm(values) {
  const order = values.map((_, index) => index).toSorted((a, b) => values[a] - values[b])
  const adjusted = new Array(values.length)
  let most = 0
  order.forEach((index, step) => {
    most = Math.max(most, Math.min(1, values[index] * (values.length - step)))
    adjusted[index] = most
  })
  return adjusted
}

// The chance that a standard normal variable exceeds z >= 0: Abramowitz and Stegun (1964), 26.2.17, error below 8e-8,
// and far out the first terms of its asymptotic series, 26.2.12.
function upperTail(z) {
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)
  if (z > 4) return (density / z) * (1 - 1 / z ** 2 + 3 / z ** 4)
  const t = 1 / (1 + 0.2316419 * z)
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return density * series
}
