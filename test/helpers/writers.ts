import { Worker } from 'node:worker_threads'

const program = new URL('../sync/fixtures/data-worker.mjs', import.meta.url)

/** A raw worker that writes to what a handle stands for until it is terminated. */
export async function startWriter(handle: object, seed: number): Promise<Worker> {
  const worker = new Worker(program, { workerData: { handle, seed } })
  await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  return worker
}
