import { spmd } from 'offloop'

import { measurePair } from './post-message.mjs'

export default {
  question: 'What does it cost two ranks to come together? Beside two workers that send each other messages.',
  cases: [
    { name: 'barrier', headline: true, run: ({ budgetMs }) => meet(0, budgetMs < 500 ? 200 : 1000) },
    { name: 'allreduce of a number', headline: true, run: ({ budgetMs }) => meet(1, budgetMs < 500 ? 200 : 1000) },
    { name: 'allreduce of 1e+6 float64', headline: true, run: ({ budgetMs }) => meet(1e6, budgetMs < 500 ? 5 : 20) },
  ],
}

const batchCount = 10

async function meet(length, calls) {
  const rows = []
  const add = (name, samples) => rows.push({ name, unit: 'ms', samples, baseline: 'postMessage' })
  add('postMessage', await measurePair(length, calls, batchCount))
  for (const [name, form] of [
    ['promise', 'promise'],
    ['Sync', 'sync'],
    ...(length > 1 ? [['Sync, out', 'out']] : []),
  ]) {
    const [samples] = await spmd(2, measureRank, length, calls, batchCount, form)
    add(name, samples)
  }
  return { rows, notes: [] }
}

async function measureRank(comm, length, calls, batches, form) {
  const value = length > 1 ? new Float64Array(length).fill(1) : 1
  const out = form === 'out' ? { out: new Float64Array(length) } : undefined
  const samples = []
  for (let batch = -2; batch < batches; batch++) {
    comm.barrierSync()
    const start = performance.now()
    if (form === 'promise') {
      for (let i = 0; i < calls; i++) await (length === 0 ? comm.barrier() : comm.allreduce(value))
    } else {
      for (let i = 0; i < calls; i++) {
        if (length === 0) comm.barrierSync()
        else comm.allreduceSync(value, 'sum', out)
      }
    }
    if (batch >= 0) samples.push((performance.now() - start) / calls)
  }
  return samples
}
