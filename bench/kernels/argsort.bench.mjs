import { argsort } from 'offloop'

import { mulberry32, uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const headlines = new Set(['1e+5 float64 uniform', '1e+6 float64 uniform', '1e+6 uint32 uniform'])

function fill(Type, n, make) {
  const numbers = uniform(Type, n)
  const next = mulberry32(3)
  for (let i = 0; i < n; i++) numbers[i] = make(next, i)
  return numbers
}

const orders = {
  uniform: (Type, n) => fill(Type, n, (next) => next() * (Type === Float64Array ? 1 : 2 ** 32)),
  'few values': (Type, n) => fill(Type, n, (next) => Math.floor(next() * 100)),
}

const sizes = [Float64Array, Uint32Array].flatMap((Type) =>
  Object.entries(orders).flatMap(([order, make]) =>
    [1e2, 1e3, 1e5, 1e6, 1e7].map((n) => {
      const name = `${n.toExponential()} ${Type.name.slice(0, -5).toLowerCase()} ${order}`
      return {
        name,
        headline: headlines.has(name),
        input: () => [make(Type, n)],
        plainMs: n / 1e3,
        work: { amount: n / 1e3, unit: 'million/s' },
      }
    }),
  ),
)

export default kernelBench({
  question: 'What does a stable argsort cost against sorting indices with a comparator?',
  kernel: argsort,
  plain: (x) => Uint32Array.from(x.keys()).toSorted((i, j) => x[i] - x[j]),
  out: (x) => new Uint32Array(x.length),
  agree: arraysWithin(0),
  peers: {
    // Its order of equal elements is its own.
    'numpy-ts': (np, x) => {
      if (new Set(x).size < x.length) return undefined
      const array = np.array(x)
      return () => np.argsort(array).data
    },
  },
  sizes,
})
