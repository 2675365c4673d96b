import { describe } from './errors.ts'
import { backendNames } from './options.ts'
import type { BackendName } from './options.ts'
import { maxThreads } from './wire.ts'

export type CpuName = 'baseline' | 'avx2' | 'avx512'

/** What the process was told by its environment variables. */
export interface Environment {
  /** OFFLOOP_BACKEND: forces a backend for every call that does not name one. */
  readonly backend: BackendName | undefined
  /** OFFLOOP_CPU: the highest CPU level to use. */
  readonly cpu: CpuName | undefined
  /** OFFLOOP_THREADS: threads of the default pool. */
  readonly threads: number | undefined
  /** OFFLOOP_DEBUG, a list: what to warn of. `threads`: those that were left running. */
  readonly debug: readonly string[]
}

let environment: Environment | undefined

/** Reads the variables on first use; a value that means nothing is a RangeError that says what would. */
export function readEnvironment(): Environment {
  environment ??= {
    backend: readWord('OFFLOOP_BACKEND', ['auto', ...backendNames]) as BackendName | undefined,
    cpu: readWord('OFFLOOP_CPU', ['baseline', 'avx2', 'avx512']),
    threads: readThreads('OFFLOOP_THREADS'),
    debug: (process.env['OFFLOOP_DEBUG'] ?? '').split(',').map((word) => word.trim()),
  }
  return environment
}

function readWord<const W extends string>(name: string, words: readonly W[]): Exclude<W, 'auto'> | undefined {
  const value = process.env[name]
  if (value === undefined || value === '' || value === 'auto') return undefined
  if (words.includes(value as W)) return value as Exclude<W, 'auto'>
  const what = `one of ${words.map((word) => `'${word}'`).join(', ')}`
  throw new RangeError(`Expected the environment variable \`${name}\` to be ${what}, got ${describe(value)}`)
}

function readThreads(name: string): number | undefined {
  const value = process.env[name]
  if (value === undefined || value === '') return undefined
  const threads = Number(value)
  if (/^\d+$/.test(value) && threads >= 1 && threads <= maxThreads) return threads
  const what = `an integer from 1 to ${maxThreads}`
  throw new RangeError(`Expected the environment variable \`${name}\` to be ${what}, got ${describe(value)}`)
}
