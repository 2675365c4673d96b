import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

import { idleGap, watchGap } from '../harness/gap.mjs'
import { measure } from '../harness/measure.mjs'
import { openPools } from '../harness/pools.mjs'
import { wave } from './tasks.mjs'

const workers = availableParallelism()
const burstSize = 20_000
const itemCount = 100_000
const inFlight = 100_000

export default {
  question: 'What does a function cost on a pool of workers, beyond its work? Beside postMessage, and other pools.',
  cases: [
    { name: 'no-op, one by one', headline: true, run: roundTrips },
    { name: 'burst of 20,000 no-ops, a task', headline: true, once: true, run: burstTimes },
    { name: 'burst of 20,000 no-ops, CPU a task', headline: true, once: true, run: burstWork },
    { name: 'map of 100,000 numbers', headline: true, run: mapOfNumbers },
    { name: 'map of 100,000 in shared memory', headline: true, run: mapOfShared },
    { name: 'from new Pool to the first result', headline: true, once: true, run: starts },
    { name: 'loop gap, 100,000 no-ops in flight', headline: true, once: true, run: gaps },
  ],
}

/** Everybody takes turns; `run(contestant, pool)` gives samples, those of the first rounds for nothing. */
async function inTurns(run, { rounds, warmUps, rate }) {
  const { players, notes, close } = await openPools(workers)
  const samples = players.map(() => [])
  for (let round = -warmUps; round < rounds; round++) {
    for (let i = 0; i < players.length; i++) {
      const index = (i + round + warmUps) % players.length
      const { contestant, pool } = players[index]
      await sleep(2)
      const taken = await run(contestant, pool)
      if (round >= 0) samples[index].push(...taken)
    }
  }
  await close()
  return { rows: players.map(({ contestant }, i) => rowOf(contestant, samples[i], rate)), notes }
}

function rowOf({ name, isPeer = false }, samples, rate) {
  return { name, isPeer, unit: 'ms', samples, baseline: 'postMessage', rate }
}

/** Each awaited before the next: the latency of one task. */
function roundTrips({ budgetMs }) {
  const calls = budgetMs < 500 ? 50 : 200
  const run = async ({ noop }, pool) => {
    const samples = []
    for (let i = 0; i < calls; i++) {
      const start = performance.now()
      await noop(pool)
      samples.push(performance.now() - start)
    }
    return samples
  }
  return inTurns(run, { rounds: 10, warmUps: 5 })
}

/** All at once: the throughput. */
function burstTimes({ budgetMs }) {
  const run = async ({ noop }, pool) => {
    const start = performance.now()
    await burst(noop, pool)
    return [(performance.now() - start) / burstSize]
  }
  return inTurns(run, { ...burstRounds(budgetMs), rate: { amount: 1, unit: 'thousand/s' } })
}

/** The work of all threads of the process together. */
function burstWork({ budgetMs }) {
  const run = async ({ noop }, pool) => {
    const before = process.cpuUsage()
    await burst(noop, pool)
    const { user, system } = process.cpuUsage(before)
    return [(user + system) / 1000 / burstSize]
  }
  return inTurns(run, burstRounds(budgetMs))
}

function burstRounds(budgetMs) {
  return budgetMs < 1000 ? { rounds: 3, warmUps: 2 } : { rounds: 6, warmUps: 4 }
}

function burst(noop, pool) {
  const tasks = new Array(burstSize)
  for (let i = 0; i < burstSize; i++) tasks[i] = noop(pool)
  return Promise.all(tasks)
}

/** Numbers in an ordinary array, on all workers, and a list of results. */
function mapOfNumbers({ budgetMs }) {
  const list = Array.from({ length: itemCount }, (_, i) => i * 0.5)
  const onThread = () => list.map((x) => wave(x))
  return maps(budgetMs, onThread, ({ name, mapList }, pool) => [[name, () => mapList(pool, list)]])
}

