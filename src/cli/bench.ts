import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as path from 'node:path'

import { info } from '../index.ts'
import { maxThreads } from '../wire.ts'
import { benchFolder, findBenches } from './bench/catalogue.ts'
import type { Bench, Case } from './bench/catalogue.ts'
import { printComparison } from './bench/compare.ts'
import { describeMachine, machineLines } from './bench/machine.ts'
import { Progress } from './bench/progress.ts'
import { readResults, writeResults } from './bench/results.ts'
import type { CaseResult, Kind, Results } from './bench/results.ts'
import { printBench, printCase } from './bench/table.ts'
import { runCase } from './bench/trials.ts'
import type { Settings } from './bench/trials.ts'
import { parse, readCounts, readWords, UsageError } from './command.ts'
import type { Command } from './command.ts'
import { reportOf } from './report/page.ts'
import { print } from './terminal.ts'

const kinds: readonly Kind[] = ['plain', 'inline', 'worker', 'native', 'peer']

export const bench: Command = {
  summary: 'measures kernels and all else against plain JavaScript, the machine and npm packages',
  usage: `Usage: offloop bench [names] [options]

Measures everything at its headline sizes, small, cache-size and larger than the caches, or only the benches or groups
that are named: sum, sort, kernels, pool, ... Results are checked against one another before anything is timed.

Which cases:
      --only <regex>      those whose bench and name match, of all sizes
      --sizes             every size, not only the headline ones
      --list              prints the benches and what they ask

How:
      --quick             a look, in a tenth of the time
      --processes <n>     processes for each case, one after another (default 3, with --quick 1)
      --backends <list>   who takes part: ${kinds.join(', ')} (default all)
      --threads <list>    native runs also with so many threads, as in 1,2,4
                          (default with --html: powers of two up to all)
      --peers             the npm packages that do the same take part
      --native            against OpenBLAS, vqsort and the memory, by programs in C++; in a clone of the repository

What becomes of the results:
      --json <file>       keeps every sample
      --html <file>       writes a report with charts, in one file
      --compare <file>    says what has changed since a run whose --json this is, and how sure that is
      --alpha <p>         chance of a false alarm that --compare takes, over all rows (default 0.01)
      --fail-on-regression  exit code 1 where something became slower
      --from <file>       measures nothing, takes the results of an earlier --json
  -h, --help              this text
`,
  run: (args) => benchWith(readOptions(args)),
}

type Options = ReturnType<typeof readOptions>

function readOptions(args: readonly string[]) {
  const flag = { type: 'boolean', default: false } as const
  const text = { type: 'string' } as const
  const { values, positionals } = parse({
    args: [...args],
    allowPositionals: true,
    options: {
      only: text,
      sizes: flag,
      list: flag,
      quick: flag,
      processes: text,
      backends: text,
      threads: text,
      peers: flag,
      native: flag,
      json: text,
      html: text,
      compare: text,
      alpha: { type: 'string', default: '0.01' },
      'fail-on-regression': flag,
      from: text,
    },
  })
  const alpha = Number(values.alpha)
  if (!(alpha > 0 && alpha < 1)) throw new UsageError(`Expected --alpha to be between 0 and 1, got '${values.alpha}'`)
  if (values['fail-on-regression'] && values.compare === undefined) {
    throw new UsageError('--fail-on-regression needs --compare')
  }
  for (const file of [values.json, values.html]) if (file !== undefined) checkFolder(file)
  return {
    ...values,
    names: positionals,
    only: readPattern(values.only),
    alpha,
    processes: values.processes === undefined ? undefined : readCounts('--processes', values.processes, 100)[0],
    backends: values.backends === undefined ? undefined : (readWords('--backends', values.backends, kinds) as Kind[]),
    threads: values.threads === undefined ? undefined : readCounts('--threads', values.threads, maxThreads),
    // Read before anything is measured: a wrong file is known at once.
    before: values.compare === undefined ? undefined : readResults(values.compare),
    earlier: values.from === undefined ? undefined : readResults(values.from),
  }
}

function readPattern(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text)
  } catch (error) {
    throw new UsageError(`Expected --only to be a regular expression: ${(error as Error).message}`)
  }
}

/** What takes minutes to measure must not be lost for want of a folder. */
function checkFolder(file: string): void {
  const folder = path.dirname(path.resolve(file))
  if (!fs.existsSync(folder)) throw new UsageError(`There is no folder ${folder} to write ${file} into`)
}

async function benchWith(options: Options): Promise<number> {
  if (options.peers) invitePeers()
  const benches =
    options.earlier === undefined ? await findBenches({ ...options, limits: options.html !== undefined }) : []
  if (options.list) {
    for (const { name, question } of benches) print(`${name.padEnd(22)} ${question}`)
    return 0
  }
  const results = options.earlier ?? (await measureAll(benches, options))
  if (options.json !== undefined) writeResults(options.json, results)
  if (options.html !== undefined) {
    fs.writeFileSync(options.html, reportOf(results))
    print(`\nThe report is in ${options.html}`)
  }
  const slower = options.before === undefined ? 0 : printComparison(options.before, results, options.alpha)
  const failures = results.cases.filter(({ failure }) => failure !== undefined).length
  if (failures > 0) throw new Error(`${failures} of ${results.cases.length} cases did not run to their end`)
  return options['fail-on-regression'] && slower > 0 ? 1 : 0
}

/** The npm packages that offloop is compared with are installed in a folder of their own. */
function invitePeers(): void {
  const folder = path.join(benchFolder, 'peers')
  if (!fs.existsSync(path.join(folder, 'node_modules'))) {
    throw new UsageError(`The peers are not installed. Run: npm install --prefix ${JSON.stringify(folder)}`)
  }
  // Trials inherit it.
  process.env['OFFLOOP_BENCH_PEERS'] = '1'
}

async function measureAll(benches: readonly Bench[], options: Options): Promise<Results> {
  if (options.native) execFileSync('bash', [path.join(benchFolder, 'native/build.sh')], { stdio: 'inherit' })
  const settings = settingsOf(options)
  const threads = Math.max(info().threads, ...settings.threads)
  // Trials inherit it: a pool has its threads from the start.
  if (threads > info().threads) process.env['OFFLOOP_THREADS'] = String(threads)
  const machine = { ...describeMachine(), threads }
  for (const line of machineLines(machine)) print(line)
  const cases: CaseResult[] = []
  const progress = new Progress(benches.reduce((sum, { cases: some }) => sum + some.length, 0))
  for (const one of benches) {
    progress.clear()
    printBench(one.name, one.question)
    for (const each of one.cases) {
      progress.step(`${one.name} ${each.name}`)
      const result = await runCase(one, each, settings).catch((error: Error) => failed(one, each, error))
      progress.clear()
      printCase(result)
      cases.push(result)
    }
  }
  return { program: 'offloop bench', machine, cases }
}

/** One case that ends badly must not cost the results of all others. */
function failed(one: Bench, { name }: Case, { message }: Error): CaseResult {
  return { bench: one.name, name, rows: [], notes: [], failure: message }
}

function settingsOf({ quick, processes, backends, threads, html }: Options): Settings {
  return {
    budgetMs: quick ? 300 : 2400,
    processes: processes ?? (quick ? 1 : 3),
    backends,
    threads: threads ?? (html === undefined ? [] : powersUpTo(info().threads)),
    watchMs: quick ? 60 : 150,
  }
}

function powersUpTo(most: number): number[] {
  const powers = [most]
  for (let power = 1; power < most; power *= 2) powers.push(power)
  return powers.toSorted((a, b) => a - b)
}
