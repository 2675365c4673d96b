import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { setIdentity } from './identity.ts'
import { leave } from './leave.ts'
import type { FromRunner, RunnerOptions, ToRunner } from './messages.ts'
import { Runner } from './runner.ts'

/** A worker thread that runs functions. */
const { port, words, options } = workerData as {
  readonly port: MessagePort
  readonly words: Int32Array
  readonly options: RunnerOptions
}

setIdentity(options.identity)
const runner = new Runner(
  {
    channel: 'worker',
    words,
    post: (message: FromRunner, transfer) => port.postMessage(message, transfer),
    receive: () => receiveMessageOnPort(port)?.message as ToRunner | undefined,
    leave,
  },
  options,
)
port.on('message', (message: ToRunner) => runner.take(message))
process.on('exit', () => runner.flush())
