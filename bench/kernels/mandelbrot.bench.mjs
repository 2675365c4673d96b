import { mandelbrot } from 'offloop'

import { arraysWithin, kernelBench } from '../harness/kernel-bench.mjs'

const views = [
  { name: '64×48, 256 iterations', width: 64, height: 48, iterations: 256 },
  { name: '800×600, 256 iterations', width: 800, height: 600, iterations: 256, headline: true },
  { name: '800×600, 5000 iterations', width: 800, height: 600, iterations: 5000 },
  {
    name: '800×600, 1000 iterations, a spiral',
    width: 800,
    height: 600,
    x: -0.74529,
    y: 0.11307,
    scale: 4.8e-6,
    iterations: 1000,
    headline: true,
  },
]

export default kernelBench({
  question: 'What does work cost that differs from pixel to pixel?',
  kernel: mandelbrot,
  plain({ width, height, x = -0.5, y = 0, scale = 3 / width, iterations }) {
    const counts = new Uint16Array(width * height)
    for (let row = 0; row < height; row++) {
      const ci = y + (row - (height - 1) / 2) * scale
      for (let column = 0; column < width; column++) {
        const cr = x + (column - (width - 1) / 2) * scale
        let zr = 0
        let zi = 0
        let count = 0
        while (count < iterations && zr * zr + zi * zi <= 4) {
          const next = zr * zr - zi * zi + cr
          zi = 2 * zr * zi + ci
          zr = next
          count++
        }
        counts[row * width + column] = count
      }
    }
    return counts
  },
  out: ({ width, height }) => new Uint16Array(width * height),
  agree: arraysWithin(0),
  sizes: views.map(({ name, headline, ...view }) => ({
    name,
    headline,
    input: () => [view],
    work: { amount: (view.width * view.height) / 1e3, unit: 'million pixels/s' },
  })),
})
