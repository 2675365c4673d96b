#!/usr/bin/env node
import { bench } from './bench.ts'
import { UsageError } from './command.ts'
import type { Command } from './command.ts'
import { demo } from './demo.ts'
import { info } from './info.ts'

const commands: ReadonlyMap<string, Command> = new Map(Object.entries({ info, bench, demo }))

function usage(): string {
  const list = [...commands].map(([name, { summary }]) => `  ${name.padEnd(8)}${summary}`).join('\n')
  return `Usage: offloop <command> [options]

Commands:
${list}

Options:
  -h, --help      this text, or that of a command
  -v, --version   the version

Exit codes: 0 all well, 1 it did not work out, 2 not used as it must be.
`
}

/** Gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${(require('../../package.json') as { version: string }).version}\n`)
    return 0
  }
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(rest.length === 0 ? usage() : commandOf(rest[0]).usage)
    return 0
  }
  if (name === undefined) {
    process.stderr.write(usage())
    return 2
  }
  const command = commandOf(name)
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(command.usage)
    return 0
  }
  return command.run(rest)
}

function commandOf(name: string): Command {
  const command = commands.get(name)
  if (command !== undefined) return command
  throw new UsageError(`There is no command '${name}'. There are: ${[...commands.keys()].join(', ')}`)
}

// Whoever reads only the first lines has closed the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(0)
})

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof UsageError) {
      const [name] = process.argv.slice(2)
      const of = name !== undefined && commands.has(name) ? ` ${name}` : ''
      process.stderr.write(`offloop: ${error.message}\nSee: offloop${of} --help\n`)
      process.exitCode = 2
    } else {
      process.stderr.write(`offloop: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exitCode = 1
    }
  },
)
