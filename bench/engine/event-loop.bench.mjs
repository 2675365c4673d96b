import { alloc, matmul, ndarray, sort, sum } from 'offloop'

import { idleGap, watchGap } from '../harness/gap.mjs'
import { uniform } from '../harness/inputs.mjs'

/** Long enough for the operating system to take the CPU from the loop many times over. */
const workMs = 400
const runs = 10

export default {
  question: 'How long does the event loop stand still while every core works for it? Longest gap of a 1 ms timer.',
  cases: [
    { name: `matmul of ${workMs} ms`, headline: true, once: true, run: ({ budgetMs }) => during(budgetMs, longMatmul) },
    { name: 'sort of 10,000,000', headline: true, once: true, run: ({ budgetMs }) => during(budgetMs, bigSort) },
    { name: '1,000,000 awaited sums of 100', headline: true, once: true, run: awaitedSums },
    { name: 'after a burst of 100,000 sums', headline: true, once: true, run: afterBurst },
  ],
}

function rowsOf(idle, busy) {
  const over = busy.map((gap, run) => Math.max(0, gap - idle[run]))
  return [
    { name: 'idle', unit: 'ms', samples: idle },
    { name: 'busy', unit: 'ms', samples: busy },
    { name: 'busy over idle', unit: 'ms', samples: over },
  ]
}

/** The gap during a run, and in as much time without one just before. */
async function during(budgetMs, prepare) {
  const { run, note } = await prepare()
  await run()
  const idle = []
  const busy = []
  const times = []
  for (let i = 0; i < (budgetMs < 1000 ? 3 : runs); i++) {
    idle.push(await idleGap(workMs))
    const gap = watchGap()
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
    busy.push(await gap.stop())
  }
  return { rows: [...rowsOf(idle, busy), { name: 'the run', unit: 'ms', samples: times }], notes: note ? [note] : [] }
}

async function longMatmul() {
  const trial = ndarray(uniform(Float64Array, 512 * 512), [512, 512])
  let best = Infinity
  for (let i = 0; i < 5; i++) {
    const start = performance.now()
    await matmul(trial, trial)
    best = Math.min(best, performance.now() - start)
  }
  const n = Math.max(64, Math.round((512 * Math.cbrt(workMs / best)) / 64) * 64)
  const a = ndarray(uniform(Float64Array, n * n), [n, n])
  const out = alloc(Float64Array, n * n)
  return { run: () => matmul(a, a, { out }), note: `float64, ${n}×${n}` }
}

async function bigSort() {
  const x = uniform(Float64Array, 1e7)
  const out = alloc(Float64Array, 1e7)
  return { run: () => sort(x, { out }) }
}

async function awaitedSums({ budgetMs }) {
  const x = new Float64Array(100).fill(0.5)
  const calls = budgetMs < 1000 ? 1e5 : 1e6
  const idle = []
  const busy = []
  const each = []
  for (let run = 0; run < 3; run++) {
    idle.push(await idleGap(workMs))
    const gap = watchGap()
    const start = performance.now()
    for (let i = 0; i < calls; i++) await sum(x)
    each.push((performance.now() - start) / calls)
    busy.push(await gap.stop())
  }
  const note = calls === 1e6 ? [] : ['100,000 calls: --quick']
  return { rows: [...rowsOf(idle, busy), { name: 'one call', unit: 'ms', samples: each }], notes: note }
}

/** From the end of the burst, which holds the loop itself, until the last of it has settled. */
async function afterBurst({ budgetMs }) {
  const x = new Float64Array(100).fill(0.5)
  const calls = 1e5
  const idle = []
  const busy = []
  const submitting = []
  const settling = []
  for (let run = 0; run < (budgetMs < 1000 ? 2 : runs); run++) {
    idle.push(await idleGap(workMs))
    let left = calls
    let settled
    const all = new Promise((resolve) => (settled = resolve))
    const count = () => {
      if (--left === 0) settled()
    }
    const start = performance.now()
    for (let i = 0; i < calls; i++) sum(x).then(count)
    const submitted = performance.now()
    const gap = watchGap()
    await all
    const end = performance.now()
    busy.push(await gap.stop())
    submitting.push(submitted - start)
    settling.push(end - submitted)
  }
  return {
    rows: [
      ...rowsOf(idle, busy),
      { name: 'submitting', unit: 'ms', samples: submitting },
      { name: 'settling', unit: 'ms', samples: settling },
    ],
    notes: [],
  }
}
