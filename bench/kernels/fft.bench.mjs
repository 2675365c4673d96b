import { fft } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'
import { radix2, rootsOf } from '../harness/radix2.mjs'

/** Length and number of transforms. */
const shapes = [
  [64, 1],
  [1024, 1],
  [1024, 10000],
  [1000, 1000],
  [2 ** 16, 1],
  [2 ** 20, 1],
  [2 ** 22, 1],
  [1000003, 1],
]
const headlines = new Set([1024, 2 ** 20, 1000003])

const sizes = [Float64Array, Float32Array].flatMap((Type) =>
  shapes
    .filter(([n, lines]) => Type === Float64Array || n * lines === 2 ** 20 || n * lines === 10240000)
    .map(([n, lines]) => ({
      name: `${lines === 1 ? '' : `${lines} of `}${n} ${Type === Float64Array ? 'float64' : 'float32'}`,
      headline: headlines.has(n),
      input: () => [uniform(Type, 2 * n * lines, 1), { n }],
      // The plain transform knows powers of two.
      plainMs: (n & (n - 1)) !== 0 ? Infinity : (n * lines * Math.log2(n)) / 2e5,
      work: { amount: (5 * n * lines * Math.log2(n)) / 1e6, unit: 'GFLOP/s' },
    })),
)

/** fft with options of the bench beside its own. */
const transform = Object.assign((x, { n }, options) => fft(x, { ...options, n }), {
  sync: (x, { n }) => fft.sync(x, { n }),
})

export default kernelBench({
  question: 'What does a transform of complex numbers cost: short, long, many, of prime length?',
  kernel: transform,
  // The loops of every textbook: bits reversed, then radix 2 (Cooley and Tukey 1965), roots in a table.
  plain(x, { n }) {
    const y = x.slice()
    const roots = rootsOf(n)
    for (let start = 0; start < y.length; start += 2 * n) radix2(y.subarray(start, start + 2 * n), n, roots)
    return y
  },
  out: (x) => new x.constructor(x.length),
  peers: {
    // One transform of a power of two at a time, with its tables made beforehand.
    'fft.js': ({ default: FFT }, x, { n }) => {
      if (n < 2 || (n & (n - 1)) !== 0) return undefined
      const plan = new FFT(n)
      const out = new Float64Array(x.length)
      return () => {
        for (let start = 0; start < x.length; start += 2 * n) {
          plan.transform(out.subarray(start, start + 2 * n), x.subarray(start, start + 2 * n))
        }
        return out
      }
    },
  },
  // Errors are of the size of a few units of the norm, which is about √n here.
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    const epsilon = left instanceof Float64Array && right instanceof Float64Array ? 2 ** -53 : 2 ** -24
    return left.every((value, i) => Math.abs(value - right[i]) <= 1e6 * epsilon)
  },
  sizes,
})
