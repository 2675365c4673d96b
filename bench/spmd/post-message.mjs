// Two workers that meet by messages, as one would write it by hand: each sends what it has, and adds what comes.
import { once } from 'node:events'
import { MessageChannel, parentPort, Worker, workerData } from 'node:worker_threads'

/** Milliseconds a call, in batches; `length` elements are added up, none is a barrier, one is a number. */
export async function measurePair(length, calls, batches) {
  const { port1, port2 } = new MessageChannel()
  const workers = [port1, port2].map(
    (port) =>
      new Worker(new URL(import.meta.url), { workerData: { port, length, calls, batches }, transferList: [port] }),
  )
  const [[samples]] = await Promise.all(workers.map((worker) => once(worker, 'message')))
  await Promise.all(workers.map((worker) => worker.terminate()))
  return samples
}

if (parentPort !== null && workerData?.port !== undefined) {
  const { port, length, calls, batches } = workerData
  const inbox = []
  let wake
  port.on('message', (message) => (wake === undefined ? inbox.push(message) : wake(message)))
  const receive = () => inbox.shift() ?? new Promise((resolve) => (wake = resolve)).finally(() => (wake = undefined))
  const mine = length > 1 ? new Float64Array(length).fill(1) : 1
  const meet = async () => {
    port.postMessage(mine)
    const other = await receive()
    if (length === 0) return undefined
    if (length === 1) return mine + other
    for (let i = 0; i < length; i++) other[i] += mine[i]
    return other
  }
  const samples = []
  for (let batch = -2; batch < batches; batch++) {
    const start = performance.now()
    for (let i = 0; i < calls; i++) await meet()
    if (batch >= 0) samples.push((performance.now() - start) / calls)
  }
  parentPort.postMessage(samples)
}
