import * as path from 'node:path'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { MessagePort, TransferListItem } from 'node:worker_threads'

import { buryThread, ownTable } from '../liveness.ts'
import { follow } from './link.ts'
import type { Link, LinkOptions } from './link.ts'
import { slotCount, word } from './messages.ts'
import type { FromRunner, ToRunner } from './messages.ts'

/** A worker thread. */
export class ThreadLink implements Link {
  readonly words: Int32Array
  readonly #worker: Worker
  readonly #port: MessagePort
  #exited = false

  constructor(options: LinkOptions) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    // So that the worker inherits it: what it makes and what is made here then know the same threads.
    ownTable()
    this.words = new Int32Array(new SharedArrayBuffer((word.slots + slotCount) * 4))
    this.#worker = new Worker(path.join(__dirname, 'thread-entry.js'), {
      name: options.name,
      workerData: { port: port2, words: this.words, options: options.runner },
      transferList: [port2],
      stdout: options.stdout !== 'inherit',
      stderr: options.stderr !== 'inherit',
      ...(options.env === undefined ? {} : { env: options.env }),
      ...(options.resourceLimits === undefined ? {} : { resourceLimits: options.resourceLimits }),
    })
    for (const name of ['stdout', 'stderr'] as const) {
      if (options[name] === 'inherit') continue
      keepNothingAlive(this.#worker[name])
      follow(this.#worker[name], options[name])
    }
    port1.on('message', options.onMessage)
    let cause: unknown
    this.#worker.on('error', (error) => (cause = error))
    const { threadId } = this.#worker
    this.#worker.on('exit', (code) => {
      this.#exited = true
      buryThread(threadId)
      // What it sent before its end may still lie in the port.
      for (let message = this.receive(); message !== undefined; message = this.receive()) options.onMessage(message)
      port1.close()
      options.onExit(cause instanceof Error ? `${cause}` : `it ended with exit code ${code}`, cause)
    })
    port1.unref()
    this.#worker.unref()
  }

  get id(): number {
    return this.#worker.threadId
  }

  post(message: ToRunner, transfer?: readonly TransferListItem[]): void {
    this.#port.postMessage(message, transfer)
    Atomics.add(this.words, word.posted, 1)
  }

  receive(): FromRunner | undefined {
    return receiveMessageOnPort(this.#port)?.message as FromRunner | undefined
  }

  terminate(): void {
    if (!this.#exited) void this.#worker.terminate()
  }

  end(): void {
    if (!this.#exited) this.post(['end'])
  }

  utilization() {
    return this.#exited ? undefined : this.#worker.performance.eventLoopUtilization()
  }
}

// Whoever reads a worker's output refs the worker, and unref does not undo it. Node has this switched off for output
// that it forwards itself, by a property that has no public name.
function keepNothingAlive(stream: NodeJS.ReadableStream): void {
  const refs = Object.getOwnPropertySymbols(stream).find(({ description }) => description === 'kIncrementsPortRef')
  if (refs !== undefined) Object.assign(stream, { [refs]: false })
}