/** The same where nothing needs to be copied: from one shared array into another. */
function mapOfShared({ budgetMs }) {
  const source = new Float64Array(new SharedArrayBuffer(itemCount * 8))
  for (let i = 0; i < itemCount; i++) source[i] = i * 0.5
  const onThread = () => {
    const results = new Float64Array(itemCount)
    for (let i = 0; i < itemCount; i++) results[i] = wave(source[i])
    return results
  }
  return maps(budgetMs, onThread, ({ name, mapShared, mapSharedToList }, pool) => {
    const out = new Float64Array(new SharedArrayBuffer(itemCount * 8))
    const run = async () => {
      await mapShared(pool, source, out)
      return out
    }
    const toList = mapSharedToList && [`${name}, to a list`, () => mapSharedToList(pool, source)]
    return toList === undefined ? [[name, run]] : [[name, run], toList]
  })
}

/** `prepare(contestant, pool)` gives the ways in which it maps, each `[name, run]`. */
async function maps(budgetMs, onThread, prepare) {
  const { players, notes, close } = await openPools(workers)
  const expected = onThread()
  const entries = [{ name: 'a loop on this thread', sync: true, run: onThread }]
  for (const { contestant, pool } of players) {
    for (const [name, run] of prepare(contestant, pool)) {
      const got = await run()
      if (got.length !== itemCount || !expected.every((value, i) => Object.is(value, got[i]))) {
        notes.push(`${name} disagrees with the loop: its time means nothing`)
      }
      entries.push({ name, isPeer: contestant.isPeer, run })
    }
  }
  const samples = await measure(entries, Math.max(budgetMs, 150 * entries.length))
  await close()
  const rate = { amount: itemCount / 1000, unit: 'million/s' }
  return { rows: entries.map((entry, i) => rowOf(entry, samples[i], rate)), notes }
}

/** The package is loaded already; workers are not. */
async function starts({ budgetMs }) {
  const { players, notes, close } = await openPools(workers)
  await close()
  const samples = players.map(() => [])
  for (let round = 0; round < (budgetMs < 1000 ? 3 : 9); round++) {
    for (let i = 0; i < players.length; i++) {
      const index = (i + round) % players.length
      const { contestant } = players[index]
      await sleep(10)
      const start = performance.now()
      const pool = contestant.open(workers)
      await contestant.noop(pool)
      samples[index].push(performance.now() - start)
      await contestant.close(pool)
    }
  }
  return { rows: players.map(({ contestant }, i) => rowOf(contestant, samples[i])), notes }
}

/** From the end of the burst, which holds the loop itself, until the last of it has settled. Without peers. */
async function gaps({ budgetMs }) {
  const { players, notes, close } = await openPools(workers)
  const own = players.filter(({ contestant }) => contestant.isPeer !== true)
  const idle = []
  const samples = own.map(() => [])
  for (let round = 0; round < (budgetMs < 1000 ? 2 : 6); round++) {
    idle.push(await idleGap(300))
    for (let i = 0; i < own.length; i++) {
      const index = (i + round) % own.length
      const longest = await gapInFlight(own[index].contestant, own[index].pool)
      // The first round starts threads and compilers.
      if (round > 0) samples[index].push(longest)
      globalThis.gc()
      await sleep(20)
    }
  }
  await close()
  const rows = own.map(({ contestant: { name } }, i) => ({ name, unit: 'ms', samples: samples[i] }))
  return { rows: [{ name: 'idle', unit: 'ms', samples: idle }, ...rows], notes }
}

async function gapInFlight({ noop }, pool) {
  let left = inFlight
  let settled
  const all = new Promise((resolve) => (settled = resolve))
  const count = () => {
    if (--left === 0) settled()
  }
  for (let i = 0; i < inFlight; i++) noop(pool).then(count)
  const gap = watchGap()
  await all
  return gap.stop()
}
