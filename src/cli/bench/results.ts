import * as fs from 'node:fs'

import { UsageError } from '../command.ts'
import type { Machine } from './machine.ts'

/** Who takes part: a plain loop, offloop's backends, and npm packages. */
export type Kind = 'plain' | 'inline' | 'worker' | 'native' | 'peer'

/** How the event loop fared while a contestant ran again and again. */
export interface LoopWatch {
  /** Milliseconds that it was watched. */
  readonly span: number
  /** When it stood still, and for how long, in milliseconds from the start. */
  readonly standstills: readonly (readonly [at: number, lasted: number])[]
}

/** What was measured of one contestant. */
export interface Row {
  readonly name: string
  readonly unit: string
  readonly samples: number[]
  /** The row that it is compared with. */
  readonly baseline?: string
  /** Work in a call: by milliseconds it is so much of the unit. */
  readonly rate?: { readonly amount: number; readonly unit: string }
  readonly kind?: Kind
  /** Where a run was limited to so many threads for its own sake. */
  readonly threads?: number
  readonly isPeer?: boolean
  /** The longest time that the event loop stood still, in milliseconds. */
  gapMs?: number
  loop?: LoopWatch
  /** Which limit of the machine it measures. */
  readonly limit?: string
}

/** One case of one bench. */
export interface CaseResult {
  readonly bench: string
  readonly name: string
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
  /** Why it did not run to its end. */
  readonly failure?: string
  /** Of the arguments and the result: what must be read and written at least. */
  readonly bytes?: { readonly read: number; readonly written: number }
  /** The event loop while nothing was to be done, just after. */
  readonly idle?: { readonly gapMs: number; readonly loop: LoopWatch }
  /** The element type of the first array. */
  readonly dtype?: string
}

/** One run of the program: what `--json` writes and `--compare` and `--from` read. */
export interface Results {
  readonly program: 'offloop bench'
  readonly machine: Machine
  readonly cases: readonly CaseResult[]
}

export function writeResults(file: string, results: Results): void {
  fs.writeFileSync(file, `${JSON.stringify(results, null, 1)}\n`)
}

/** Reads a file that `--json` wrote; anything else is a UsageError. */
export function readResults(file: string): Results {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    throw new UsageError(`Can't read ${file}: ${(error as Error).message}`)
  }
  try {
    const results = JSON.parse(text) as Partial<Results>
    if (results.program === 'offloop bench' && Array.isArray(results.cases)) return results as Results
  } catch {
    // Not even JSON: the message below says what it should be.
  }
  throw new UsageError(`Expected ${file} to be what \`offloop bench --json\` writes`)
}

/** What tells a row from all others. */
export function keyOf({ bench, name }: CaseResult, row: Row): string {
  return [bench, name, row.name].join(' | ')
}
