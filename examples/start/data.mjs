// The flights table of vega-datasets: 200,000 flights inside the United States, in the order of their time of day.
import { readFileSync } from 'node:fs'

import { alloc } from 'offloop'

// By their paths: the package exports its data to browsers only.
const data = (name) => new URL(`../../node_modules/vega-datasets/data/${name}`, import.meta.url)

/** The table as columns: delay in minutes, distance in miles, time in hours. */
export function loadFlights() {
  const rows = JSON.parse(readFileSync(data('flights-200k.json'), 'utf8'))
  const column = (name) => Float64Array.from(rows, (row) => row[name])
  return { count: rows.length, delay: column('delay'), distance: column('distance'), time: column('time') }
}

/** The names of 3,376 American airports. */
export function loadAirports() {
  const [, ...rows] = readFileSync(data('airports.csv'), 'utf8').trim().split('\n')
  return rows.map((row) => row.split(',')[1])
}

/** Some of the names as one types them in a hurry: two neighbours changed places, one letter is missing. */
export function misspelt(names, count) {
  return Array.from({ length: count }, (_, i) => {
    const name = names[Math.floor((i * names.length) / count)]
    const at = 1 + (i % Math.max(1, name.length - 4))
    return name.slice(0, at) + name.slice(at + 1, at + 2) + name.slice(at, at + 1) + name.slice(at + 3)
  })
}

/** Each flight as a point: delay, distance and time of day, each in units of about the same weight. */
export function points({ count, delay, distance, time }) {
  const all = alloc(Float64Array, count * 3)
  for (let i = 0; i < count; i++) {
    all[i * 3] = delay[i] / 30
    all[i * 3 + 1] = distance[i] / 600
    all[i * 3 + 2] = time[i] / 5
  }
  return all
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
