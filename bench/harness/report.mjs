// Results in a terminal.
import { median, medianError, quantile } from './statistics.mjs'

const hasColours = process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

function paint(code, text) {
  return hasColours ? `\x1b[${code}m${text}\x1b[0m` : text
}

export const bold = (text) => paint(1, text)
export const dim = (text) => paint(2, text)
export const green = (text) => paint(32, text)
export const red = (text) => paint(31, text)

export function printBench(name, question) {
  console.log(`\n${bold(name)}  ${question}`)
}

const head = ['best', 'median', '±', 'p99', 'samples']
const widths = [12, 12, 7, 12, 9]
const nameWidth = 36

/** One case: `rows` as trials give them. */
export function printCase(name, rows, notes) {
  const { baseline } = rows.find((row) => row.baseline !== undefined) ?? {}
  const peer = bestPeer(rows)
  const titles = [...head, ...(baseline === undefined ? [] : [`× ${baseline}`])]
  if (peer !== undefined) titles.push('× best peer')
  if (rows.some(({ gapMs }) => gapMs !== undefined)) titles.push('loop gap')
  console.log(`  ${name.padEnd(nameWidth)}${dim(titles.map((title, i) => align(title, i, baseline)).join(''))}`)
  for (const row of rows) console.log(`    ${row.name.padEnd(nameWidth - 2)}${cells(row, rows)}`)
  for (const note of notes) console.log(dim(`    ${note}`))
}

/** The fastest of the npm packages, by its median. */
function bestPeer(rows) {
  const medians = rows.filter(({ isPeer }) => isPeer).map(({ samples }) => median(samples))
  return medians.length === 0 ? undefined : Math.min(...medians)
}

function cells({ samples, unit, baseline, rate, gapMs }, rows) {
  const middle = median(samples)
  const error = medianError(samples)
  const shown = [
    show(Math.min(...samples), unit),
    show(middle, unit),
    Number.isFinite(error) ? `${(error * 100).toFixed(error < 0.0995 ? 1 : 0)}%` : '',
    show(quantile(samples, 0.99), unit),
    String(samples.length),
  ]
  const base = rows.find((row) => row.name === baseline)
  if (baseline !== undefined) shown.push(base === undefined ? '' : `${digits(median(base.samples) / middle)}×`)
  const peer = bestPeer(rows)
  if (peer !== undefined) shown.push(`${digits(peer / middle)}×`)
  if (gapMs !== undefined) shown.push(show(gapMs, 'ms'))
  const text = shown.map((cell, i) => align(cell, i, baseline)).join('')
  return rate === undefined ? text : `${text}  ${dim(`${digits(rate.amount / middle)} ${rate.unit}`)}`
}

function align(text, column, baseline) {
  const first = widths.length
  return text.padStart(widths[column] ?? (column === first && baseline !== undefined ? baseline.length + 4 : 13))
}

/** A measured value with its unit, times in the unit that reads best. */
export function show(value, unit) {
  if (unit !== 'ms') return `${digits(value)} ${unit}`
  const size = Math.abs(value)
  if (size >= 1000) return `${digits(value / 1000)} s`
  if (size >= 1 || size === 0) return `${digits(value)} ms`
  return size >= 1e-3 ? `${digits(value * 1e3)} µs` : `${digits(value * 1e6)} ns`
}

/** Three digits that matter. */
export function digits(value) {
  const size = Math.abs(value)
  if (size >= 99.95 || size === 0) return Math.round(value).toLocaleString('en')
  return value.toFixed(size >= 9.995 ? 1 : 2)
}
