// Draws Maunga Whau, a volcano in Auckland, from a grid of 87 × 61 heights. Ctrl-C stops it, and nothing is written.
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'

import { ndarray, Pool } from 'offloop'

import { encodePng } from './png.mjs'
import { render } from './render.mjs'

const { values } = parseArgs({
  options: {
    width: { type: 'string', default: '1740' },
    out: { type: 'string', default: 'volcano.png' },
  },
})

// By its path: the package exports its data to browsers only.
const file = new URL('../data/volcano.json', import.meta.resolve('vega-datasets'))
const volcano = JSON.parse(readFileSync(file, 'utf8'))
const heights = ndarray(Float32Array.from(volcano.values), [volcano.height, volcano.width])

const controller = new AbortController()
process.once('SIGINT', () => controller.abort())
const onProgress = (fraction) => {
  if (process.stderr.isTTY) process.stderr.write(`\r${(fraction * 100).toFixed(0).padStart(3)} %`)
}

const pool = new Pool()
const start = performance.now()
try {
  const { width, height, rgb } = await render(heights, Number(values.width), {
    pool,
    signal: controller.signal,
    onProgress,
  })
  const drawn = performance.now()
  await writeFile(values.out, await encodePng(width, height, rgb), { signal: controller.signal })
  const [drawing, writing] = [drawn - start, performance.now() - drawn].map((ms) => `${ms.toFixed(0)} ms`)
  console.log(`\r${values.out}: ${width} × ${height}, drawn in ${drawing}, written in ${writing}`)
} catch (error) {
  if (!controller.signal.aborted) throw error
  console.log('\rstopped, nothing written')
  process.exitCode = 130
} finally {
  await pool.close()
}
