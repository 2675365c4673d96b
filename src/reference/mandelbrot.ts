import type { Layout, Reference, ReferenceArguments } from './reference.ts'

/**
 * How many steps z = z² + c stay within radius 2, counted up to scalars[3]. Scalars: centre x, centre y, plane units a
 * pixel, iterations. The order of operations is that of native/kernels/mandelbrot.cc, so counts are exactly equal: the
 * tolerance is zero.
 */
export const mandelbrotReference: Reference = {
  prepare({ outputs, scalars }: ReferenceArguments): Layout {
    const [height, width] = outputs[0].shape
    const pixels = height * width
    return { phases: pixels === 0 ? [] : [{ blocks: Math.ceil(pixels / pixelsPerBlock(scalars[3])) }] }
  },

  runBlock({ outputs, scalars }: ReferenceArguments, _phase: number, index: number): void {
    const [out] = outputs
    const [height, width] = out.shape
    const [x, y, scale, iterations] = scalars
    const pixels = pixelsPerBlock(iterations)
    const last = Math.min(height * width, (index + 1) * pixels)
    for (let pixel = index * pixels; pixel < last; pixel++) {
      const column = pixel % width
      const row = (pixel - column) / width
      const cr = x + (column - (width - 1) / 2) * scale
      const ci = y + (row - (height - 1) / 2) * scale
      out.data[out.offset + pixel] = countSteps(cr, ci, iterations)
    }
  },
}

/** About 2 ms where every pixel is inside the set. */
function pixelsPerBlock(iterations: number): number {
  return Math.max(1, Math.floor((1 << 20) / iterations))
}

function countSteps(cr: number, ci: number, iterations: number): number {
  let a = 0
  let b = 0
  for (let count = 0; count < iterations; count++) {
    const aa = a * a
    const bb = b * b
    if (!(aa + bb <= 4)) return count
    b = (a + a) * b + ci
    a = aa - bb + cr
  }
  return iterations
}
