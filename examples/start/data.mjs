// The flights table of vega-datasets: 200,000 flights inside the United States, in the order of their time of day.
import { readFileSync } from 'node:fs'

import { alloc } from 'offloop'

// By its path: the package exports its data to browsers only.
const file = new URL('../../node_modules/vega-datasets/data/flights-200k.json', import.meta.url)

/** The table as columns: delay in minutes, distance in miles, time in hours. */
export function loadFlights() {
  const rows = JSON.parse(readFileSync(file, 'utf8'))
  const column = (name) => Float64Array.from(rows, (row) => row[name])
  return { count: rows.length, delay: column('delay'), distance: column('distance'), time: column('time') }
}

/** The column again and again, in memory that worker threads see without a copy. */
export function repeat(column, times) {
  const all = alloc(Float64Array, column.length * times)
  for (let i = 0; i < times; i++) all.set(column, i * column.length)
  return all
}

/**
 * A float32 matrix of `slots` rows: what flights are like in each of as many stretches of the day. A column counts the
 * flights in one band of delay and one of distance; rows have length 1, so that the product of two is their cosine.
 */
export function profiles({ count, delay, distance }, slots, bands) {
  const matrix = alloc(Float32Array, slots * bands * bands)
  for (let i = 0; i < count; i++) {
    const late = Math.min(bands - 1, Math.max(0, Math.floor((delay[i] + 40) / 5)))
    const far = Math.min(bands - 1, Math.floor(distance[i] / 90))
    matrix[(Math.floor((i * slots) / count) * bands + late) * bands + far]++
  }
  for (let slot = 0; slot < slots; slot++) {
    const row = matrix.subarray(slot * bands * bands, (slot + 1) * bands * bands)
    const length = Math.sqrt(row.reduce((total, value) => total + value * value, 0))
    for (let i = 0; i < row.length; i++) row[i] /= length
  }
  return matrix
}
