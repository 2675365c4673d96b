// Counts of a few numbers in JavaScript, for the synchronous form.
import { isFloat } from '../typed-array.ts'
import { fewNumbers } from './few.ts'
import { evenEdges } from './histogram-bins.ts'

/** From here on a call into native code is faster. */
const most = 256
/** Results of more counts take the time. */
const mostCounts = 1024
/** Of a histogram that is told nothing. */
const bins = 10

const numbers = new Float64Array(most)

export const fewCounts = fewNumbers(most, numbers, (dtype, count) => {
  if (isFloat(dtype)) return undefined
  let greatest = 0
  for (let i = 0; i < count; i++) {
    if (numbers[i] < 0) return undefined
    if (numbers[i] > greatest) greatest = numbers[i]
  }
  if (greatest >= mostCounts) return undefined
  const counts = new Uint32Array(greatest + 1)
  for (let i = 0; i < count; i++) counts[numbers[i]]++
  return counts
})

export const fewInBins = fewNumbers(most, numbers, (_, count) => {
  let low = Infinity
  let high = -Infinity
  for (let i = 0; i < count; i++) {
    const x = numbers[i]
    if (x !== x) continue
    // These two know -0 from +0.
    low = Math.min(low, x)
    high = Math.max(high, x)
  }
  const scale = bins / (high - low)
  // Nothing but NaN, numbers all the same, and those that are too near or too far from each other.
  if (!(scale > 0 && scale < 2 ** 900)) return undefined
  const edges = evenEdges(low, high, bins)
  const counts = new Float64Array(bins)
  for (let i = 0; i < count; i++) {
    const x = numbers[i]
    if (x !== x) continue
    let bin = Math.min(Math.floor((x - low) * scale), bins - 1)
    while (x < edges[bin]) bin--
    while (bin < bins - 1 && x >= edges[bin + 1]) bin++
    counts[bin]++
  }
  return { counts, edges }
})
