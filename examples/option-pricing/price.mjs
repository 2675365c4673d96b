import { alloc, describe, importTasks } from 'offloop'

import { exactPrice } from './formulas.mjs'

const work = importTasks(new URL('./paths.mjs', import.meta.url))

/** How many random numbers a block takes: 2 MB of them. */
const blockSize = 2 ** 18

/**
 * The price of an option by Monte Carlo: the mean of what `paths` random paths pay.
 *
 * @returns `{ price, error }`; the error is the standard error of the price. The same bits for any number of workers.
 */
export async function priceOf(option, { paths, seed, pool, signal, onProgress }) {
  const perBlock = Math.max(1, Math.floor(blockSize / option.steps))
  const paid = alloc(Float64Array, paths)
  const control = option.of === 'arithmetic' ? alloc(Float64Array, paths) : undefined
  const calls = []
  for (let from = 0; from < paths; from += perBlock) {
    const block = { number: calls.length, from, count: Math.min(perBlock, paths - from) }
    calls.push([option, seed, block, paid, control])
  }
  await pool.starmap(work.simulate, calls, { signal, onProgress, chunkSize: 1 })
  if (control === undefined) return summary(await describe(paid), 0)
  // The geometric average is close to the arithmetic one, and its exact price is known: what is left to simulate is the
  // difference, which varies far less (the control variate of Kemna and Vorst).
  for (let path = 0; path < paths; path++) paid[path] -= control[path]
  return summary(await describe(paid), exactPrice({ ...option, of: 'geometric' }))
}

function summary({ count, mean, std }, known) {
  return { price: known + mean, error: std / Math.sqrt(count) }
}
