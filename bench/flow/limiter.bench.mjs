import { gather, Limiter } from 'offloop'

import { measure } from '../harness/measure.mjs'
import { importPeer, withPeers } from '../harness/peers.mjs'

const many = 1000
const concurrency = 8

export default {
  question: 'What does it cost to let only some promises run at a time, for each of 1,000?',
  cases: [
    { name: 'functions that do nothing', headline: true, run: (options) => limited(options, async () => 1) },
    { name: 'functions that wait a turn', headline: true, run: (options) => limited(options, oneTurn) },
  ],
}

function oneTurn() {
  return new Promise((resolve) => setImmediate(resolve, 1))
}

async function limited({ budgetMs }, act) {
  const limiter = new Limiter({ concurrency })
  const functions = Array.from({ length: many }, () => act)
  const contestants = [
    { name: 'Promise.all, no limit', run: () => Promise.all(functions.map((each) => each())) },
    { name: 'Limiter', run: () => Promise.all(functions.map((each) => limiter.run(each))) },
    { name: 'gather with a limit', run: () => gather(functions, { limit: concurrency }) },
  ]
  if (withPeers) {
    const { default: pLimit } = await importPeer('p-limit')
    const limit = pLimit(concurrency)
    contestants.push({ name: 'p-limit', isPeer: true, run: () => Promise.all(functions.map((each) => limit(each))) })
  }
  const samples = await measure(contestants, budgetMs)
  const rows = contestants.map(({ name, isPeer = false }, i) => ({
    name,
    isPeer,
    unit: 'ms',
    samples: samples[i].map((ms) => ms / many),
    baseline: 'Promise.all, no limit',
  }))
  return { rows, notes: [] }
}
