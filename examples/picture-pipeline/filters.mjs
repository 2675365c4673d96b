// Convolutions with small pictures. All take and give planes: NDArrays of float32, `[height, width]`.
import { convolve, ndarray } from 'offloop'

/** Blurs by a Gaussian, whose two axes can be done one after the other. */
export async function blur(plane, sigma, steps) {
  const reach = Math.ceil(3 * sigma)
  const bell = Float32Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)))
  const sum = bell.reduce((a, b) => a + b)
  const kernel = bell.map((weight) => weight / sum)
  const down = await filter(plane, ndarray(kernel, [kernel.length, 1]), steps)
  return filter(down, ndarray(kernel, [1, kernel.length]), steps)
}

/** How much a surface rises towards the lower right: what faces a lamp at the upper left gets positive numbers. */
export function light(plane, steps) {
  const rise = Float32Array.of(2, 1, 0, 1, 0, -1, 0, -1, -2)
  return filter(plane, ndarray(rise, [3, 3]), steps)
}

/** A convolution whose result has the size of the plane: beyond its edges the plane goes on as it ends. */
export function filter(plane, kernel, steps) {
  const [tall, wide] = kernel.shape
  const padded = extend(plane, (tall - 1) / 2, (wide - 1) / 2)
  return steps.run(1, (options) => convolve(padded, kernel, { ...options, mode: 'valid' }))
}

function extend({ data, shape: [height, width] }, above, beside) {
  const stride = width + 2 * beside
  const all = new Float32Array((height + 2 * above) * stride)
  for (let y = 0; y < height + 2 * above; y++) {
    const from = Math.min(height - 1, Math.max(0, y - above)) * width
    const row = all.subarray(y * stride, (y + 1) * stride)
    row.fill(data[from], 0, beside)
    row.set(data.subarray(from, from + width), beside)
    row.fill(data[from + width - 1], beside + width)
  }
  return ndarray(all, [height + 2 * above, stride])
}
