import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'
import { crc32, inflateSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'
import { PlacedExample } from '../helpers/example.ts'

interface Plane {
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

const volcano = createRequire(import.meta.url)(path.join(root, 'node_modules/vega-datasets/data/volcano.json')) as Plane

let example: PlacedExample
beforeAll(() => void (example = new PlacedExample('picture-pipeline')))
afterAll(() => example.remove())

/** Reads an 8-bit RGB file without filters, and checks all checksums. */
function decodePng(file: Buffer): { width: number; height: number; rgb: number[] } {
  expect(file.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
  const chunks: Record<string, Buffer> = {}
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at)
    const body = file.subarray(at + 4, at + 8 + length)
    expect(crc32(body)).toBe(file.readUInt32BE(at + 8 + length))
    chunks[body.toString('latin1', 0, 4)] = body.subarray(4)
    at += length + 12
  }
  const [width, height] = [chunks.IHDR.readUInt32BE(0), chunks.IHDR.readUInt32BE(4)]
  expect([...chunks.IHDR.subarray(8)]).toEqual([8, 2, 0, 0, 0])
  const rows = inflateSync(chunks.IDAT)
  expect(rows.length).toBe((width * 3 + 1) * height)
  const rgb: number[] = []
  for (let y = 0; y < height; y++) {
    expect(rows[y * (width * 3 + 1)]).toBe(0)
    rgb.push(...rows.subarray(y * (width * 3 + 1) + 1, (y + 1) * (width * 3 + 1)))
  }
  return { width, height, rgb }
}

const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x))

/** A value at each pixel. */
function plane(width: number, height: number, at: (x: number, y: number) => number): Plane {
  const values = Array.from({ length: width * height }, (_, i) => at(i % width, Math.floor(i / width)))
  return { width, height, values }
}

/** The pixel of a plane, or that on its edge which is nearest. */
const pixel = ({ width, height, values }: Plane, x: number, y: number): number =>
  values[clamp(y, 0, height - 1) * width + clamp(x, 0, width - 1)]

/** Twice as large, by the cubic through four points: at a quarter and three quarters between two of them. */
function doubled(from: Plane): Plane {
  const cubic = (t: number): number[] => [
    -0.5 * t ** 3 + t ** 2 - 0.5 * t,
    1.5 * t ** 3 - 2.5 * t ** 2 + 1,
    -1.5 * t ** 3 + 2 * t ** 2 + 0.5 * t,
    0.5 * t ** 3 - 0.5 * t ** 2,
  ]
  const taps = (at: number, size: number): { i: number; weight: number }[] => {
    const place = (at + 0.5) / 2 - 0.5
    const all = cubic(place - Math.floor(place)).map((weight, i) => ({ i: Math.floor(place) - 1 + i, weight }))
    const inside = all.filter(({ i }) => i >= 0 && i < size)
    const sum = inside.reduce((total, { weight }) => total + weight, 0)
    return inside.map(({ i, weight }) => ({ i, weight: weight / sum }))
  }
  return plane(from.width * 2, from.height * 2, (x, y) => {
    let sum = 0
    for (const row of taps(y, from.height)) {
      for (const column of taps(x, from.width)) sum += row.weight * column.weight * pixel(from, column.i, row.i)
    }
    return sum
  })
}

function blurred(from: Plane, sigma: number): Plane {
  const reach = Math.ceil(3 * sigma)
  const weight = (d: number): number => Math.exp(-(d ** 2) / (2 * sigma ** 2))
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach)
  const whole = offsets.reduce((sum, d) => sum + weight(d), 0) ** 2
  return plane(from.width, from.height, (x, y) => {
    let sum = 0
    for (const dy of offsets) for (const dx of offsets) sum += weight(dx) * weight(dy) * pixel(from, x + dx, y + dy)
    return sum / whole
  })
}

