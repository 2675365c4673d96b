// node bench/compare.mjs before.json after.json [--alpha 0.01] [--all]
// Which times have changed between two runs of `npm run bench -- --json file`, and not by chance. Exit code 1 where
// something became slower.
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { machineLines } from './harness/machine.mjs'
import { digits, dim, green, red, show } from './harness/report.mjs'
import { holm, mannWhitney, median } from './harness/statistics.mjs'

/** Smaller changes are not worth a word, however certain. */
const leastChange = 0.02

const { values: options, positionals: files } = parseArgs({
  options: { alpha: { type: 'string', default: '0.01' }, all: { type: 'boolean', default: false } },
  allowPositionals: true,
})
if (files.length !== 2) {
  console.error('usage: node bench/compare.mjs before.json after.json [--alpha 0.01] [--all]')
  process.exit(2)
}
const [before, after] = files.map((file) => JSON.parse(readFileSync(file, 'utf8')))
for (const { machine } of [before, after]) for (const line of machineLines(machine)) console.log(dim(line))

const keyOf = (result) => [result.bench, result.case, result.row].join(' | ')
const earlier = new Map(before.results.map((result) => [keyOf(result), result]))
const pairs = after.results.flatMap((result) => {
  const old = earlier.get(keyOf(result))
  return old === undefined ? [] : [{ name: keyOf(result), old, now: result }]
})
const chances = holm(pairs.map(({ old, now }) => mannWhitney(old.samples, now.samples)))
const judged = pairs.map(({ name, old, now }, index) => {
  const ratio = median(now.samples) / median(old.samples)
  const certain = chances[index] < Number(options.alpha) && Math.abs(Math.log(ratio)) > leastChange
  return {
    name,
    old,
    now,
    ratio,
    chance: chances[index],
    verdict: certain ? (ratio < 1 ? 'faster' : 'slower') : 'same',
  }
})

const shown = judged.filter(({ verdict }) => options.all || verdict !== 'same')
const width = Math.max(4, ...shown.map(({ name }) => name.length))
if (shown.length > 0) {
  const titles = ['before', 'after', 'ratio', 'p'].map((title) => title.padStart(11)).join('')
  console.log(`\n${'what'.padEnd(width)}${dim(titles)}`)
}
for (const { name, old, now, ratio, chance, verdict } of shown) {
  const cells = [show(median(old.samples), old.unit), show(median(now.samples), now.unit), digits(ratio)]
  const text = [...cells, chance < 1e-4 ? '<0.0001' : chance.toFixed(4)].map((cell) => cell.padStart(11)).join('')
  const paint = verdict === 'faster' ? green : verdict === 'slower' ? red : dim
  console.log(`${name.padEnd(width)}${text}  ${paint(verdict)}`)
}

const count = (word) => judged.filter(({ verdict }) => verdict === word).length
const missing = before.results.length + after.results.length - 2 * pairs.length
console.log(
  `\n${count('faster')} faster, ${count('slower')} slower, ${count('same')} the same ` +
    `(medians, Mann-Whitney U with Holm's correction, p < ${options.alpha}, changes over ${leastChange * 100} %)` +
    `${missing > 0 ? `; ${missing} are in one of the files only` : ''}`,
)
if (count('slower') > 0) process.exitCode = 1
