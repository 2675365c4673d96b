import { setTimeout as sleep } from 'node:timers/promises'

import { matmul, ndarray, sort, sum } from 'offloop'

import { uniform } from '../harness/inputs.mjs'

const megabyte = 2 ** 20

export default {
  question: 'What memory do calls take while they run, and what do they leave behind?',
  cases: [
    { name: 'sort of 10,000,000 float64', headline: true, once: true, run: () => peak(80, bigSort) },
    { name: 'matmul 2048×2048 float64', headline: true, once: true, run: () => peak(32, bigMatmul) },
    {
      name: 'left by 1,000,000 awaited sums',
      headline: true,
      once: true,
      run: ({ budgetMs }) => left(budgetMs, 1e6, sums),
    },
    {
      name: 'left by 100 sorts of 1,000,000',
      headline: true,
      once: true,
      run: ({ budgetMs }) => left(budgetMs, 100, sorts),
    },
    {
      name: 'left by 10,000 aborted sorts',
      headline: true,
      once: true,
      run: ({ budgetMs }) => left(budgetMs, 1e4, aborts),
    },
  ],
}

/** The peak of one run, in a process that has done nothing else, over what it held just before. */
async function peak(resultMB, prepare) {
  const run = prepare()
  await sum(new Float64Array(1e6))
  await settle()
  const before = process.memoryUsage.rss() / megabyte
  await run()
  const most = process.resourceUsage().maxRSS / 1024
  const rows = [{ name: 'peak over inputs', unit: 'MB', samples: [Math.max(0, most - before)] }]
  return { rows, notes: [`the result itself has ${resultMB} MB (10^6 bytes)`] }
}

function bigSort() {
  const x = uniform(Float64Array, 1e7)
  return () => sort(x)
}

function bigMatmul() {
  const a = ndarray(uniform(Float64Array, 2048 * 2048), [2048, 2048])
  return () => matmul(a, a)
}

/** What rounds of calls leave, after a first round that fills every cache. */
async function left(budgetMs, calls, round) {
  const count = budgetMs < 1000 ? calls / 10 : calls
  await round(count)
  await settle()
  const first = process.memoryUsage()
  await round(count)
  await settle()
  const second = process.memoryUsage()
  return {
    rows: [
      { name: 'heap', unit: 'kB', samples: [(second.heapUsed - first.heapUsed) / 1024] },
      { name: 'array buffers', unit: 'kB', samples: [(second.arrayBuffers - first.arrayBuffers) / 1024] },
      { name: 'resident', unit: 'kB', samples: [(second.rss - first.rss) / 1024] },
    ],
    notes: count === calls ? [] : [`${count.toLocaleString('en')} calls: --quick`],
  }
}

async function sums(count) {
  const x = new Float64Array(100).fill(0.5)
  for (let i = 0; i < count; i++) await sum(x)
}

async function sorts(count) {
  const x = uniform(Float64Array, 1e6)
  for (let i = 0; i < count; i++) await sort(x)
}

async function aborts(count) {
  const x = uniform(Float64Array, 1e5)
  for (let i = 0; i < count; i++) {
    const controller = new AbortController()
    const task = sort(x, { signal: controller.signal })
    controller.abort()
    await task.catch(() => {})
  }
}

/** Collects garbage, and lets finalizers run. */
async function settle() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc()
    await sleep(30)
  }
}
