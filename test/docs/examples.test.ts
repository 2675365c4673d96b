import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { root, runNode, runShell } from '../helpers/child.ts'
import { compile } from './compile.ts'
import { guides } from './pages.ts'
import type { Block, Page } from './pages.ts'

// Every block of the README and the guides is run as it stands, in a folder where offloop is installed.
//
// - `js`, `cjs` and `ts` blocks are modules. Those of a page share a process, one after another, which must end by
//   itself, well, and without a word on stderr. `ts` is checked by TypeScript, strictly, before it is run.
// - A block whose first line is `// name.mjs` is that file, for the others of its page to import.
// - A block whose first line is `// before: package` shows what another library wants: it must parse, and is not run.
// - Behind `console.log(…)` a comment is what it prints, unless it begins with `e.g.`
// - Lines of `sh` blocks are commands. A comment behind one is what it prints. Those below are not run.
// - `mjs` blocks are files of the program that test/examples/bundlers.test.ts builds.
// - `text` is what a program prints.

const commandsNotRun: readonly (readonly [command: RegExp, reason: string])[] = [
  [/^npm install\b/, 'asks the registry'],
  [/^npm ci\b/, 'installs; what is behind it is the gate itself'],
  [/^npm (start|test|run \w+)/, 'minutes; only that there is such a script is checked'],
  [/^taskset /, 'Linux alone has it'],
  [/^npx offloop /, 'run by test/cli/docs.test.ts'],
]

const languages = new Set(['js', 'cjs', 'ts', 'mjs', 'sh', 'text'])
const extensions: Record<string, string> = { js: '.mjs', cjs: '.cjs', ts: '.mts' }

const fileName = ({ text }: Block): string | undefined => /^\/\/ ([\w-]+\.[mc]?[jt]s)\n/.exec(text)?.[1]
const isBefore = ({ text }: Block): boolean => text.startsWith('// before: ')
const isModule = ({ language }: Block): boolean => language in extensions
const isExample = (block: Block): boolean => isModule(block) && fileName(block) === undefined && !isBefore(block)

/** The module that a block is. */
const stemOf = ({ section, number }: Block): string => `${section.replaceAll(/\W+/g, '-').toLowerCase()}-${number}`

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'offloop-docs-'))
const placeOf = (page: Page): string => path.join(folder, page.file.replace(/\.md$/, '').replaceAll('/', '-'))
let mistakes: readonly string[]

beforeAll(() => {
  fs.mkdirSync(path.join(folder, 'node_modules', '@types'), { recursive: true })
  fs.symlinkSync(root, path.join(folder, 'node_modules', 'offloop'), 'junction')
  fs.symlinkSync(
    path.join(root, 'node_modules', '@types', 'node'),
    path.join(folder, 'node_modules', '@types', 'node'),
    'junction',
  )
  for (const page of guides) {
    fs.mkdirSync(placeOf(page))
    for (const block of page.blocks.filter(isModule)) {
      const name = fileName(block) ?? `${stemOf(block)}${extensions[block.language]}`
      if (!isBefore(block)) fs.writeFileSync(path.join(placeOf(page), name), block.text)
    }
  }
  mistakes = compile(folder)
})
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))

interface Outcome {
  readonly printed?: readonly string[]
  readonly error?: string
}

/** Runs the examples of a page. */
async function run(page: Page) {
  const notes = path.join(placeOf(page), 'outcomes.jsonl')
  const stems = page.blocks.filter(isExample).map((block) => `${stemOf(block)}${extensions[block.language]}`)
  const examples = stems.map((name) => name.replace(/\.mts$/, '.mjs'))
  const runner = path.join(import.meta.dirname, 'run-page.mjs')
  const ended = await runNode([runner, notes, ...examples], {}, placeOf(page))
  const outcomes = new Map<string, Outcome>()
  for (const line of fs.readFileSync(notes, 'utf8').trim().split('\n')) {
    const { example, begun, ...outcome } = JSON.parse(line) as Outcome & { example: string; begun?: boolean }
    outcomes.set(path.parse(example).name, begun ? { error: `did not end:\n${ended.stderr}` } : outcome)
  }
  return { ended, outcomes }
}

