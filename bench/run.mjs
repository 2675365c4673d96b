// npm run bench [-- names] [--only regex] [--json file] [--sizes] [--quick] [--peers] [--native] [--processes n] [--list]
import { execFileSync, fork } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import * as path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

import { describeMachine, machineLines } from './harness/machine.mjs'
import { printBench, printCase } from './harness/report.mjs'

const folder = path.dirname(fileURLToPath(import.meta.url))
const { values: options, positionals: names } = readArguments()
const pattern = new RegExp(options.only ?? '')
/** What all processes of a case spend on measuring, together. */
const budgetMs = options.quick ? 300 : 2400
const processes = Number(options.processes ?? (options.quick ? 1 : 3))

const benches = await findBenches()
if (options.list) for (const { name, question } of benches) console.log(`${name.padEnd(22)} ${question}`)
else await runAll()

function readArguments() {
  try {
    const flag = { type: 'boolean', default: false }
    const text = { type: 'string' }
    return parseArgs({
      options: {
        only: text,
        json: text,
        processes: text,
        sizes: flag,
        quick: flag,
        peers: flag,
        native: flag,
        list: flag,
      },
      allowPositionals: true,
    })
  } catch (error) {
    console.error(
      `${error.message}\nusage: node bench/run.mjs [names] [--only regex] [--json file] [--sizes] [--quick]`,
    )
    console.error('       [--peers] [--native] [--processes n] [--list]')
    process.exit(2)
  }
}

/** Benches by name, and by pattern if one was given: `kernels/sum`, `sum`, or `kernels`. `engine` has no peers. */
async function findBenches() {
  const stems = ['kernels', 'engine', 'pool', 'channels', 'spmd', 'actors', 'sync', 'flow'].flatMap((group) =>
    readdirSync(path.join(folder, group))
      .filter((file) => file.endsWith('.bench.mjs'))
      .map((file) => `${group}/${file.slice(0, -'.bench.mjs'.length)}`),
  )
  const all = options.native
    ? ['native/peers']
    : options.peers
      ? stems.filter((stem) => !/^(engine|spmd)\//.test(stem))
      : stems
  const known = new Set(all.flatMap((stem) => [stem, ...stem.split('/')]))
  for (const name of names) {
    if (!known.has(name)) {
      console.error(`There is no bench '${name}'. There are: ${all.join(', ')}`)
      process.exit(2)
    }
  }
  const chosen = all.filter((stem) => names.length === 0 || [stem, ...stem.split('/')].some((it) => names.includes(it)))
  const loaded = []
  for (const name of chosen) {
    const file = path.join(folder, `${name}.bench.mjs`)
    const { question, cases } = (await import(pathToFileURL(file).href)).default
    const wanted = cases.filter(
      (one) => (options.sizes || one.headline || options.only !== undefined) && pattern.test(`${name} ${one.name}`),
    )
    if (wanted.length > 0) loaded.push({ name, file, question, cases: wanted })
  }
  return loaded
}

async function runAll() {
  if (options.native) execFileSync('bash', [path.join(folder, 'native/build.sh')], { stdio: 'inherit' })
  if (options.peers) invitePeers()
  const machine = describeMachine()
  for (const line of machineLines(machine)) console.log(line)
  const results = []
  for (const { name, file, question, cases } of benches) {
    printBench(name, question)
    for (const one of cases) {
      const { rows, notes } = await runCase(file, one)
      printCase(one.name, rows, notes)
      for (const { name: row, unit, samples } of rows) results.push({ bench: name, case: one.name, row, unit, samples })
    }
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ machine, results }, null, 1)}\n`)
}

/** The npm packages that offloop is compared with are installed in a folder of their own. */
function invitePeers() {
  if (!existsSync(path.join(folder, 'peers/node_modules'))) {
    console.error('The peers are not installed. Run: npm ci --prefix bench/peers')
    process.exit(2)
  }
  // Trials inherit it.
  process.env.OFFLOOP_BENCH_PEERS = '1'
}

/** Runs a case in several processes one after another: times differ more between processes than within one. */
async function runCase(file, { name, once }) {
  const count = once || options.native ? 1 : processes
  let merged
  for (let i = 0; i < count; i++) {
    const { rows, notes } = await runTrial(file, name, budgetMs / count)
    if (merged === undefined) merged = { rows, notes: new Set(notes) }
    else {
      rows.forEach((row, index) => merge(merged.rows[index], row))
      for (const note of notes) merged.notes.add(note)
    }
  }
  return { rows: merged.rows, notes: [...merged.notes] }
}

function merge(into, row) {
  into.samples.push(...row.samples)
  if (row.gapMs !== undefined) into.gapMs = Math.max(into.gapMs, row.gapMs)
}

function runTrial(file, name, budget) {
  const program = path.join(folder, 'harness/trial.mjs')
  return new Promise((resolve, reject) => {
    let result
    const child = fork(program, [file, name, String(budget)], { execArgv: ['--expose-gc'] })
    child.on('message', (message) => (result = message))
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result)
      else reject(new Error(`${file} '${name}' ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}
