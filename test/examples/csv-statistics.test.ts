import * as fs from 'node:fs'
import * as path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root } from '../helpers/child.ts'
import { PlacedExample } from '../helpers/example.ts'

interface Group {
  readonly word: string
  readonly rows: number
  readonly count: number
  readonly mean: number
  readonly std: number
  readonly min: number
  readonly max: number
  readonly median: number
}

interface Report {
  readonly rows: number
  readonly all: Omit<Group, 'word' | 'rows' | 'median'>
  readonly quantiles: number[]
  readonly counts: number[]
  readonly edges: number[]
  readonly groups: Group[]
}

let example: PlacedExample
beforeAll(() => void (example = new PlacedExample('csv-statistics')))
afterAll(() => example.remove())

async function report(...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await example.run(['main.mjs', '--json', ...args])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Report
}

/** The fields of a CSV file, letter by letter. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [['']]
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    const row = rows[rows.length - 1]
    if (text[i] === '"') {
      if (quoted && text[i + 1] === '"') row[row.length - 1] += text[++i]
      else quoted = !quoted
    } else if (quoted || !/[,\r\n]/.test(text[i])) row[row.length - 1] += text[i]
    else if (text[i] === ',') row.push('')
    else if (text[i] === '\n') rows.push([''])
  }
  return rows.filter((row) => row.length > 1 || row[0] !== '')
}

/** Statistics by plain loops over sorted values. */
function statisticsOf(values: number[]): Omit<Group, 'word' | 'rows'> & { at: (part: number) => number } {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b)
  const count = sorted.length
  const mean = sorted.reduce((sum, x) => sum + x, 0) / count
  const std = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count)
  const at = (part: number): number => {
    const place = (count - 1) * part
    const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
    return low + (high - low) * (place % 1)
  }
  return { count, mean, std, min: sorted[0], max: sorted[count - 1], median: at(0.5), at }
}

function check(found: Report, csv: string, value: string, group: string, repeat: number): void {
  const [names, ...once] = readCsv(csv)
  const rows = Array.from({ length: repeat }, () => once).flat()
  const [valueAt, groupAt] = [names.indexOf(value), names.indexOf(group)]
  const numberOf = (row: string[]): number => (row[valueAt] === '' ? NaN : Number(row[valueAt]))
  const close = (actual: number, expected: number): void => {
    expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)))
  }
  const all = statisticsOf(rows.map(numberOf))
  expect(found.rows).toBe(rows.length)
  for (const name of ['count', 'mean', 'std', 'min', 'max'] as const) close(found.all[name], all[name])
  for (const [i, part] of [0.05, 0.25, 0.5, 0.75, 0.95].entries()) close(found.quantiles[i], all.at(part))

  const width = (all.max - all.min) / found.counts.length
  const counts = found.counts.map(() => 0)
  for (const value of rows.map(numberOf).filter((x) => !Number.isNaN(x))) {
    counts[Math.min(counts.length - 1, Math.floor((value - all.min) / width))]++
  }
  expect(found.counts).toEqual(counts)

  const words = [...new Set(rows.map((row) => row[groupAt]))]
  expect(found.groups.map(({ word }) => word).toSorted()).toEqual(words.toSorted())
  for (const { word, rows: size, ...rest } of found.groups) {
    const members = rows.filter((row) => row[groupAt] === word)
    expect(size, word).toBe(members.length)
    const expected = statisticsOf(members.map(numberOf))
    for (const name of ['count', 'mean', 'std', 'min', 'max', 'median'] as const) close(rest[name], expected[name])
  }
}

describe('examples/csv-statistics', () => {
  const birdstrikes = fs.readFileSync(path.join(root, 'node_modules/vega-datasets/data/birdstrikes.csv'), 'utf8')

  it('is right about the birds, with several parts to parse', async () => {
    const found = await report('--repeat', '2', '--workers', '2', '--bins', '10')
    check(found, birdstrikes, 'Speed IAS in knots', 'Phase of flight', 2)
    expect(found.rows).toBe(20_000)
  })

  it('reads quotes, line ends in them, and files that end in the middle of nothing', async () => {
    const line = (i: number): string => `"a ""word"", no ${i % 3}",${i},"${'x\n'.repeat(i % 4)}"`
    const csv = `name,size,note\r\n${Array.from({ length: 120_000 }, (_, i) => line(i)).join('\r\n')}`
    expect(csv.length).toBeGreaterThan(3 * 2 ** 20)
    const file = path.join(example.folder, 'quoted.csv')
    fs.writeFileSync(file, csv)
    const found = await report('--file', file, '--value', 'size', '--group', 'name', '--repeat', '1')
    check(found, csv, 'size', 'name', 1)
    expect(found.groups[0].word).toBe('a "word", no 0')
  })

  it('says which columns there are where one is missing', async () => {
    const { code, stderr } = await example.run(['main.mjs', '--value', 'height', '--repeat', '1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/no column height; there are Airport Name, .*Speed IAS in knots/)
  })

  it('prints the same for people', async () => {
    const { code, stdout } = await example.run(['main.mjs', '--repeat', '3', '--bins', '5'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^30,000 rows, 4 MB: parsed in \d+ ms,$/m)
    expect(stdout).toMatch(/^ {2}Approach +13857 rows, mean 153\.\d, median 140$/m)
  })
})
