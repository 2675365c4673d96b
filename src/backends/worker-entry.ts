import { parentPort } from 'node:worker_threads'

import { runBlock } from '../reference/driver.ts'
import type { Layout, ReferenceArguments } from '../reference/reference.ts'
import { references } from '../reference/registry.ts'
import { control } from './messages.ts'
import type { LeftMessage, ToWorker, WorkerJob } from './messages.ts'

/** A worker of the worker backend: claims blocks of the phases it is sent to. */
interface Known {
  readonly job: WorkerJob
  readonly args: ReferenceArguments
  readonly layout: Layout
  readonly words: Int32Array
}

const port = parentPort
if (port === null) throw new Error('worker-entry is started by offloop, as a worker thread')
const jobs = new Map<number, Known>()

port.on('message', (message: ToWorker) => {
  if ('forget' in message) {
    jobs.delete(message.id)
    return
  }
  let reply: LeftMessage = { id: message.id }
  try {
    if (message.job !== undefined) jobs.set(message.id, learn(message.job))
    work(jobs.get(message.id) as Known, message.phase)
  } catch (error) {
    reply = { id: message.id, error }
  }
  port.postMessage(reply)
})

function learn(job: WorkerJob): Known {
  const args: ReferenceArguments = {
    inputs: job.inputs,
    outputs: job.outputs,
    scalars: job.scalars,
    results: new Float64Array(job.results),
    bits: new BigInt64Array(job.results),
    scratch: job.scratch,
    partials: new Float64Array(job.partials),
  }
  return { job, args, layout: references[job.kernel].prepare(args), words: new Int32Array(job.control) }
}

function work({ job, args, layout, words }: Known, number: number): void {
  const phase = layout.phases[number]
  const reference = references[job.kernel]
  while (Atomics.load(words, control.cancelled) === 0) {
    const index = Atomics.add(words, control.cursor, 1)
    if (index >= phase.blocks) return
    runBlock(reference, args, phase, number, index)
    Atomics.add(words, control.done, 1)
  }
}
