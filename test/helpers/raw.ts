import { once } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'

import type { Lock } from 'offloop'

/** A worker of node:worker_threads that runs a function: not one of a Pool. */
export interface Raw<T> {
  readonly worker: Worker
  readonly result: Promise<T>
}

/** How what is shared gets there. */
export type Way = 'workerData' | 'MessagePort'

const program = `
  const { parentPort, receiveMessageOnPort, workerData } = require('node:worker_threads')
  const offloop = require('offloop')
  const { message } = workerData.port === undefined ? { message: workerData.args } : receiveMessageOnPort(workerData.port)
  const args = message.map((arg) => offloop[arg?.['@offloop']]?.from(arg) ?? arg)
  const fail = (error) => parentPort.postMessage({ error: { name: error.name, code: error.code, message: error.message } })
  const run = async () => parentPort.postMessage({ value: await eval(workerData.source)(...args) })
  run().catch(fail)`

/** Runs \`fn\` with the objects in \`args\` opened from their handles. It may use \`offloop\`. */
export function startRaw<A extends unknown[], T>(
  fn: (...args: A) => T,
  args: A,
  way: Way = 'workerData',
): Raw<Awaited<T>> {
  const message = args.map((arg) => (isShared(arg) ? arg.handle : arg))
  const { port1, port2 } = new MessageChannel()
  const source = `(${fn.toString()})`
  if (way === 'MessagePort') port1.postMessage(message)
  const data = way === 'MessagePort' ? { source, port: port2 } : { source, args: message }
  const worker = new Worker(program, {
    eval: true,
    workerData: data,
    transferList: way === 'MessagePort' ? [port2] : [],
  })
  const reply = once(worker, 'message') as Promise<[{ value?: Awaited<T>; error?: object }]>
  const result = reply.then(([{ value, error }]) => {
    port1.close()
    if (error !== undefined) throw Object.assign(new Error('in the worker'), error)
    return value as Awaited<T>
  })
  // Who terminates the worker does not wait for it.
  result.catch(() => {})
  return { worker, result }
}

function isShared(value: unknown): value is Lock {
  return typeof value === 'object' && value !== null && 'handle' in value
}
