import { rfft } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'
import { radix2, rootsOf } from '../harness/radix2.mjs'

/** Length and number of transforms. */
const shapes = [
  [1024, 1],
  [1024, 10000],
  [2 ** 20, 1],
  [2 ** 22, 1],
  [1000003, 1],
]

const sizes = shapes.map(([n, lines]) => ({
  name: `${lines === 1 ? '' : `${lines} of `}${n} float64`,
  headline: n === 2 ** 20,
  input: () => [uniform(Float64Array, n * lines, 1), { n }],
  plainMs: (n & (n - 1)) !== 0 ? Infinity : (n * lines * Math.log2(n)) / 2e5,
  work: { amount: (2.5 * n * lines * Math.log2(n)) / 1e6, unit: 'GFLOP/s' },
}))

/** rfft with options of the bench beside its own. */
const transform = Object.assign((x, { n }, options) => rfft(x, { ...options, n }), {
  sync: (x, { n }) => rfft.sync(x, { n }),
})

export default kernelBench({
  question: 'What does a transform of real numbers cost?',
  kernel: transform,
  // Radix 2 on complex numbers without imaginary parts, as one would with the plain transform at hand.
  plain(x, { n }) {
    const roots = rootsOf(n)
    const lines = x.length / n
    const half = n + 2
    const result = new Float64Array(lines * half)
    const y = new Float64Array(2 * n)
    for (let line = 0; line < lines; line++) {
      for (let i = 0; i < n; i++) {
        y[2 * i] = x[line * n + i]
        y[2 * i + 1] = 0
      }
      radix2(y, n, roots)
      result.set(y.subarray(0, half), line * half)
    }
    return result
  },
  out: (x, { n }) => new Float64Array((x.length / n) * 2 * (Math.floor(n / 2) + 1)),
  peers: {
    'fft.js': ({ default: FFT }, x, { n }) => {
      if (n < 2 || (n & (n - 1)) !== 0) return undefined
      const plan = new FFT(n)
      const spectrum = new Float64Array(2 * n)
      const lines = x.length / n
      const out = new Float64Array(lines * (n + 2))
      return () => {
        for (let line = 0; line < lines; line++) {
          plan.realTransform(spectrum, x.subarray(line * n, (line + 1) * n))
          out.set(spectrum.subarray(0, n + 2), line * (n + 2))
        }
        return out
      }
    },
    'numpy-ts': (np, x, { n }) => {
      const input = np.array(x).reshape(x.length / n, n)
      return () => np.fft.rfft(input).data
    },
  },
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    return left.every((value, i) => Math.abs(value - right[i]) <= 1e6 * 2 ** -53)
  },
  sizes,
})
