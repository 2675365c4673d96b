import { mandelbrot } from '../../index.ts'
import { digits, show } from '../format.ts'
import { columns, dim, hasColours, print } from '../terminal.ts'
import { timed } from './scene.ts'
import type { Scene } from './scene.ts'

const iterations = 1000

/** The Mandelbrot set in blocks, two points to a character where there are colours. */
export const pictureScene: Scene = {
  title: 'A picture: the Mandelbrot set',
  async run(quick) {
    const width = Math.min(72, Math.max(20, columns() - 4))
    const height = 2 * Math.round(width * 0.28)
    const view = { x: -0.65, y: 0, scale: 2.9 / width, iterations }
    const points = await mandelbrot({ ...view, width, height })
    const rows = Array.from({ length: height }, (_, row) => [...points.data.subarray(row * width, (row + 1) * width)])
    for (let row = 0; row < height; row += 2) print(`  ${hasColours() ? colourLine(rows, row) : plainLine(rows[row])}`)
    const large = quick ? { width: 800, height: 600 } : { width: 3200, height: 2400 }
    const { took } = await timed(() => mandelbrot({ ...large, x: -0.65, scale: 2.9 / large.width, iterations }))
    const pixels = (large.width * large.height) / 1e6
    print(
      dim(
        `\n  at ${large.width}×${large.height}: ${show(took, 'ms')}, ${digits((pixels / took) * 1000)} million points a second`,
      ),
    )
  },
}

/** Two rows of points in one of characters: the upper half block has a colour before and one behind. */
function colourLine(rows: readonly (readonly number[])[], row: number): string {
  const cells = rows[row].map((upper, i) => `\x1b[38;5;${colour(upper)};48;5;${colour(rows[row + 1][i])}m▀`)
  return `${cells.join('')}\x1b[0m`
}

/** From dark blue over orange to white in the colours of 256 that every terminal has; the set itself is black. */
const ramp = [17, 18, 19, 25, 31, 37, 73, 109, 145, 180, 215, 214, 220, 226, 228, 231]

function colour(count: number): number {
  return count >= iterations ? 16 : ramp[step(count, ramp.length)]
}

const greys = ' .:-=+*%@'

function plainLine(counts: readonly number[]): string {
  return counts.map((count) => (count >= iterations ? '#' : greys[step(count, greys.length)])).join('')
}

// Counts grow fast towards the set.
function step(count: number, steps: number): number {
  return Math.max(0, Math.min(steps - 1, Math.floor((Math.log2(count + 1) - 1) * (steps / 7))))
}
