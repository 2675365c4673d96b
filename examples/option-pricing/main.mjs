// Prices some options by Monte Carlo, and checks those that have an exact price.
import { parseArgs } from 'node:util'

import { Pool } from 'offloop'

import { exactPrice } from './formulas.mjs'
import { makeOptions } from './options.mjs'
import { priceOf } from './price.mjs'

const { values } = parseArgs({
  options: {
    paths: { type: 'string', default: '1000000' },
    steps: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const [paths, steps, seed] = [values.paths, values.steps, values.seed].map(Number)
/** Off by more than this many standard errors: one run in 16,000 by chance. */
const mostErrors = 4

const pool = new Pool(values.workers === undefined ? {} : { workers: Number(values.workers) })
const results = []
for (const option of makeOptions(steps)) {
  const from = performance.now()
  const { price, error } = await priceOf(option, { paths, seed, pool })
  const seconds = (performance.now() - from) / 1000
  results.push({ name: option.name, price, error, exact: exactPrice(option), seconds })
}
await pool.close()

if (values.json) console.log(JSON.stringify(results))
else for (const result of results) console.log(describe(result))
if (results.some(({ price, error, exact }) => Math.abs(price - exact) > mostErrors * error)) {
  console.error('A price is not within four standard errors of the exact one.')
  process.exitCode = 1
}

function describe({ name, price, error, exact, seconds }) {
  const known = exact === undefined ? 'no formula' : `exact ${exact.toFixed(5)}`
  return `${name.padEnd(20)} ${price.toFixed(5)} ± ${error.toFixed(5)}  ${known.padEnd(14)}  ${seconds.toFixed(2)} s`
}
