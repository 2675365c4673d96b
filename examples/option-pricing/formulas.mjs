// Exact prices, where there are any.

/**
 * F. Black and M. Scholes, The Pricing of Options and Corporate Liabilities, 1973. The geometric average of prices is
 * lognormal as well, so that its price has the same form (A. Kemna and A. Vorst, A Pricing Method for Options Based on
 * Average Asset Values, 1990). Undefined for the arithmetic average, which has no such formula.
 */
export function exactPrice({ of, side, spot, strike, rate, volatility, years, steps }) {
  if (of === 'arithmetic') return undefined
  const drift = rate - volatility ** 2 / 2
  // Mean and variance of the logarithm of what is paid for; averages are of prices at years/steps, 2·years/steps, …
  const [mean, variance] =
    of === 'last'
      ? [drift * years, volatility ** 2 * years]
      : [
          (drift * years * (steps + 1)) / (2 * steps),
          (volatility ** 2 * years * (steps + 1) * (2 * steps + 1)) / (6 * steps ** 2),
        ]
  const forward = spot * Math.exp(mean + variance / 2)
  const width = Math.sqrt(variance)
  const d1 = (Math.log(forward / strike) + variance / 2) / width
  const paid = forward * normalBelow(side * d1) - strike * normalBelow(side * (d1 - width))
  return side * Math.exp(-rate * years) * paid
}

/** The share of a normal distribution that is below x: G. Marsaglia, Evaluating the Normal Distribution, 2004. */
function normalBelow(x) {
  if (Math.abs(x) > 8) return x < 0 ? 0 : 1
  let [sum, term] = [x, x]
  for (let i = 3; sum + term !== sum; i += 2) {
    term *= (x * x) / i
    sum += term
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI)
}
