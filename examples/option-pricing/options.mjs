// What is priced, in one market: calls and puts on the last price, on the average price, and on the geometric average.

const market = { spot: 100, rate: 0.03, volatility: 0.2, years: 1 }

/** @param steps How many prices an average is taken of. */
export function makeOptions(steps) {
  return [
    { name: 'European call', of: 'last', side: 1, strike: 105, steps: 1, ...market },
    { name: 'European put', of: 'last', side: -1, strike: 105, steps: 1, ...market },
    { name: 'geometric Asian call', of: 'geometric', side: 1, strike: 100, steps, ...market },
    { name: 'Asian call', of: 'arithmetic', side: 1, strike: 100, steps, ...market },
  ]
}
