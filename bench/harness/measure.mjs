// Times contestants against one another in one process, turn about.
import { setImmediate as nextTurn } from 'node:timers/promises'

import { medianError } from '../../dist/cli/bench/statistics.js'

/** A sample of something quick is a batch of calls that takes about this long. */
const batchMs = 0.2
/** offloop works for at most a millisecond a turn on the calling thread; larger batches would measure its pool. */
const mostAwaited = 200
const mostSynchronous = 20_000
const mostSamples = 400
const enoughSamples = 15
const leastSamples = 3
const goodError = 0.01

/**
 * Runs contestants in rounds, one batch each a round, everybody first in turn, until the medians are known within 1 %
 * or the time is up. Gives for each the milliseconds a call took, one number a batch.
 *
 * @param contestants `{ run, sync }`; `sync: true` where `run` gives no promise.
 */
export async function measure(contestants, budgetMs) {
  const states = []
  for (const { run, sync } of contestants) {
    const batch = await warmUp(run, sync === true, budgetMs / contestants.length / 5)
    states.push({ run, sync: sync === true, batch, samples: [], spent: 0 })
  }
  const share = budgetMs / contestants.length
  for (let round = 0; ; round++) {
    const going = states.filter((state) => !isDone(state, share))
    if (going.length === 0) return states.map(({ samples }) => samples)
    for (let i = 0; i < going.length; i++) await takeSample(going[(i + round) % going.length])
  }
}

function isDone({ samples, spent }, share) {
  if (samples.length < leastSamples) return false
  if (spent >= share || samples.length >= mostSamples) return true
  return samples.length >= enoughSamples && medianError(samples) < goodError
}

/** Runs it until compilers and caches have settled; gives how many calls make a batch. */
async function warmUp(run, sync, budgetMs) {
  const most = sync ? mostSynchronous : mostAwaited
  const start = performance.now()
  let batch = 1
  for (;;) {
    await nextTurn()
    const took = await timeBatch(run, sync, batch)
    if (took * batch < batchMs && batch < most) batch = Math.min(most, batch * 2)
    else if (performance.now() - start > Math.min(budgetMs, 100)) return batch
  }
}

async function takeSample(state) {
  await nextTurn()
  const took = await timeBatch(state.run, state.sync, state.batch)
  state.samples.push(took)
  state.spent += took * state.batch
}

/** Milliseconds a call. */
async function timeBatch(run, sync, batch) {
  const start = performance.now()
  if (sync) for (let i = 0; i < batch; i++) run()
  else for (let i = 0; i < batch; i++) await run()
  return (performance.now() - start) / batch
}
