import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import * as path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { PlacedExample } from '../helpers/example.ts'

const words = createRequire(import.meta.url)('an-array-of-english-words') as string[]

let example: PlacedExample
beforeAll(() => void (example = new PlacedExample('fuzzy-names')))
afterAll(() => example.remove())

/** The edit distance by the table of Wagner and Fischer, 1974. */
function distance(a: string, b: string): number {
  const row = Uint8Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    let corner = i - 1
    row[0] = i
    for (let j = 1; j <= b.length; j++) {
      const above = row[j]
      row[j] = Math.min(above + 1, row[j - 1] + 1, corner + (a[i - 1] === b[j - 1] ? 0 : 1))
      corner = above
    }
  }
  return row[b.length]
}

/** Words by their distance, those of one distance in the order of the list; none above 3. */
function ranked(word: string, list: readonly string[]): { name: string; distance: number }[] {
  return list
    .filter((name) => Math.abs(name.length - word.length) <= 3)
    .map((name) => ({ name, distance: distance(word, name) }))
    .filter((match) => match.distance <= 3)
    .toSorted((a, b) => a.distance - b.distance)
}

const shown = (matches: readonly { name: string; distance: number }[]): string =>
  matches.map(({ name, distance }) => `${name} (${distance})`).join(', ')

/** Runs it with something to read; the exit code, and what it printed. */
async function feed(input: string, ...args: string[]): Promise<{ code: number; said: string }> {
  const child = spawn(process.execPath, ['main.mjs', ...args], {
    cwd: example.folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stdin.end(input)
  const [code] = (await once(child, 'close')) as [number]
  return { code, said }
}

describe('examples/fuzzy-names', () => {
  it('finds the closest of all words', async () => {
    const typed = ['recieve', 'acommodate', 'zzzzzzzzzzzzzz']
    const { code, stdout, stderr } = await example.run(['main.mjs', ...typed])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.trimEnd().split('\n')).toEqual(
      typed.map((word) => `${word}: ${shown(ranked(word, words).slice(0, 5)) || 'nothing is like it'}`),
    )
  })

  it('answers at a prompt', async () => {
    const { code, said } = await feed('definately\n\nseperate\n')
    expect(code).toBe(0)
    expect(said).toContain('274,937 words')
    for (const word of ['definately', 'seperate']) {
      const matches = ranked(word, words)
      const counts = [0, 1, 2, 3].map((d) => matches.filter(({ distance }) => distance === d).length)
      expect(said).toContain(`${shown(matches.slice(0, 5))}\n  within 0, 1, … edits: ${counts.join(', ')}; `)
    }
  })

  it('corrects a file of names, in the order of its lines', async () => {
    const names = words.filter((_, i) => i % 200 === 0)
    const list = path.join(example.folder, 'names.txt')
    fs.writeFileSync(list, `${names.join('\n')}\n`)
    // More than are looked up together, with a letter missing from each.
    const typed = names
      .slice(0, 620)
      .map((name, i) => name.slice(0, i % name.length) + name.slice((i % name.length) + 1))
    const { code, said } = await feed(`${typed.join('\r\n')}\n`, '--batch', '--names', list, '--cutoff', '2')
    expect(code).toBe(0)
    const lines = said.trimEnd().split('\n')
    expect(lines.length).toBe(typed.filter((word) => word !== '').length)
    expect(lines.map((line) => line.split('\t')[0])).toEqual(typed.filter((word) => word !== ''))
    for (const line of lines) {
      const [word, name, edits] = line.split('\t')
      expect(Number(edits), line).toBe(distance(word, name))
      expect(Number(edits), line).toBeLessThanOrEqual(1)
    }
    for (const line of lines.filter((_, i) => i % 20 === 0)) {
      const [best] = ranked(line.split('\t')[0], names)
      expect(line.split('\t').slice(1)).toEqual([best.name, `${best.distance}`])
    }
  })
})
