import { describe } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { kernelBench, within } from '../harness/kernel-bench.mjs'

const close = within(1e-9)

export default kernelBench({
  question: 'What do eight statistics cost in one pass, against the three loops one would write?',
  kernel: describe,
  plain(x) {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i]
    const mean = total / x.length
    let [m2, m3, m4] = [0, 0, 0]
    for (let i = 0; i < x.length; i++) {
      const d = x[i] - mean
      const square = d * d
      m2 += square
      m3 += square * d
      m4 += square * square
    }
    let min = Infinity
    let max = -Infinity
    for (let i = 0; i < x.length; i++) {
      if (x[i] < min) min = x[i]
      if (x[i] > max) max = x[i]
    }
    const variance = m2 / x.length
    const skewness = m3 / x.length / variance ** 1.5
    const kurtosis = m4 / x.length / variance ** 2 - 3
    return { count: x.length, mean, variance, std: Math.sqrt(variance), min, max, skewness, kurtosis }
  },
  agree: (a, b) => Object.keys(a).every((key) => close(a[key], b[key])),
  sizes: [1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 5e7].map((n) => ({
    name: n.toExponential(),
    headline: [1e3, 1e5, 1e7].includes(n),
    input: () => [uniform(Float64Array, n)],
    work: { amount: (n * 8) / 1e6, unit: 'GB/s' },
  })),
})
