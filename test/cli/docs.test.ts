import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root, runNode } from '../helpers/child.ts'
import { madeUpResults } from './results.mjs'

const program = path.join(root, 'dist', 'cli', 'main.js')
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-cli-docs-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

const page = fs.readFileSync(path.join(root, 'docs', 'cli.md'), 'utf8')
const commands = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)]
  .flatMap(([, block]) => block.trim().split('\n'))
  .map((line) => line.replace(/ +#.*$/, ''))

/** The words of a command line, as a shell makes them. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain)
}

/** Nothing is measured: `--from` takes what there is, `--list` reads all options, and a quick demo is a demo. */
function cheap([command, ...rest]: readonly string[]): string[] {
  if (command === 'demo') return [command, '--quick']
  return command === 'bench' && !rest.includes('--from') ? [command, ...rest, '--list'] : [command, ...rest]
}

describe('docs/cli.md', () => {
  beforeAll(() => {
    for (const name of ['before.json', 'after.json']) {
      fs.writeFileSync(path.join(folder, name), JSON.stringify(madeUpResults()))
    }
  })

  it('has commands, all of this program', () => {
    expect(commands.length).toBeGreaterThan(15)
    expect(commands.filter((line) => !line.startsWith('npx offloop '))).toEqual([])
  })

  const runs = [...new Set(commands.map((line) => cheap(wordsOf(line).slice(2)).join('\0')))].map((run) =>
    run.split('\0'),
  )
  it.each(runs)('%s %s %s %s', async (...args) => {
    const { code, stderr } = await runNode([program, ...args], {}, folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('names every field of info', async () => {
    const { stdout } = await runNode([program, 'info', '--json'], {}, folder)
    const table = page.slice(page.indexOf('| field'), page.indexOf('## bench'))
    const named = [...table.matchAll(/^\| ([^|]+)/gm)].flatMap(([, cell]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    )
    expect(named.toSorted()).toEqual(Object.keys(JSON.parse(stdout) as object).toSorted())
  })
})
