import { ndarray, normalize } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

const shapes = [
  [10, 100],
  [1000, 384],
  [10_000, 384],
  [100_000, 128],
  [1, 1e7],
]

const sizes = [Float64Array, Float32Array].flatMap((Type) =>
  shapes.map(([rows, columns]) => ({
    name: `${rows}×${columns} ${Type === Float64Array ? 'float64' : 'float32'}`,
    headline: rows * columns > 1e5 && rows > 1,
    input: () => [ndarray(uniform(Type, rows * columns), [rows, columns])],
    work: { amount: (2 * rows * columns * Type.BYTES_PER_ELEMENT) / 1e6, unit: 'GB/s' },
  })),
)

export default kernelBench({
  question: 'What does it cost to bring the rows of a matrix to norm 1?',
  kernel: normalize,
  plain({ data, shape: [rows, columns] }) {
    const result = new data.constructor(data.length)
    for (let r = 0; r < rows; r++) {
      let sum = 0
      for (let i = r * columns; i < (r + 1) * columns; i++) sum += data[i] * data[i]
      const norm = Math.sqrt(sum)
      for (let i = r * columns; i < (r + 1) * columns; i++) result[i] = data[i] / norm
    }
    return result
  },
  out: ({ data }) => new data.constructor(data.length),
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    return left.every((value, i) => Math.abs(value - right[i]) <= 1e-6 * value)
  },
  sizes,
})
