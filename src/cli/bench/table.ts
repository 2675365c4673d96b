import { digits, show } from '../format.ts'
import { bold, dim, print, red } from '../terminal.ts'
import type { CaseResult, Row } from './results.ts'
import { median, medianError, quantile } from './statistics.ts'

export function printBench(name: string, question: string): void {
  print(`\n${bold(name)}  ${question}`)
}

const head = ['best', 'median', '±', 'p99', 'samples']
const widths = [12, 12, 7, 12, 9]
const nameWidth = 36

export function printCase({ name, rows, notes, failure }: CaseResult): void {
  if (failure !== undefined) {
    print(`  ${name.padEnd(nameWidth)}${red(`failed: ${failure}`)}`)
    return
  }
  const { baseline } = rows.find((row) => row.baseline !== undefined) ?? {}
  const peer = bestPeer(rows)
  const titles = [...head, ...(baseline === undefined ? [] : [`× ${baseline}`])]
  if (peer !== undefined) titles.push('× best peer')
  if (rows.some(({ gapMs }) => gapMs !== undefined)) titles.push('loop gap')
  print(`  ${name.padEnd(nameWidth)}${dim(titles.map((title, i) => align(title, i, baseline)).join(''))}`)
  for (const row of rows) print(`    ${row.name.padEnd(nameWidth - 2)}${cells(row, rows)}`)
  for (const note of notes) print(dim(`    ${note}`))
}

/** The fastest of the npm packages, by its median. */
function bestPeer(rows: readonly Row[]): number | undefined {
  const medians = rows.filter(({ isPeer }) => isPeer).map(({ samples }) => median(samples))
  return medians.length === 0 ? undefined : Math.min(...medians)
}

function cells({ samples, unit, baseline, rate, gapMs }: Row, rows: readonly Row[]): string {
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

function align(text: string, column: number, baseline: string | undefined): string {
  const first = widths.length
  return text.padStart(widths[column] ?? (column === first && baseline !== undefined ? baseline.length + 4 : 13))
}
