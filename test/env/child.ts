import { spawn } from 'node:child_process'
import * as os from 'node:os'
import * as path from 'node:path'
import { expect } from 'vitest'

/** How a fixture's process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Options of Node itself. */
  readonly execArgv?: readonly string[]
  /** A shell command in front, such as `ulimit -v 4000000`. */
  readonly before?: string
}

/** How often each case of a table runs, every time with another seed. */
export const rounds = Number(process.env.ROUNDS ?? 1)

/** The Node that runs the fixtures; the tests themselves run on their own. */
const node = process.env.OFFLOOP_TEST_NODE ?? process.execPath

/** A sanitizer's library, loaded into the fixtures' processes alone. */
const preload = process.env.OFFLOOP_TEST_PRELOAD

/** Then only what runs native code is worth running. */
export const sanitized = preload !== undefined

export const nodeMajor = Number(/v?(\d+)/.exec(process.env.OFFLOOP_TEST_NODE_VERSION ?? process.version)?.[1])

/** Ends a child that hangs, and no other: children take seconds, but others may load the machine. */
const patienceMs = sanitized ? 480_000 : 180_000

/** The limit of a test that runs children, some of which may wait for others: what a child said comes before it. */
export const limitMs = 2 * patienceMs + 30_000

/** Runs test/env/fixtures/<name> to its end; as many at once as there are CPUs, and one more. */
export async function runFixture(name: string, args: readonly string[], options: ChildOptions = {}): Promise<Ended> {
  await enter()
  try {
    return await run(path.join(import.meta.dirname, 'fixtures', name), args, options)
  } finally {
    leave()
  }
}

/** A process that crashed, hung or was caught by a sanitizer shows here, with what it said. */
export function expectEnd(ended: Ended, code: number): void {
  const { signal, stdout, stderr } = ended
  const said = `${stdout}${stderr}`
  expect({ code: ended.code, signal, said: looksBad(said) || ended.code !== code ? said : '' }).toEqual({
    code,
    signal: null,
    said: '',
  })
}

function looksBad(said: string): boolean {
  return /Sanitizer|broken invariant|offloop: \d+ job|ERR_OFFLOOP_INTERNAL|FATAL ERROR/.test(said)
}

function run(file: string, args: readonly string[], options: ChildOptions): Promise<Ended> {
  // What these tests were told to run on is not for the fixtures, which name their backends.
  const { NODE_OPTIONS: _n, OFFLOOP_BACKEND: _b, OFFLOOP_CPU: _c, OFFLOOP_THREADS: _t, ...inherited } = process.env
  const env = { ...inherited, ...options.env, ...(preload === undefined ? {} : { LD_PRELOAD: preload }) }
  const argv = [...(options.execArgv ?? []), file, ...args]
  const child =
    options.before === undefined
      ? spawn(node, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] })
      : spawn('sh', ['-c', `${options.before}; exec "$0" "$@"`, node, ...argv], {
          env,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ code, signal, stdout, stderr })
    })
  })
}

const most = os.availableParallelism() + 1
const waiting: (() => void)[] = []
let running = 0

async function enter(): Promise<void> {
  if (running < most) running++
  else await new Promise<void>((resolve) => waiting.push(resolve)) // leave() passes its place on
}

function leave(): void {
  const next = waiting.shift()
  if (next === undefined) running--
  else next()
}
