import { ndarray, transpose } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'
import { numpyRun } from '../harness/numpy-ts.mjs'

const shapes = [
  [32, 32],
  [256, 256],
  [1000, 1000],
  [1024, 1024],
  [4096, 4096],
  [1e6, 8],
]

const sizes = [Float64Array, Float32Array, Uint8Array].flatMap((Type) =>
  shapes.map(([rows, columns]) => ({
    name: `${rows}×${columns} ${Type.name.slice(0, -5).toLowerCase()}`,
    headline: rows >= 1000 && columns >= 1000,
    input: () => {
      const data = uniform(Type, rows * columns)
      if (Type === Uint8Array) for (let i = 0; i < data.length; i++) data[i] = i * 7
      return [ndarray(data, [rows, columns])]
    },
    plainMs: (rows * columns) / 1e5,
    work: { amount: (2 * rows * columns * Type.BYTES_PER_ELEMENT) / 1e6, unit: 'GB/s' },
  })),
)

export default kernelBench({
  question: 'What does it cost to turn a matrix round in memory?',
  kernel: transpose,
  plain({ data, shape: [rows, columns] }) {
    const turned = new data.constructor(data.length)
    for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) turned[c * rows + r] = data[r * columns + c]
    return turned
  },
  out: ({ data }) => new data.constructor(data.length),
  agree: arraysWithin(0),
  peers: {
    'numpy-ts': (np, x) => numpyRun(np, [x], (_, a) => np.ascontiguousarray(np.transpose(a))),
    'ml-matrix'({ Matrix }, { data, shape: [rows, columns] }) {
      if (!(data instanceof Float64Array)) return undefined
      const matrix = Matrix.from1DArray(rows, columns, data)
      return () => Float64Array.from(matrix.transpose().data.flatMap((row) => Array.from(row)))
    },
  },
  sizes,
})
