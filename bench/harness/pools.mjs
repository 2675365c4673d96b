// Pools of workers behind one interface: offloop's, one written by hand, and those of npm. Each as its documentation
// advises, with all its workers from the start.
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { importTasks, Pool } from 'offloop'

import { noop } from '../pool/tasks.mjs'
import { importPeer, withPeers } from './peers.mjs'

const tasksUrl = new URL('../pool/tasks.mjs', import.meta.url)
const tasksFile = fileURLToPath(tasksUrl)

/** Inline functions are sent by source, and see no other. */
const waveInline = (x) => Math.sin(x) * Math.cos(x) + Math.sqrt(x)

/** Those of modules may use what they like. */
const work = importTasks(tasksUrl)

/**
 * `open(workers)` gives a pool, `noop(pool)` a promise of 1, `mapList(pool, list)` one of a list, and
 * `mapShared(pool, source, out)` resolves when `out` is full; both arrays are on shared memory.
 */
const offloop = {
  name: 'offloop',
  open: (workers) => new Pool({ workers, minWorkers: workers }),
  noop: (pool) => pool.submit(noop, 1),
  mapList: (pool, list) => pool.map(waveInline, list),
  mapShared: (pool, source, out) =>
    Promise.all(cut(source.length).map(([from, to]) => pool.submit(work.waveOfShared, { source, out, from, to }))),
  /** Which cuts the array itself, and gives a list. */
  mapSharedToList: (pool, source) => pool.map(waveInline, source),
  close: (pool) => pool.close(),
}

/** One message a task, workers in turn, and a Map of promises. */
const byHand = {
  name: 'postMessage',
  open(workers) {
    const waiting = new Map()
    const all = Array.from({ length: workers }, () => {
      const worker = new Worker(new URL('../pool/raw-worker.mjs', import.meta.url))
      worker.on('message', ([id, value]) => {
        waiting.get(id)(value)
        waiting.delete(id)
      })
      return worker
    })
    let last = 0
    const call = (name, arg) =>
      new Promise((resolve) => {
        waiting.set(++last, resolve)
        all[last % workers].postMessage([last, name, arg])
      })
    return { call, all }
  },
  ...mapsBy(({ call }, name, arg) => call(name, arg)),
  close: ({ all }) => Promise.all(all.map((worker) => worker.terminate())),
}

/** Pieces that lists are cut into for pools that don't do it: two for each worker, so that both are busy to the end. */
let pieces = 4

function cut(length) {
  return Array.from({ length: pieces }, (_, i) => [
    Math.floor((i * length) / pieces),
    Math.floor(((i + 1) * length) / pieces),
  ])
}

function mapsBy(call) {
  return {
    noop: (pool) => call(pool, 'noop', 1),
    async mapList(pool, list) {
      const parts = cut(list.length).map(([from, to]) => call(pool, 'waveOfList', list.slice(from, to)))
      return (await Promise.all(parts)).flat()
    },
    mapShared: (pool, source, out) =>
      Promise.all(cut(source.length).map(([from, to]) => call(pool, 'waveOfShared', { source, out, from, to }))),
  }
}

const piscinaLike = (name, Class, options) => ({
  name,
  isPeer: true,
  open: (workers) => new Class({ filename: tasksUrl.href, minThreads: workers, maxThreads: workers, ...options }),
  ...mapsBy((pool, task, arg) => pool.run(arg, { name: task })),
  close: (pool) => pool.destroy(),
})

const peers = {
  async piscina() {
    const module = await importPeer('piscina')
    const Piscina = module.Piscina ?? module.default.Piscina
    // The second takes more memory and keeps less order, and is faster.
    return [piscinaLike('piscina', Piscina, {}), piscinaLike('piscina, 64', Piscina, { concurrentTasksPerWorker: 64 })]
  },
  async tinypool() {
    return [piscinaLike('tinypool', (await importPeer('tinypool')).default, {})]
  },
  async workerpool() {
    const { default: workerpool } = await importPeer('workerpool')
    const file = peerWorker('workerpool')
    return [
      {
        name: 'workerpool',
        isPeer: true,
        open: (workers) => workerpool.pool(file, { minWorkers: workers, maxWorkers: workers, workerType: 'thread' }),
        ...mapsBy((pool, task, arg) => pool.exec(task, [arg])),
        close: (pool) => pool.terminate(true),
      },
    ]
  },
  async poolifier() {
    const { FixedThreadPool } = await importPeer('poolifier')
    return [
      {
        name: 'poolifier',
        isPeer: true,
        open: (workers) => new FixedThreadPool(workers, peerWorker('poolifier')),
        ...mapsBy((pool, task, arg) => pool.execute(arg, task)),
        close: (pool) => pool.destroy(),
      },
    ]
  },
  async 'jest-worker'() {
    const module = await importPeer('jest-worker')
    const JestWorker = module.Worker ?? module.default.Worker
    const exposedMethods = ['noop', 'waveOfList', 'waveOfShared']
    return [
      {
        name: 'jest-worker',
        isPeer: true,
        open: (workers) =>
          new JestWorker(tasksFile, { enableWorkerThreads: true, numWorkers: workers, exposedMethods }),
        ...mapsBy((pool, task, arg) => pool[task](arg)),
        close: (pool) => pool.end(),
      },
    ]
  },
  async comlink() {
    const { default: Comlink } = await importPeer('comlink')
    const { default: nodeEndpoint } = await importPeer('comlink/dist/umd/node-adapter')
    return [
      {
        name: 'comlink, in turn',
        isPeer: true,
        open(workers) {
          const all = Array.from({ length: workers }, () => new Worker(peerWorker('comlink')))
          return { all, remotes: all.map((worker) => Comlink.wrap(nodeEndpoint(worker))), next: 0 }
        },
        ...mapsBy((pool, task, arg) => pool.remotes[pool.next++ % pool.remotes.length][task](arg)),
        close: ({ all }) => Promise.all(all.map((worker) => worker.terminate())),
      },
    ]
  },
}

function peerWorker(name) {
  return fileURLToPath(new URL(`../peers/workers/${name}.mjs`, import.meta.url))
}

/** All that take part, those of npm with --peers, each with a pool that has run something; and notes on who can't. */
export async function openPools(workers) {
  pieces = workers * 2
  const notes = []
  const contestants = [offloop, byHand]
  for (const [name, prepare] of withPeers ? Object.entries(peers) : []) {
    try {
      contestants.push(...(await prepare()))
    } catch (error) {
      notes.push(givesUp(name, error))
    }
  }
  const players = []
  for (const contestant of contestants) {
    try {
      const pool = contestant.open(workers)
      const ones = await Promise.all(Array.from({ length: workers * 10 }, () => contestant.noop(pool)))
      if (ones.some((one) => one !== 1)) throw new Error('a no-op has another result')
      players.push({ contestant, pool })
    } catch (error) {
      notes.push(givesUp(contestant.name, error))
    }
  }
  const close = () => Promise.all(players.map(({ contestant, pool }) => contestant.close(pool)))
  return { players, notes, close }
}

function givesUp(name, error) {
  return `${name} gives up: ${String(error.message).split('\n')[0]}`
}
