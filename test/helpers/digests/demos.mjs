import { mandelbrot } from 'offloop'

/** The same bits on every backend and CPU level. */
export const everywhere = ['mandelbrot']

export default async function digest(add, options) {
  await add('mandelbrot', mandelbrot({ width: 400, height: 301, iterations: 300 }, options))
  await add('mandelbrot', mandelbrot({ width: 201, height: 99, x: -0.7436, y: 0.1318, scale: 1e-4 }, options))
}
