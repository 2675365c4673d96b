// What a result was measured on.
import { execFileSync } from 'node:child_process'
import * as os from 'node:os'

import { info } from 'offloop'

export function describeMachine() {
  const { version, backend, cpu, threads, reasons } = info()
  const processors = os.cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryGB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    offloop: version,
    commit: commit(),
    backend,
    level: cpu,
    threads,
    reasons,
    load: Number(os.loadavg()[0].toFixed(2)),
    at: new Date().toISOString(),
  }
}

/** The machine in one line, and a second one where the numbers may be wrong. */
export function machineLines(machine) {
  const { cpu, processors, memoryGB, node, offloop, commit: id, backend, level, threads, reasons, load } = machine
  const lines = [
    `${cpu}, ${processors} CPUs, ${memoryGB} GB; Node ${node}; offloop ${offloop}${id && ` (${id})`}, ` +
      `${backend}, ${level}, ${threads} threads`,
    ...reasons,
  ]
  if (load > 0.3) lines.push(`The load is ${load}: something else runs here, and these numbers will move.`)
  return lines
}

function commit() {
  try {
    const git = (...args) => execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ', changed')
  } catch {
    return ''
  }
}
