import { Barrier, importTasks, Lock, Pool, RWLock, Semaphore } from 'offloop'

import { measure } from '../harness/measure.mjs'
import { importPeer, withPeers } from '../harness/peers.mjs'

const work = importTasks(new URL('./work.mjs', import.meta.url))
const unit = 'ms'

export default {
  question: 'What does a lock cost: free, wanted by several threads, handed from one to the next; and a barrier?',
  cases: [
    { name: 'a free lock, awaited', headline: true, run: awaited },
    { name: 'a free lock, in a worker', headline: true, run: blocking },
    { name: 'a lock that 2 threads want', headline: true, once: true, run: (options) => wanted(options, 2) },
    { name: 'a lock that 4 threads want', headline: true, once: true, run: (options) => wanted(options, 4) },
    { name: 'a round of a barrier of 2', headline: true, once: true, run: (options) => rounds(options, 2) },
    { name: 'a round of a barrier of 4', headline: true, once: true, run: (options) => rounds(options, 4) },
  ],
}

async function awaited({ budgetMs }) {
  const [lock, fair, rwlock, semaphore] = [new Lock(), new Lock({ fair: true }), new RWLock(), new Semaphore(2)]
  const contestants = [
    { name: 'await of a promise', run: async () => {} },
    { name: 'tryAcquire, release', sync: true, run: () => lock.tryAcquire().release() },
    { name: 'await acquire, release', run: async () => (await lock.acquire()).release() },
    { name: 'the same, fair', run: async () => (await fair.acquire()).release() },
    { name: 'await with', run: () => lock.with(nothing) },
    { name: 'await read, release', run: async () => (await rwlock.read()).release() },
    { name: 'await write, release', run: async () => (await rwlock.write()).release() },
    { name: 'a semaphore', run: async () => (await semaphore.acquire()).release() },
  ]
  if (withPeers) {
    const { Mutex } = await importPeer('async-mutex')
    const mutex = new Mutex()
    contestants.push({ name: 'async-mutex, one thread only', run: async () => (await mutex.acquire())() })
    // It asks at once how many CPUs there are, as browsers and later versions of Node say it.
    globalThis.navigator ??= { hardwareConcurrency: 2 }
    const { Mutex: SharedMutex } = await importPeer('multithreading')
    const shared = new SharedMutex()
    contestants.push({ name: 'multithreading', run: async () => (await shared.lock())[Symbol.dispose]() })
  }
  const samples = await measure(contestants, budgetMs)
  return { rows: contestants.map(({ name }, i) => ({ name, unit, samples: samples[i] })), notes: [] }
}

function nothing() {}

async function blocking({ budgetMs }) {
  const pool = new Pool({ workers: 1 })
  const count = Math.max(20, Math.round(budgetMs / 4))
  const words = new Int32Array(new SharedArrayBuffer(8))
  const rows = [
    { name: 'two operations of Atomics', unit, samples: await pool.submit(work.bare, words, count, 1000) },
    { name: 'acquireSync, release', unit, samples: await pool.submit(work.alone, new Lock(), count, 1000) },
    { name: 'the same, fair', unit, samples: await pool.submit(work.alone, new Lock({ fair: true }), count, 1000) },
  ]
  await pool.close()
  return { rows, notes: [] }
}

/** Several threads do the same; the times of one are as good as those of another. */
async function together(threads, task) {
  const pool = new Pool({ workers: threads, minWorkers: threads })
  await pool.broadcast(() => {})
  const results = await Promise.all(Array.from({ length: threads }, (_, i) => task(pool, i)))
  await pool.close()
  return results[0]
}

async function wanted({ budgetMs }, threads) {
  const count = Math.max(5, Math.round(budgetMs / 100))
  const contend = async (options, size) => {
    const [lock, barrier] = [new Lock(options), new Barrier(threads)]
    const samples = await together(threads, (pool) => pool.submit(work.contend, lock, barrier, count, size))
    return samples.map((ms) => ms / threads)
  }
  const rows = [
    { name: 'an acquisition by any', unit, samples: await contend({}, 20_000) },
    { name: 'a handoff, fair', unit, samples: await contend({ fair: true }, 500) },
  ]
  if (threads === 2) {
    const words = new Int32Array(new SharedArrayBuffer(4))
    const samples = await together(2, (pool, i) => pool.submit(work.pingPong, words, i, count, 1000))
    rows.push({ name: 'Atomics.wait and notify in turn', unit, samples })
  }
  return { rows, notes: [] }
}

async function rounds({ budgetMs }, parties) {
  const count = Math.max(5, Math.round(budgetMs / 100))
  const meet = (task) => {
    const barrier = new Barrier(parties)
    return together(parties, (pool) => pool.submit(task, barrier, count, 200))
  }
  const rows = [
    { name: 'waitSync', unit, samples: await meet(work.meet) },
    { name: 'await wait', unit, samples: await meet(work.meetAwaiting) },
  ]
  return { rows, notes: [] }
}
