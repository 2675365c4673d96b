import { setTimeout as sleep } from 'node:timers/promises'

import { sum } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { measure } from '../harness/measure.mjs'

export default {
  question: 'What does a call cost beyond its work: in line, through the pool, in a burst?',
  cases: [
    { name: 'sum of 100 numbers', headline: true, run: smallCalls },
    {
      name: 'a kernel of 100 µs, CPUs awake',
      headline: true,
      once: true,
      run: ({ budgetMs }) => throughPool(budgetMs, 0),
    },
    {
      name: 'a kernel of 100 µs, CPUs asleep',
      headline: true,
      once: true,
      run: ({ budgetMs }) => throughPool(budgetMs, 20),
    },
    { name: 'burst of 100,000 sums of 100', headline: true, once: true, run: burst },
  ],
}

async function smallCalls({ budgetMs }) {
  const x = new Float64Array(100).fill(0.5)
  const plain = () => {
    let total = 0
    for (let i = 0; i < x.length; i++) total += x[i]
    return total
  }
  const contestants = [
    { name: 'plain loop', sync: true, run: plain },
    { name: 'sum.sync', sync: true, run: () => sum.sync(x) },
    { name: 'await of a promise', run: async () => plain() },
    { name: 'await sum', run: () => sum(x) },
  ]
  const samples = await measure(contestants, budgetMs)
  const rows = contestants.map(({ name }, i) => ({ name, unit: 'ms', samples: samples[i], baseline: 'plain loop' }))
  return { rows, notes: [] }
}

/** One task after another, each after a pause; each beside the same work on this thread. */
async function throughPool(budgetMs, pauseMs) {
  const x = uniform(Float64Array, await lengthFor(0.1))
  const taken = { whole: [], run: [], over: [], sync: [] }
  const end = performance.now() + budgetMs
  let threads = 0
  for (let i = 0; performance.now() < end || taken.whole.length < 5; i++) {
    if (pauseMs > 0) await sleep(pauseMs)
    const start = performance.now()
    const task = sum(x)
    await task
    const whole = performance.now() - start
    const { runMs } = task.timing
    if (pauseMs > 0) await sleep(pauseMs)
    const syncStart = performance.now()
    sum.sync(x)
    const sync = performance.now() - syncStart
    threads = Math.max(threads, task.timing.threads)
    // The first ones start threads.
    if (i < 20) continue
    taken.whole.push(whole)
    taken.run.push(runMs)
    taken.over.push(whole - runMs)
    taken.sync.push(sync)
  }
  return {
    rows: [
      { name: 'await sum', unit: 'ms', samples: taken.whole },
      { name: 'its run on the pool', unit: 'ms', samples: taken.run },
      { name: 'what the trip costs', unit: 'ms', samples: taken.over },
      { name: 'sum.sync', unit: 'ms', samples: taken.sync },
    ],
    notes: [`sum of ${x.length.toLocaleString('en')} float64, up to ${threads} threads`],
  }
}

/** How many numbers one thread adds up in so many milliseconds. */
async function lengthFor(milliseconds) {
  const x = uniform(Float64Array, 1e6)
  let best = Infinity
  for (let i = 0; i < 20; i++) {
    const start = performance.now()
    sum.sync(x)
    best = Math.min(best, performance.now() - start)
  }
  return Math.max(1e5, Math.round((1e6 * milliseconds) / best))
}

async function burst({ budgetMs }) {
  const x = new Float64Array(100).fill(0.5)
  const calls = 1e5
  const submitting = []
  const whole = []
  for (let run = 0; run < (budgetMs < 1000 ? 3 : 12); run++) {
    const tasks = new Array(calls)
    const start = performance.now()
    for (let i = 0; i < calls; i++) tasks[i] = sum(x)
    const submitted = performance.now()
    await Promise.all(tasks)
    // The first two let the compiler see everything.
    if (run < 2) continue
    whole.push((performance.now() - start) / calls)
    submitting.push((submitted - start) / calls)
  }
  const rate = { amount: 1, unit: 'thousand/s' }
  return {
    rows: [
      { name: 'a task, submitting', unit: 'ms', samples: submitting, rate },
      { name: 'a task, until all have settled', unit: 'ms', samples: whole, rate },
    ],
    notes: [],
  }
}
