import { setTimeout as sleep } from 'node:timers/promises'

import { alloc, mandelbrot, matmul, ndarray, sort, sum } from 'offloop'

import { mulberry32, uniform } from '../harness/inputs.mjs'

/** Kernels that would run for a second or so, and what they need. */
const kernels = {
  'matmul 4096×4096 float64'() {
    const a = ndarray(uniform(Float64Array, 4096 * 4096), [4096, 4096])
    const out = alloc(Float64Array, 4096 * 4096)
    return (signal) => matmul(a, a, { out, signal })
  },
  'sort of 50,000,000 float64'() {
    const x = uniform(Float64Array, 5e7)
    const out = alloc(Float64Array, 5e7)
    return (signal) => sort(x, { out, signal })
  },
  // All around a small copy of the set, deep in the plane.
  'mandelbrot, 65,535 iterations'() {
    const view = { width: 4000, height: 4000, x: -1.768779, y: 0.001739, scale: 3e-8, iterations: 65_535 }
    const out = alloc(Uint16Array, 16e6)
    return (signal) => mandelbrot(view, { out, signal })
  },
  // One row of memory, read again and again.
  'sum of 40,000,000,000 float64'() {
    const view = { data: uniform(Float64Array, 4e6), shape: [10_000, 4e6], strides: [0, 1] }
    return (signal) => sum(view, { signal })
  },
}

export default {
  question: 'How long from abort() until the task has rejected, and no thread touches its arrays any more?',
  cases: Object.entries(kernels).map(([name, prepare]) => ({
    name,
    headline: true,
    once: true,
    run: ({ budgetMs }) => abortMany(prepare(), budgetMs < 1000 ? 5 : 30),
  })),
}

async function abortMany(start, times) {
  const latencies = []
  const notes = []
  const next = mulberry32(7)
  for (let i = 0; i < times; i++) {
    const controller = new AbortController()
    const task = start(controller.signal)
    const rejected = task.then(
      () => undefined,
      () => performance.now(),
    )
    while (task.status === 'queued') await sleep(1)
    await sleep(5 + next() * 150)
    const aborted = performance.now()
    controller.abort()
    const ended = await rejected
    if (ended !== undefined && task.status === 'cancelled') latencies.push(ended - aborted)
  }
  if (latencies.length < times) notes.push(`${times - latencies.length} of ${times} had ended before they were aborted`)
  const rows = latencies.length === 0 ? [] : [{ name: 'abort to rejection', unit: 'ms', samples: latencies }]
  return { rows, notes }
}
