// Statistics of a CSV file: by default of 10,000 collisions of birds with aircraft, repeated until they are many.
import { parseArgs } from 'node:util'

import { alloc, describe, histogram, Pool, quantile } from 'offloop'

import { groupBy } from './groups.mjs'
import { parseTable, readShared } from './table.mjs'

// By its path: the package exports its data to browsers only.
const birdstrikes = new URL('../data/birdstrikes.csv', import.meta.resolve('vega-datasets'))

const { values: given } = parseArgs({
  options: {
    file: { type: 'string' },
    value: { type: 'string', default: 'Speed IAS in knots' },
    group: { type: 'string', default: 'Phase of flight' },
    repeat: { type: 'string', default: '40' },
    bins: { type: 'string', default: '12' },
    workers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const parts = [0.05, 0.25, 0.5, 0.75, 0.95]

const pool = new Pool(given.workers === undefined ? {} : { workers: Number(given.workers) })
const bytes = repeated(await readShared(given.file ?? birdstrikes), Number(given.repeat))
const start = performance.now()
const table = await parseTable(bytes, { [given.value]: 'number', [given.group]: 'word' }, pool)
const parsed = performance.now()
await pool.close()

const column = table[given.value]
const known = column.filter((value) => !Number.isNaN(value))
const [all, quantiles, { counts, edges }, groups] = await Promise.all([
  describe(column, { skipNaN: true }),
  quantile(known, parts),
  histogram(known, { bins: Number(given.bins) }),
  groupBy(table[given.group], column),
])
const done = performance.now()

if (given.json) {
  console.log(
    JSON.stringify({
      rows: column.length,
      all,
      quantiles: [...quantiles],
      counts: [...counts],
      edges: [...edges],
      groups,
    }),
  )
} else print()

/** The lines after the header again and again, as if they had been one file. */
function repeated(file, times) {
  if (times === 1) return file
  const newline = 10
  const body = file.subarray(file.indexOf(newline))
  const many = alloc(Uint8Array, file.length + body.length * (times - 1))
  many.set(file)
  // The body begins with the line end of the header, as the file may end without one; empty lines are no rows.
  for (let at = file.length; at < many.length; at += body.length) many.set(body, at)
  return many
}

function print() {
  const megabytes = (bytes.length / 1e6).toFixed(0)
  console.log(
    `${column.length.toLocaleString('en')} rows, ${megabytes} MB: parsed in ${(parsed - start).toFixed(0)} ms,`,
  )
  console.log(`statistics in ${(done - parsed).toFixed(0)} ms\n\n${given.value}`)
  console.log(`  ${all.count} of them, mean ${all.mean.toFixed(1)}, standard deviation ${all.std.toFixed(1)}`)
  console.log(
    `  from ${all.min} to ${all.max}; ${parts.map((part, i) => `${part * 100} %: ${quantiles[i]}`).join(', ')}\n`,
  )
  const most = counts.reduce((a, b) => Math.max(a, b), 1)
  for (let i = 0; i < counts.length; i++) {
    const range = `${edges[i].toFixed(0)}–${edges[i + 1].toFixed(0)}`
    console.log(`  ${range.padStart(9)} ${'█'.repeat(Math.round((40 * counts[i]) / most))} ${counts[i]}`)
  }
  console.log(`\nby ${given.group}`)
  for (const { word, rows, mean, median } of groups) {
    console.log(`  ${word.padEnd(16)} ${String(rows).padStart(8)} rows, mean ${mean.toFixed(1)}, median ${median}`)
  }
}
