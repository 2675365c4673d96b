import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { alloc, Barrier, Lock, Pool, Semaphore, SharedEvent, SharedMap, Value } from 'offloop'

async function withPool(workers, use) {
  const pool = new Pool({ workers })
  try {
    await use(pool)
  } finally {
    await pool.close()
  }
}

export default {
  'a lock between workers and the main thread': () =>
    withPool(2, async (pool) => {
      const lock = new Lock()
      const sum = alloc(Float64Array, 1)
      const add = (lock, sum) => {
        for (let i = 0; i < 2000; i++) {
          const held = lock.acquireSync()
          sum[0] += 1
          held.release()
        }
      }
      const tasks = [pool.submit(add, lock, sum), pool.submit(add, lock, sum)]
      for (let i = 0; i < 200; i++) {
        await lock.with(() => {
          sum[0] += 1
        })
      }
      await Promise.all(tasks)
      assert.equal(sum[0], 4200)
    }),
  'a wait here that a worker ends': () =>
    withPool(1, async (pool) => {
      const ready = new SharedEvent()
      const seen = ready.wait()
      await pool.submit((ready) => ready.set(), ready)
      await seen
      await assert.rejects(new SharedEvent().wait({ timeout: 5 }), { name: 'TimeoutError' })
    }),
  'a wait in a worker that is ended here': () =>
    withPool(1, async (pool) => {
      const ready = new SharedEvent()
      const task = pool.submit((ready) => {
        ready.waitSync()
        return 'seen'
      }, ready)
      ready.set()
      assert.equal(await task, 'seen')
    }),
  'a handle sent to a raw worker': async () => {
    const value = new Value('i32')
    const worker = new Worker(new URL('./raw-worker.mjs', import.meta.url), { workerData: value.handle })
    assert.deepEqual(await once(worker, 'message'), ['added'])
    await worker.terminate()
    assert.equal(value.get(), 5)
  },
  'barriers, semaphores and maps': () =>
    withPool(2, async (pool) => {
      const barrier = new Barrier(2)
      const map = new SharedMap({ capacity: 10 })
      const meet = (barrier, map, key) => {
        map.set(key, key.length)
        barrier.waitSync()
        return map.size
      }
      assert.deepEqual(
        await Promise.all([pool.submit(meet, barrier, map, 'a'), pool.submit(meet, barrier, map, 'bb')]),
        [2, 2],
      )
      const semaphore = new Semaphore(1)
      const held = await semaphore.acquire()
      await assert.rejects(semaphore.acquire({ timeout: 5 }), { name: 'TimeoutError' })
      held.release()
    }),
  'what a terminated worker held': async () => {
    const lock = new Lock()
    const worker = new Worker(new URL('./holds-lock.mjs', import.meta.url), { workerData: lock.handle })
    assert.deepEqual(await once(worker, 'message'), ['held'])
    await worker.terminate()
    const held = await lock.acquire()
    assert.equal(held.abandoned, true)
    held.release()
  },
}
