import { gram, ndarray } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'

const shapes = [
  [100, 10],
  [1000, 100],
  [1000, 1000],
  [100_000, 64],
]

const sizes = [Float64Array, Float32Array].flatMap((Type) =>
  shapes.map(([rows, columns]) => ({
    name: `${rows}×${columns} ${Type === Float64Array ? 'float64' : 'float32'}`,
    headline: rows >= 1000,
    input: () => [ndarray(uniform(Type, rows * columns), [rows, columns])],
    plainMs: (rows * columns * columns) / 2e6,
    work: { amount: (rows * columns * columns) / 1e6, unit: 'GFLOP/s' },
  })),
)

export default kernelBench({
  question: 'What do the products of all columns with one another cost?',
  kernel: gram,
  plain({ data, shape: [rows, columns] }) {
    const products = new data.constructor(columns * columns)
    for (let p = 0; p < rows; p++) {
      for (let i = 0; i < columns; i++) {
        const factor = data[p * columns + i]
        for (let j = i; j < columns; j++) products[i * columns + j] += factor * data[p * columns + j]
      }
    }
    for (let i = 0; i < columns; i++) for (let j = 0; j < i; j++) products[i * columns + j] = products[j * columns + i]
    return products
  },
  out: ({ data, shape }) => new data.constructor(shape[1] ** 2),
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    const epsilon = left instanceof Float64Array ? 2 ** -52 : 2 ** -23
    return left.every((value, i) => Math.abs(value - right[i]) <= 100_000 * epsilon * value)
  },
  peers: {
    'ml-matrix'({ Matrix }, { data, shape: [rows, columns] }) {
      if (!(data instanceof Float64Array) || rows * columns ** 2 > 2e9) return undefined
      const matrix = Matrix.from1DArray(rows, columns, data)
      return () => Float64Array.from(matrix.transpose().mmul(matrix).to1DArray())
    },
  },
  sizes,
})
