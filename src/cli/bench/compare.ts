import { digits, show } from '../format.ts'
import { dim, green, print, red } from '../terminal.ts'
import { machineLines } from './machine.ts'
import { keyOf } from './results.ts'
import type { Results, Row } from './results.ts'
import { holm, mannWhitney, median } from './statistics.ts'

/** Smaller changes are not worth a word, however certain. */
const leastChange = 0.02

/** One row of both runs. */
export interface Judged {
  readonly name: string
  readonly old: Row
  readonly now: Row
  /** Of the medians: above 1 it takes longer now. */
  readonly ratio: number
  /** The chance of such a difference where there is none, corrected for the number of rows. */
  readonly chance: number
  readonly verdict: 'faster' | 'slower' | 'same'
}

/** Which times have changed, and not by chance. */
export function compare(before: Results, after: Results, alpha: number): Judged[] {
  const rowsOf = ({ cases }: Results): [string, Row][] =>
    cases.flatMap((one) => one.rows.map((row): [string, Row] => [keyOf(one, row), row]))
  const earlier = new Map(rowsOf(before))
  const pairs = rowsOf(after).flatMap(([name, now]) => {
    const old = earlier.get(name)
    return old === undefined ? [] : [{ name, old, now }]
  })
  const chances = holm(pairs.map(({ old, now }) => mannWhitney(old.samples, now.samples)))
  return pairs.map((pair, index) => {
    const ratio = median(pair.now.samples) / median(pair.old.samples)
    const certain = chances[index] < alpha && Math.abs(Math.log(ratio)) > leastChange
    const verdict = certain ? (ratio < 1 ? 'faster' : 'slower') : 'same'
    return { name: pair.name, old: pair.old, now: pair.now, ratio, chance: chances[index], verdict }
  })
}

/** Prints every row that both runs have. Gives how many became slower. */
export function printComparison(before: Results, after: Results, alpha: number): number {
  const judged = compare(before, after, alpha)
  print()
  for (const { machine } of [before, after]) for (const line of machineLines(machine)) print(dim(line))
  const width = Math.max(4, ...judged.map(({ name }) => name.length))
  const titles = ['before', 'after', 'ratio', 'p'].map((title) => title.padStart(11)).join('')
  if (judged.length > 0) print(`\n${'what'.padEnd(width)}${dim(titles)}`)
  for (const { name, old, now, ratio, chance, verdict } of judged) {
    const cells = [show(median(old.samples), old.unit), show(median(now.samples), now.unit), digits(ratio)]
    const text = [...cells, chance < 1e-4 ? '<0.0001' : chance.toFixed(4)].map((cell) => cell.padStart(11)).join('')
    const paint = verdict === 'faster' ? green : verdict === 'slower' ? red : dim
    print(`${name.padEnd(width)}${text}  ${paint(verdict)}`)
  }
  const count = (word: Judged['verdict']): number => judged.filter(({ verdict }) => verdict === word).length
  const rows = ({ cases }: Results): number => cases.reduce((sum, { rows: all }) => sum + all.length, 0)
  const missing = rows(before) + rows(after) - 2 * judged.length
  print(
    `\n${count('faster')} faster, ${count('slower')} slower, ${count('same')} the same ` +
      `(medians, Mann-Whitney U with Holm's correction, p < ${alpha}, changes over ${leastChange * 100} %)` +
      `${missing > 0 ? `; ${missing} are in one of the two only` : ''}`,
  )
  return count('slower')
}
