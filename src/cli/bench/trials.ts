import { fork } from 'node:child_process'
import * as path from 'node:path'

import { benchFolder } from './catalogue.ts'
import type { Bench, Case } from './catalogue.ts'
import type { CaseResult, Kind, Row } from './results.ts'

/** How cases are run. */
export interface Settings {
  /** What all processes of a case spend on measuring, together. */
  readonly budgetMs: number
  readonly processes: number
  /** Who takes part; everybody where it is undefined. */
  readonly backends: readonly Kind[] | undefined
  /** Native runs with so many threads, besides those of the pool. */
  readonly threads: readonly number[]
  /** How long the event loop of each contestant is watched. */
  readonly watchMs: number
}

type Trial = Pick<CaseResult, 'rows' | 'notes' | 'bytes' | 'idle' | 'dtype'>

/** Runs a case in several processes one after another: times differ more between processes than within one. */
export async function runCase(bench: Bench, { name, once }: Case, settings: Settings): Promise<CaseResult> {
  const count = once === true || bench.name.startsWith('native/') ? 1 : settings.processes
  const trials: Trial[] = []
  for (let i = 0; i < count; i++) {
    // One look at the event loop is enough.
    const watchMs = i === 0 ? settings.watchMs : 0
    trials.push(await runTrial(bench.file, name, { ...settings, budgetMs: settings.budgetMs / count, watchMs }))
  }
  const [first, ...others] = trials
  for (const { rows } of others) rows.forEach((row, index) => merge(first.rows[index], row))
  return { ...first, bench: bench.name, name, notes: [...new Set(trials.flatMap(({ notes }) => notes))] }
}

function merge(into: Row, row: Row): void {
  into.samples.push(...row.samples)
  if (row.gapMs !== undefined) into.gapMs = Math.max(into.gapMs ?? 0, row.gapMs)
}

function runTrial(file: string, name: string, settings: Settings): Promise<Trial> {
  const program = path.join(benchFolder, 'harness/trial.mjs')
  return new Promise((resolve, reject) => {
    let result: Trial | undefined
    const child = fork(program, [file, name, JSON.stringify(settings)], { execArgv: ['--expose-gc'] })
    child.on('message', (message) => (result = message as Trial))
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (result !== undefined && code === 0) resolve(result)
      else reject(new Error(`${file} '${name}' ended with ${signal ?? `exit code ${code}`}`))
    })
  })
}
