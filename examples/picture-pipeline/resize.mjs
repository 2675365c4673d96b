import { matmul, ndarray } from 'offloop'

/**
 * A plane in another size: each pixel is a weighted sum of those near it, along one axis and then along the other, which
 * makes two products of matrices. Cubic (R. Keys, Cubic Convolution Interpolation for Digital Image Processing, 1981);
 * where the plane shrinks the weights are spread over as many pixels as become one, so that nothing flickers.
 *
 * @param plane NDArray of float32, `[height, width]`.
 */
export async function resize(plane, [height, width], steps) {
  const [rows, columns] = plane.shape
  const tall = await steps.run(1, (options) => matmul(weights(rows, height), plane, options))
  return steps.run(1, (options) => matmul(tall, weights(columns, width), { ...options, transposeB: true }))
}

/** `[to, from]`: how much of each old pixel there is in each new one. */
function weights(from, to) {
  const matrix = ndarray(new Float32Array(to * from), [to, from])
  const scale = Math.max(1, from / to)
  for (let pixel = 0; pixel < to; pixel++) {
    const centre = ((pixel + 0.5) * from) / to - 0.5
    const first = Math.max(0, Math.ceil(centre - 2 * scale))
    const last = Math.min(from - 1, Math.floor(centre + 2 * scale))
    const row = matrix.data.subarray(pixel * from, (pixel + 1) * from)
    let sum = 0
    for (let i = first; i <= last; i++) sum += row[i] = cubic(Math.abs(i - centre) / scale)
    for (let i = first; i <= last; i++) row[i] /= sum
  }
  return matrix
}

function cubic(x) {
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0
}
