import type { EventLoopUtilization } from 'node:perf_hooks'
import type { ResourceLimits, TransferListItem } from 'node:worker_threads'

import type { FromRunner, RunnerOptions, ToRunner } from './messages.ts'

/** Where what workers print goes. */
export type Output = 'inherit' | 'ignore' | ((text: string) => void)

/** What a worker thread or a child process is started with. */
export interface LinkOptions {
  readonly name: string
  readonly runner: RunnerOptions
  readonly resourceLimits: ResourceLimits | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly onMessage: (message: FromRunner) => void
  /** Once, after its last message. */
  readonly onExit: (reason: string, cause: unknown) => void
}

/** What a worker has to end by itself, in milliseconds, before it is terminated. */
export const leaveMs = 1000

/** A worker as the main thread sees it, be it a thread or a process. Keeps nothing alive. */
export interface Link {
  /** Shared with a thread; undefined of a process. */
  readonly words: Int32Array | undefined
  /** Of a thread its threadId, of a process its pid. */
  readonly id: number
  post(message: ToRunner, transfer?: readonly TransferListItem[]): void
  /** Takes a reply that is here already. */
  receive(): FromRunner | undefined
  terminate(): void
  /** Lets it end by itself, once what it printed is through. */
  end(): void
  utilization(): EventLoopUtilization | undefined
}

/** The flags of this process that mean something to another one. */
export function inheritedFlags(): string[] {
  const flags: string[] = []
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i]
    if (/^(-e|--eval|-p|--print|-pe)$/.test(flag)) i++
    else if (!ofThisProcess.test(flag)) flags.push(flag)
  }
  return flags
}

const ofThisProcess = /^--(input-type|eval=|print=|test|watch|inspect|check|heap-prof|cpu-prof|interactive)/

/** Follows what is printed. */
export function follow(stream: NodeJS.ReadableStream | null, output: Output): void {
  if (stream === null || typeof output === 'string') {
    stream?.resume()
    return
  }
  stream.setEncoding('utf8')
  stream.on('data', output)
}