/** The whole pipeline for twice the size, by its definitions. */
function expected(): number[] {
  const smooth = blurred(doubled(volcano), 1.2)
  const lit = plane(smooth.width, smooth.height, (x, y) => {
    const at = (dx: number, dy: number): number => pixel(smooth, x + dx, y + dy)
    return 2 * at(1, 1) + at(1, 0) + at(0, 1) - at(-1, 0) - at(0, -1) - 2 * at(-1, -1)
  })
  const extremes = ({ values }: Plane): [number, number] => [Math.min(...values), Math.max(...values)]
  const [low, high] = extremes(lit)
  const levelOf = (value: number): number => clamp(Math.floor(((value - low) / (high - low)) * 1024), 0, 1023)
  const counts = new Array<number>(1024).fill(0)
  for (const value of lit.values) counts[levelOf(value)]++
  let below = 0
  const table = counts.map((count) => (below += count) / lit.values.length)
  const stops = [
    [58, 92, 66],
    [124, 148, 84],
    [206, 190, 132],
    [168, 122, 92],
    [242, 238, 232],
  ]
  const [lowest, highest] = extremes(smooth)
  return smooth.values.flatMap((height, i) => {
    const place = ((height - lowest) / (highest - lowest)) * 4
    const stop = clamp(Math.floor(place), 0, 3)
    const brightness = 0.35 + 0.75 * table[levelOf(lit.values[i])]
    return stops[stop].map((colour, channel) => {
      const mixed = colour + (stops[stop + 1][channel] - colour) * (place - stop)
      return Math.min(255, Math.round(mixed * brightness))
    })
  })
}

describe('examples/picture-pipeline', () => {
  it('draws what its definitions say', async () => {
    const { code, stdout, stderr } = await example.run(['main.mjs', '--width', '174', '--out', 'small.png'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/small\.png: 174 × 122, drawn in \d+ ms, written in \d+ ms\n$/)
    const { width, height, rgb } = decodePng(fs.readFileSync(path.join(example.folder, 'small.png')))
    expect([width, height]).toEqual([174, 122])
    const right = expected()
    expect(rgb.length).toBe(right.length)
    const apart = rgb.map((value, i) => Math.abs(value - right[i]))
    // float32 may put a pixel into the next of 1,024 levels, and a colour to the other side of a half.
    expect(Math.max(...apart)).toBeLessThanOrEqual(4)
    expect(apart.filter((difference) => difference > 0).length).toBeLessThan(apart.length / 50)
    expect(new Set(rgb).size).toBeGreaterThan(150)
  })

  it('draws the same again, also smaller than the grid', async () => {
    const args = ['main.mjs', '--width', '40', '--out']
    for (const file of ['a.png', 'b.png']) expect((await example.run([...args, file])).code).toBe(0)
    const [a, b] = ['a.png', 'b.png'].map((file) => fs.readFileSync(path.join(example.folder, file)))
    expect(a).toEqual(b)
    expect(decodePng(a)).toMatchObject({ width: 40, height: 28 })
  })

  it('tells how far it is, and stops in the middle', async () => {
    const { fractions, name, before } = await example.jsonFrom<{ fractions: number[]; name: string; before: number }>(`
      import { ndarray, Pool } from 'offloop'
      import { render } from './render.mjs'
      const heights = ndarray(new Float32Array(61 * 87).map((_, i) => Math.sin(i)), [61, 87])
      const pool = new Pool()
      const fractions = []
      await render(heights, 300, { pool, onProgress: (fraction) => fractions.push(fraction) })
      const controller = new AbortController()
      let before = 0
      const onProgress = (fraction) => {
        before = fraction
        if (fraction > 0.3) controller.abort()
      }
      const error = await render(heights, 300, { pool, signal: controller.signal, onProgress }).catch((error) => error)
      await pool.close()
      console.log(JSON.stringify({ fractions, name: error.name, before }))`)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect(fractions.at(-1)).toBe(1)
    expect(name).toBe('AbortError')
    expect(before).toBeLessThan(0.6)
  })

  it('writes nothing when it is interrupted', async () => {
    const source = `
      process.on('newListener', (name) => {
        if (name === 'SIGINT') setImmediate(() => process.kill(process.pid, 'SIGINT'))
      })
      await import('./main.mjs')`
    fs.writeFileSync(path.join(example.folder, 'interrupted.mjs'), source)
    const { code, stdout } = await example.run(['interrupted.mjs', '--width', '2000', '--out', 'never.png'])
    expect({ code, stdout: stdout.trim() }).toEqual({ code: 130, stdout: 'stopped, nothing written' })
    expect(fs.existsSync(path.join(example.folder, 'never.png'))).toBe(false)
  })
})
