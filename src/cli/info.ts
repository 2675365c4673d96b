import * as os from 'node:os'
import * as path from 'node:path'

import { info as infoOf } from '../index.ts'
import { infoDetails } from '../info.ts'
import type { Details } from '../info.ts'
import { cgroupCpus } from './cgroup.ts'
import { parse } from './command.ts'
import type { Command } from './command.ts'
import { digits } from './format.ts'
import { bold, columns, dim, green, print, yellow } from './terminal.ts'

export const info: Command = {
  summary: 'what offloop runs on here: binary, CPU level, threads, and why not more',
  usage: `Usage: offloop info [--json]

Says which native binary is in use, or where it was looked for and what to install; the CPU levels; threads, limits of
containers and the OFFLOOP_* variables; how memory is handled; and the backend that is chosen.

Options:
      --json    the same as one JSON object
  -h, --help    this text
`,
  run(args) {
    const { values } = parse({ args: [...args], options: { json: { type: 'boolean', default: false } } })
    const facts = gather()
    if (values.json) print(JSON.stringify(facts, null, 2))
    else printFacts(facts)
    return Promise.resolve(0)
  },
}

/** All that is said, in either form. */
export type Facts = ReturnType<typeof gather>

function gather() {
  const { places, failure, levels } = infoDetails()
  const said = infoOf()
  return {
    ...said,
    binary: said.binary ?? null,
    failure: failure ?? null,
    advice: said.binary === undefined ? advice() : null,
    tried: places.map(({ folder, files }) => ({
      folder,
      files: files ?? null,
      outcome: outcomeOf({ folder, files }, said.binary),
    })),
    levels,
    platform: process.platform,
    arch: process.arch,
    libc: libcOf(),
    runtime: runtimeOf(),
    cpuModel: os.cpus()[0]?.model.trim() ?? 'unknown',
    cpus: os.cpus().length,
    cpusAvailable: os.availableParallelism(),
    cgroupCpus: cgroupCpus() ?? null,
    memoryBytes: os.totalmem(),
    environment: Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith('OFFLOOP_'))),
  }
}

function outcomeOf({ folder, files }: Details['places'][number], binary: string | undefined): string {
  if (files === undefined) return 'no such folder'
  if (files.length === 0) return 'no binary in it'
  const names = files.join(', ')
  if (binary !== undefined && path.dirname(binary) === folder) return `${path.basename(binary)}: in use`
  return binary === undefined ? `${names}: does not load, or is for another system` : `${names}: not needed`
}

const compilers: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'xcode-select --install',
  win32: 'winget install Microsoft.VisualStudio.2022.BuildTools, with "Desktop development with C++", and Python 3',
  linux: 'apt-get install g++ make python3 (Debian, Ubuntu), apk add g++ make python3 (Alpine), or the like',
}

function advice(): string[] {
  return [
    `a C++20 compiler, make and Python: ${compilers[process.platform] ?? 'as your system has them'}`,
    'then compile it: npm rebuild offloop (or, where install scripts are blocked: allow them for offloop)',
    'until then everything works on worker threads, with the same results',
  ]
}

function libcOf(): string | null {
  if (process.platform !== 'linux') return null
  // Node 22 can leave out the part of the report that may look up names in the network.
  Object.assign(process.report, { excludeNetwork: true })
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime === undefined ? 'musl' : `glibc ${header.glibcVersionRuntime}`
}

function runtimeOf(): string {
  const { bun, deno, electron, node } = process.versions
  if (bun !== undefined) return `Bun ${bun} (Node ${node})`
  if (deno !== undefined) return `Deno ${deno} (Node ${node})`
  return electron === undefined ? `Node ${node}` : `Electron ${electron} (Node ${node})`
}

const gutter = 12

function printFacts(facts: Facts): void {
  const line = (title: string, text: string): void => print(`${dim(title.padEnd(gutter))}${fold(text)}`)
  const { platform, arch, libc, cpuModel, cpus, cpusAvailable, cgroupCpus: quota, threads } = facts
  print(bold(`offloop ${facts.version}`))
  line('runtime', `${facts.runtime}, ${platform}-${arch}${libc === null ? '' : `, ${libc}`}`)
  line('backend', facts.backend === 'native' ? green('native') : yellow(facts.backend))
  line('binary', facts.binary ?? yellow(`none: ${facts.failure}`))
  facts.tried.forEach(({ folder, outcome }, i) => line(i === 0 ? 'looked in' : '', `${folder}: ${outcome}`))
  facts.advice?.forEach((text, i) => line(i === 0 ? 'to have it' : '', text))
  line('CPU', `${cpuModel}; level ${facts.cpu}${facts.levels.length > 1 ? ` of ${facts.levels.join(', ')}` : ''}`)
  const limit = quota === null ? 'no limit by a control group' : `limited to ${digits(quota)} by a control group`
  line('threads', `${threads}; ${cpusAvailable} of ${cpus} CPUs available, ${limit}`)
  line('memory', `${facts.memory}: ${memoryWords[facts.memory]}`)
  const variables = Object.entries(facts.environment)
  line('variables', variables.length === 0 ? 'none of OFFLOOP_*' : variables.map((pair) => pair.join('=')).join(' '))
  // Why there is no binary has been said.
  const others = facts.reasons.filter((reason) => !reason.startsWith('native:'))
  others.forEach((reason, i) => line(i === 0 ? 'to know' : '', reason))
}

const memoryWords = {
  pinned: 'arrays are read where they are',
  copied: 'ordinary arrays are copied for a call, shared ones are read where they are',
}

/** Words in lines of the terminal's width, those after the first under its beginning; one line for other programs. */
function fold(text: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    if (lines.at(-1) !== '' && lines.at(-1)!.length + word.length >= columns(Infinity) - gutter) lines.push('')
    lines[lines.length - 1] += `${lines.at(-1) === '' ? '' : ' '}${word}`
  }
  return lines.join(`\n${' '.repeat(gutter)}`)
}
