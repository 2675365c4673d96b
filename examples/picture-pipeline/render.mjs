import { alloc, importTasks, minmax } from 'offloop'

import { equalisation } from './equalise.mjs'
import { blur, light } from './filters.mjs'
import { resize } from './resize.mjs'
import { Steps } from './steps.mjs'

const work = importTasks(new URL('./paint.mjs', import.meta.url))

/** Rows that are painted in one go. */
const band = 64
const levels = 1024

/**
 * A map of a mountain, lit from the upper left: enlarged, smoothed, shaded, equalised, coloured.
 *
 * @param heights NDArray of float32, `[rows, columns]`.
 * @param options `{ pool, signal, onProgress }`: the pool is for what is no kernel.
 * @returns `{ width, height, rgb }`
 */
export async function render(heights, width, { pool, signal, onProgress }) {
  const [rows, columns] = heights.shape
  const height = Math.max(1, Math.round((width * rows) / columns))
  const steps = new Steps(8, { signal, onProgress })

  const large = await resize(heights, [height, width], steps)
  // The heights are whole metres: without this their steps would show as terraces.
  const smooth = await blur(large, (0.6 * width) / columns, steps)
  const lit = await light(smooth, steps)
  const equal = await equalisation(lit, levels, steps)

  const picture = { height: shared(smooth), light: shared(lit), rgb: alloc(Uint8Array, width * height * 3), width }
  const { min, max } = await minmax(smooth)
  const calls = []
  for (let from = 0; from < height; from += band) {
    calls.push([picture, equal, [min, max], [from, Math.min(height, from + band)]])
  }
  await steps.run(2, (options) => pool.starmap(work.paintRows, calls, { ...options, chunkSize: 1 }))
  return { width, height, rgb: picture.rgb }
}

/** The elements where worker threads see them without a copy each. */
function shared({ data }) {
  const copy = alloc(data.constructor, data.length)
  copy.set(data)
  return copy
}
