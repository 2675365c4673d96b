import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import * as os from 'node:os'
import * as path from 'node:path'

import { info } from '../../index.ts'

/** What a result was measured on. */
export type Machine = ReturnType<typeof describeMachine>

export function describeMachine() {
  const { version, backend, cpu, threads, reasons } = info()
  const processors = os.cpus()
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    processors: processors.length,
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    offloop: version,
    commit: commit(),
    backend,
    level: cpu,
    threads,
    cacheBytes: lastLevelCache() ?? usualCache,
    reasons,
    load: Number(os.loadavg()[0].toFixed(2)),
    at: new Date().toISOString(),
  }
}

/** The machine in one line, and a second one where the numbers may be wrong. */
export function machineLines(machine: Machine): string[] {
  const { cpu, processors, memoryGB, node, offloop, commit: id, backend, level, threads, reasons, load } = machine
  const lines = [
    `${cpu}, ${processors} CPUs, ${memoryGB} GB; Node ${node}; offloop ${offloop}${id && ` (${id})`}, ` +
      `${backend}, ${level}, ${threads} threads`,
    ...reasons,
  ]
  if (load > 0.3) lines.push(`The load is ${load}: something else runs here, and these numbers will move.`)
  return lines
}

/** Where the system does not tell: more than that is in memory on most machines. */
const usualCache = 32e6

/** Bytes of the largest cache of the first CPU, as Linux has it. */
function lastLevelCache(): number | undefined {
  const folder = '/sys/devices/system/cpu/cpu0/cache'
  try {
    const sizes = fs
      .readdirSync(folder)
      .filter((name) => name.startsWith('index'))
      .map((name) => fs.readFileSync(path.join(folder, name, 'size'), 'utf8').trim())
    return Math.max(...sizes.map((size) => Number.parseInt(size, 10) * (size.endsWith('M') ? 2 ** 20 : 2 ** 10)))
  } catch {
    return undefined
  }
}

/** Of the clone that this is, if it is one: a package inside a repository of somebody else's has none. */
function commit(): string {
  const root = path.join(__dirname, '../../..')
  if (!fs.existsSync(path.join(root, '.git'))) return ''
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', changed')
  } catch {
    return ''
  }
}
