import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import * as path from 'node:path'

import { codedError } from '../errors.ts'
import { unpackFault } from './fault.ts'
import type { Fault } from './fault.ts'
import { follow, inheritedFlags } from './link.ts'
import type { Link, LinkOptions, Output } from './link.ts'
import type { FromRunner, ToRunner } from './messages.ts'

/** A child that is busy does not hear that its parent has gone. */
const children = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
})

/** A child process. */
export class ProcessLink implements Link {
  readonly words = undefined
  readonly #child: ChildProcess

  constructor(options: LinkOptions) {
    if (isSingleExecutable()) {
      throw codedError('ERR_OFFLOOP_BACKEND', ['process', "a child would be this executable once more; use 'worker'"])
    }
    const { maxOldGenerationSizeMb, maxYoungGenerationSizeMb, stackSizeMb } = options.resourceLimits ?? {}
    const limits = [
      ...(maxOldGenerationSizeMb === undefined ? [] : [`--max-old-space-size=${maxOldGenerationSizeMb}`]),
      ...(maxYoungGenerationSizeMb === undefined ? [] : [`--max-semi-space-size=${maxYoungGenerationSizeMb}`]),
      ...(stackSizeMb === undefined ? [] : [`--stack-size=${Math.floor(stackSizeMb * 1024)}`]),
    ]
    this.#child = fork(path.join(__dirname, 'process-entry.js'), [], {
      serialization: 'advanced',
      execArgv: [...inheritedFlags(), ...limits, `--title=${options.name}`],
      stdio: ['ignore', stdio(options.stdout), stdio(options.stderr), 'ipc'],
      ...(options.env === undefined ? {} : { env: options.env }),
    })
    children.add(this.#child)
    follow(this.#child.stdout, options.stdout)
    follow(this.#child.stderr, options.stderr)
    let cause: unknown
    let failed: Error | undefined
    this.#child.on('message', (message) => {
      const reply = message as FromRunner
      if (reply[0] === 'died') cause = unpackFault(reply[1] as Fault)
      else options.onMessage(reply)
    })
    this.#child.on('error', (error) => (failed = error))
    const ended = (code: number | null, signal: string | null): void => {
      const how = signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`
      options.onExit(cause instanceof Error ? `${cause}` : (failed?.message ?? how), cause ?? failed)
    }
    let over = false
    const once = (code: number | null, signal: string | null): void => {
      children.delete(this.#child)
      if (!over) ended(code, signal)
      over = true
    }
    // 'close' comes after the last message and the last output; a child that did not start has only 'error'.
    this.#child.on('close', once)
    this.#child.on('error', () => {
      if (this.#child.pid === undefined) setImmediate(once, null, null)
    })
    this.#child.unref()
    // Bun's channel has no unref.
    for (const held of [this.#child.channel, this.#child.stdout, this.#child.stderr])
      (held as unknown as { unref?(): void } | null)?.unref?.()
    try {
      this.#child.send(['options', options.runner], () => {})
    } catch (error) {
      // A context that can't be cloned.
      failed = error as Error
      this.terminate()
    }
  }

  get id(): number {
    return this.#child.pid ?? 0
  }

  post(message: ToRunner): void {
    // A channel that has gone is heard of as an exit.
    if (this.#child.connected) this.#child.send(message as never, () => {})
  }

  receive(): undefined {
    return undefined
  }

  terminate(): void {
    this.#child.kill('SIGKILL')
  }

  end(): void {
    this.post(['end'])
  }

  utilization(): undefined {
    return undefined
  }
}

function stdio(output: Output): 'inherit' | 'ignore' | 'pipe' {
  return typeof output === 'function' ? 'pipe' : output
}

/** A program with Node in it would start itself again and again. */
function isSingleExecutable(): boolean {
  try {
    return (require('node:sea') as { isSea(): boolean }).isSea()
  } catch {
    // Older versions of Node, and other runtimes, have no such executables.
    return false
  }
}
