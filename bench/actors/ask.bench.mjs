import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { Pool, spawn } from 'offloop'

import { importPeer, withPeers } from '../harness/peers.mjs'

const burstSize = 10_000
const calls = 200

export default {
  question: 'What does a message to an object in a worker cost? Beside postMessage, comlink, threads.js and piscina.',
  cases: [
    { name: 'ask, one by one', headline: true, run: roundTrips },
    { name: 'burst of 10,000 asks, each', headline: true, once: true, run: bursts },
    { name: 'from nothing to the first answer', headline: true, once: true, run: starts },
  ],
}

class Echo {
  noop(x) {
    return x
  }
}

/** `open()` gives an object, `noop(object)` a promise of 1. */
const contestants = [
  {
    name: 'offloop',
    open: () => spawn(Echo),
    noop: (actor) => actor.ask.noop(1),
    close: (actor) => actor.close(),
  },
  {
    name: 'offloop, of a pool',
    open() {
      const pool = new Pool({ workers: 1 })
      return { pool, actor: spawn(Echo, [], { pool }) }
    },
    noop: ({ actor }) => actor.ask.noop(1),
    close: ({ pool }) => pool.close(),
  },
  {
    name: 'postMessage',
    open() {
      const waiting = new Map()
      const worker = new Worker(new URL('../pool/raw-worker.mjs', import.meta.url))
      worker.on('message', ([id, value]) => {
        waiting.get(id)(value)
        waiting.delete(id)
      })
      return { worker, waiting, last: 0 }
    },
    noop: (object) =>
      new Promise((resolve) => {
        object.waiting.set(++object.last, resolve)
        object.worker.postMessage([object.last, 'noop', 1])
      }),
    close: ({ worker }) => worker.terminate(),
  },
]

if (withPeers) {
  const { default: Comlink } = await importPeer('comlink')
  const { default: nodeEndpoint } = await importPeer('comlink/dist/umd/node-adapter')
  const file = fileURLToPath(new URL('../peers/workers/comlink.mjs', import.meta.url))
  contestants.push({
    name: 'comlink',
    isPeer: true,
    open() {
      const worker = new Worker(file)
      return { worker, remote: Comlink.wrap(nodeEndpoint(worker)) }
    },
    noop: ({ remote }) => remote.noop(1),
    close: ({ worker }) => worker.terminate(),
  })
  const threads = await importPeer('threads')
  contestants.push({
    name: 'threads.js',
    isPeer: true,
    // It takes paths from the file that calls it.
    open: () => threads.spawn(new threads.Worker('../peers/workers/threads.mjs')),
    noop: async (remote) => (await remote).noop(1),
    close: async (remote) => threads.Thread.terminate(await remote),
  })
  const { default: Piscina } = await importPeer('piscina')
  const filename = fileURLToPath(new URL('../peers/workers/echo.mjs', import.meta.url))
  contestants.push({
    name: 'piscina',
    isPeer: true,
    open: () => new Piscina({ filename, minThreads: 1, maxThreads: 1 }),
    noop: (pool) => pool.run(1),
    close: (pool) => pool.destroy(),
  })
}

/** Everybody takes turns; `run(contestant, object)` gives samples, those of the first rounds for nothing. */
async function inTurns(run, rounds, warmUps, rate) {
  const players = contestants.map((contestant) => ({ contestant, object: contestant.open(), samples: [] }))
  for (const { contestant, object } of players) {
    if ((await contestant.noop(object)) !== 1) throw new Error(`${contestant.name} answers with something else`)
  }
  for (let round = -warmUps; round < rounds; round++) {
    for (let i = 0; i < players.length; i++) {
      const { contestant, object, samples } = players[(i + round + warmUps) % players.length]
      await sleep(2)
      const taken = await run(contestant, object)
      if (round >= 0) samples.push(...taken)
    }
  }
  await Promise.all(players.map(({ contestant, object }) => contestant.close(object)))
  return { rows: players.map(({ contestant, samples }) => rowOf(contestant, samples, rate)), notes: [] }
}

function rowOf({ name, isPeer = false }, samples, rate) {
  return { name, isPeer, unit: 'ms', samples, baseline: 'postMessage', rate }
}

/** Each awaited before the next: the latency of one message. */
function roundTrips() {
  const run = async ({ noop }, object) => {
    const samples = []
    for (let i = 0; i < calls; i++) {
      const start = performance.now()
      await noop(object)
      samples.push(performance.now() - start)
    }
    return samples
  }
  return inTurns(run, 10, 5)
}

/** All at once: the throughput. */
function bursts({ budgetMs }) {
  const run = async ({ noop }, object) => {
    const start = performance.now()
    await Promise.all(Array.from({ length: burstSize }, () => noop(object)))
    return [(performance.now() - start) / burstSize]
  }
  return inTurns(run, budgetMs < 500 ? 5 : 20, 3, { amount: 1, unit: 'thousand/s' })
}

async function starts() {
  const rows = contestants.map((contestant) => ({ contestant, samples: [] }))
  for (let round = 0; round < 8; round++) {
    for (const { contestant, samples } of rows) {
      const start = performance.now()
      const object = contestant.open()
      await contestant.noop(object)
      samples.push(performance.now() - start)
      await contestant.close(object)
    }
  }
  return { rows: rows.map(({ contestant, samples }) => rowOf(contestant, samples)), notes: [] }
}
