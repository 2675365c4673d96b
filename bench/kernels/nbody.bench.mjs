import { nbody } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

const options = { softening: 0.01 }

export default kernelBench({
  question: 'What does gravity between all pairs of n bodies cost?',
  kernel: Object.assign((positions, masses, more) => nbody(positions, masses, { ...options, ...more }), {
    sync: (positions, masses) => nbody.sync(positions, masses, options),
  }),
  plain(positions, masses) {
    const n = masses.length
    const result = new Float64Array(3 * n)
    const soft = options.softening ** 2
    for (let i = 0; i < n; i++) {
      const x = positions[3 * i]
      const y = positions[3 * i + 1]
      const z = positions[3 * i + 2]
      let ax = 0
      let ay = 0
      let az = 0
      for (let j = 0; j < n; j++) {
        const dx = positions[3 * j] - x
        const dy = positions[3 * j + 1] - y
        const dz = positions[3 * j + 2] - z
        const square = dx * dx + dy * dy + dz * dz + soft
        const pull = masses[j] / (square * Math.sqrt(square))
        ax += pull * dx
        ay += pull * dy
        az += pull * dz
      }
      result[3 * i] = ax
      result[3 * i + 1] = ay
      result[3 * i + 2] = az
    }
    return result
  },
  out: (positions) => new Float64Array(positions.length),
  agree: (a, b) =>
    elementsOf(a).every((value, i) => Math.abs(value - elementsOf(b)[i]) <= 1e-9 * (1 + Math.abs(value))),
  sizes: [10, 100, 1024, 4096, 16384].map((n) => ({
    name: `${n} bodies`,
    headline: [100, 4096].includes(n),
    input: () => [uniform(Float64Array, 3 * n), uniform(Float64Array, n, 2)],
    plainMs: (n * n) / 3e5,
    work: { amount: (20 * n * n) / 1e6, unit: 'GFLOP/s' },
  })),
})
