import { execFile } from 'node:child_process'
import * as path from 'node:path'

export const root = path.join(import.meta.dirname, '..', '..')

export interface Finished {
  /** The exit code, or the name of the signal that ended it. */
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

/** Runs an ES module in a Node process of its own, with `offloop` at hand. */
export function runModule(source: string, env: Record<string, string> = {}, cwd = root): Promise<Finished> {
  return runNode(['--input-type=module', '-e', source], env, cwd)
}

/** The same with the arguments of `node`. */
export function runNode(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd = root,
  timeout = 300_000,
): Promise<Finished> {
  return run(process.execPath, args, env, cwd, timeout)
}

/** Runs a line of a shell, in which `node` is the Node that runs this. */
export function runShell(line: string, cwd: string): Promise<Finished> {
  const folders = [path.dirname(process.execPath), process.env['PATH'] ?? '']
  return run('bash', ['-c', line], { PATH: folders.join(path.delimiter) }, cwd, 300_000)
}

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string,
  timeout: number,
): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...cleanEnvironment(), ...env }, timeout, maxBuffer: 2 ** 26 }
    execFile(program, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : (error.signal ?? error.code ?? 1), stdout, stderr })
    })
  })
}

/** What the module prints as JSON; an error where it did not end well. */
export async function jsonFrom<T>(source: string, env: Record<string, string> = {}, cwd = root): Promise<T> {
  const { code, stdout, stderr } = await runModule(source, env, cwd)
  if (code !== 0) throw new Error(`the child ended with ${code}:\n${stderr}`)
  return JSON.parse(stdout) as T
}

// Vitest's own settings and whatever forces a backend on this process stay out of children.
function cleanEnvironment(): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|OFFLOOP_)/.test(name)),
  )
}
