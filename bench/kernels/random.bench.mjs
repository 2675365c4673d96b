import { random } from 'offloop'

import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

/** The loops one would write. Numbers differ, so what is compared is their distribution. */
const plain = {
  uniform(n) {
    const x = new Float64Array(n)
    for (let i = 0; i < n; i++) x[i] = Math.random()
    return x
  },
  normal(n) {
    const x = new Float64Array(n)
    for (let i = 0; i < n; i += 2) {
      const size = Math.sqrt(-2 * Math.log(1 - Math.random()))
      const angle = 2 * Math.PI * Math.random()
      x[i] = size * Math.cos(angle)
      if (i + 1 < n) x[i + 1] = size * Math.sin(angle)
    }
    return x
  },
  exponential(n) {
    const x = new Float64Array(n)
    for (let i = 0; i < n; i++) x[i] = -Math.log(1 - Math.random())
    return x
  },
  integers(n) {
    const x = new Int32Array(n)
    for (let i = 0; i < n; i++) x[i] = Math.floor(Math.random() * 6)
    return x
  },
  permutation(n) {
    const x = new Uint32Array(n)
    for (let i = 0; i < n; i++) {
      const j = Math.floor(Math.random() * (i + 1))
      x[i] = x[j]
      x[j] = i
    }
    return x
  },
}

/** All five as one function, by name. */
const withBounds = (name, options) => (name === 'integers' ? { ...options, high: 6 } : options)
const kernel = (name, n, options) => random[name](n, withBounds(name, options))
kernel.sync = (name, n, options) => random[name].sync(n, withBounds(name, options))

const peerCalls = {
  uniform: (numpy, n) => numpy.random([n]),
  normal: (numpy, n) => numpy.standard_normal([n]),
  exponential: (numpy, n) => numpy.standard_exponential([n]),
  integers: (numpy, n) => numpy.randint(0, 6, [n], 'int32'),
  permutation: (numpy, n) => numpy.permutation(n),
}

function mean(x) {
  let sum = 0
  for (const value of x) sum += Number(value)
  return sum / x.length
}

function spread(x, middle) {
  let sum = 0
  for (const value of x) sum += (Number(value) - middle) ** 2
  return Math.sqrt(sum / x.length)
}

/** Means no further apart than chance makes them: nine standard errors, of which a difference has √2. */
function alike(a, b) {
  const [x, y] = [elementsOf(a), b.data ?? elementsOf(b)]
  const middle = mean(x)
  return x.length === y.length && Math.abs(middle - mean(y)) < (9 * spread(x, middle)) / Math.sqrt(x.length) + 1e-9
}

const sizes = Object.keys(plain).flatMap((name) =>
  [1e2, 1e4, 1e6, 1e7].map((n) => ({
    name: `${name}, ${n.toExponential()}`,
    headline: n === 1e6 && (name === 'uniform' || name === 'normal'),
    input: () => [name, n],
    plainMs: n / 1e4,
    work: { amount: n / 1e3, unit: 'million/s' },
  })),
)

export default kernelBench({
  question: 'What do random numbers cost against Math.random, which has neither seed nor streams?',
  kernel,
  plain: (name, n) => plain[name](n),
  out: (name, n) => new (name === 'integers' ? Int32Array : name === 'permutation' ? Uint32Array : Float64Array)(n),
  agree: alike,
  peers: {
    'numpy-ts': (module, name, n) => {
      const peer = module.random ?? module.default.random
      return () => peerCalls[name](peer, n)
    },
  },
  sizes,
})