/** What an example says that it prints: undefined where it does not say. */
function promisesOf({ text }: Block): (string | undefined)[] {
  return [...text.matchAll(/console\.log\(.*\)(?: \/\/ (.*))?$/gm)].map(([, said]) =>
    said === undefined || said.startsWith('e.g.') ? undefined : said,
  )
}

const withExamples = guides.filter(({ blocks }) => blocks.some(isExample))

describe.each(withExamples.map((page) => [page.file, page] as const))('%s', (_, page) => {
  const examples = page.blocks.filter(isExample)
  let result: Awaited<ReturnType<typeof run>>
  beforeAll(async () => {
    result = await run(page)
  })

  it('ends well, and says nothing on stderr', () => {
    const { code, stderr } = result.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('has names of sections that tell them apart', () => {
    const stems = examples.map(stemOf)
    expect(stems.filter((stem, i) => stems.indexOf(stem) !== i)).toEqual([])
  })

  it.each(examples.map((block) => [`${block.section}, ${block.number}`, block] as const))('%s', (_title, block) => {
    const { error, printed = [] } = result.outcomes.get(stemOf(block)) ?? { error: 'was not reached' }
    expect(error).toBe(undefined)
    const said = promisesOf(block)
    const checks = /\bassert\b.*\(/.test(block.text) || said.some((line) => line !== undefined)
    expect(checks, 'checks what it says').toBe(true)
    if (said.length === 0) return
    expect(printed.map((line, i) => (said[i] === undefined ? undefined : line))).toEqual(said)
  })
})

describe('blocks', () => {
  it('are all of a language that is known here', () => {
    const others = guides.flatMap(({ file, blocks }) =>
      blocks.filter(({ language }) => !languages.has(language)).map(({ section }) => `${file}: ${section}`),
    )
    expect(others).toEqual([])
    const indented = guides.filter(({ markdown }) => /\n\n {4}\S/.test(markdown.replace(/^```[^]*?^```$/gm, '')))
    expect(indented.map(({ file }) => file)).toEqual([])
  })

  it('of TypeScript compile', () => expect(mistakes).toEqual([]))

  it('of other libraries parse', () => {
    const before = guides.flatMap(({ blocks }) => blocks.filter(isBefore))
    expect(before.length).toBeGreaterThan(2)
    for (const { text } of before) {
      const { diagnostics } = ts.transpileModule(text, { reportDiagnostics: true, fileName: 'before.mts' })
      expect(diagnostics?.map(({ messageText }) => messageText)).toEqual([])
    }
  })
})

describe('commands', () => {
  const lines = guides.flatMap((page) =>
    page.blocks
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.trim().split('\n'))
      .map((line) => ({ page, line })),
  )
  const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: object }
  const isRun = ({ line }: { line: string }): boolean => !commandsNotRun.some(([command]) => command.test(line))

  it('of npm are scripts of the package, and benches that there are', () => {
    const text = guides.map(({ markdown }) => markdown).join('\n')
    const named = [...text.matchAll(/npm (?:run (\w+)|(start|test)\b)/g)].map(([, name, short]) => name ?? short)
    expect(named).toEqual(expect.arrayContaining(['start', 'test', 'bench']))
    expect(named.filter((name) => !(name in scripts))).toEqual([])
    const files = new Set(
      fs
        .readdirSync(path.join(root, 'bench'), { recursive: true, encoding: 'utf8' })
        .map((file) => path.basename(file)),
    )
    const benches = [...text.matchAll(/npm run bench -- ([a-z][\w-]*)/g)].map(([, name]) => `${name}.bench.mjs`)
    expect(benches.filter((file) => !files.has(file))).toEqual([])
  })

  it.each(lines.filter(isRun).map(({ page, line }) => [line, page] as const))('%s', async (line, page) => {
    const [, command, said] = /^(.*?)(?:\s+# (.*))?$/.exec(line) as RegExpExecArray
    const { code, stdout, stderr } = await runShell(command, placeOf(page))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    if (said !== undefined) expect(stdout.trim()).toBe(said)
  })
})
