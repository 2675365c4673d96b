import { sort } from 'offloop'

import { mulberry32, uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const headlines = new Set([
  '1e+3 float64 uniform',
  '1e+5 float64 uniform',
  '1e+6 float64 uniform',
  '1e+6 float64 few values',
])

/** What is to be sorted, by name. */
const orders = {
  uniform: (Type, n) => (Type === Float64Array ? uniform(Type, n) : fill(Type, n, (next) => next() * 2 ** 32)),
  'few values': (Type, n) => fill(Type, n, (next) => Math.floor(next() * 100)),
  sorted: (Type, n) => fill(Type, n, (_, i) => i),
}

function fill(Type, n, make) {
  const numbers = uniform(Type, n)
  const next = mulberry32(3)
  for (let i = 0; i < n; i++) numbers[i] = make(next, i)
  return numbers
}

const sizes = [Float64Array, Uint32Array].flatMap((Type) =>
  Object.entries(orders).flatMap(([order, make]) =>
    [1e2, 1e3, 1e4, 1e5, 1e6, 1e7].map((n) => {
      const name = `${n.toExponential()} ${Type.name.slice(0, -5).toLowerCase()} ${order}`
      return {
        name,
        headline: headlines.has(name),
        input: () => [make(Type, n)],
        plainMs: n / 1e4,
        work: { amount: n / 1e3, unit: 'million/s' },
      }
    }),
  ),
)

export default kernelBench({
  question: "What does sorting cost against the engine's own sort, and what do few values or sorted input change?",
  kernel: sort,
  plain: (x) => x.toSorted(),
  out: (x) => x.slice(),
  agree: arraysWithin(0),
  peers: {
    'numpy-ts': ({ array, sort: order }, x) => {
      const values = array(x)
      return () => order(values).data
    },
  },
  sizes,
})
