import { convolve, ndarray } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { elementsOf, kernelBench } from '../harness/kernel-bench.mjs'
import { numpyRun } from '../harness/numpy-ts.mjs'

/** Extents of the signal or picture, and of the kernel. */
const shapes = [
  [[1000], [5]],
  [[1e6], [5]],
  [[1e6], [101]],
  [[1e7], [5]],
  [
    [64, 64],
    [5, 5],
  ],
  [
    [512, 512],
    [3, 3],
  ],
  [
    [1080, 1920],
    [5, 5],
  ],
  [
    [1080, 1920],
    [15, 15],
  ],
]
const size = (shape) => shape.reduce((product, extent) => product * extent, 1)
const input = (Type, shape, seed) => {
  const data = uniform(Type, size(shape), seed)
  return shape.length === 1 ? data : ndarray(data, shape)
}

const sizes = [Float64Array, Float32Array].flatMap((Type) =>
  shapes.map(([shape, kernel]) => ({
    name: `${shape.join('×')} by ${kernel.join('×')} ${Type === Float64Array ? 'float64' : 'float32'}`,
    headline: size(shape) >= 1e6 && size(shape) < 1e7 && size(kernel) < 100,
    input: () => [input(Type, shape, 1), input(Type, kernel, 2)],
    plainMs: (size(shape) * size(kernel)) / 1e6,
    work: { amount: (2 * size(shape) * size(kernel)) / 1e6, unit: 'GFLOP/s' },
  })),
)

export default kernelBench({
  question: 'What does a convolution cost, of signals and of pictures, all sums given?',
  kernel: convolve,
  plain(x, kernel) {
    const [height, width] = x.shape ?? [1, x.length]
    const [rows, cols] = kernel.shape ?? [1, kernel.length]
    const [from, weights] = [elementsOf(x), elementsOf(kernel)]
    const wide = width + cols - 1
    const sums = new from.constructor((height + rows - 1) * wide)
    for (let r = 0; r < height; r++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < cols; j++) {
          const weight = weights[i * cols + j]
          const at = (r + i) * wide + j
          for (let c = 0; c < width; c++) sums[at + c] += weight * from[r * width + c]
        }
      }
    }
    return sums
  },
  // Sums of positive numbers: each side may be off by as many roundings as there are products.
  agree(expected, result) {
    const [left, right] = [elementsOf(expected), elementsOf(result)]
    const epsilon = left instanceof Float64Array ? 2 ** -52 : 2 ** -23
    return left.every((value, i) => Math.abs(value - right[i]) <= 300 * epsilon * value)
  },
  peers: {
    'numpy-ts': (np, x, kernel) =>
      x.shape === undefined ? numpyRun(np, [x, kernel], (_, a, b) => np.convolve(a, b)) : undefined,
  },
  sizes,
})
