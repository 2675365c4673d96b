// Against the limits of the machine and the best that others have written in C and C++: npm run bench -- --native
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import * as path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { info, matmul, minmax, ndarray, sort, sum } from 'offloop'

import { uniform } from '../harness/inputs.mjs'
import { digits } from '../../dist/cli/format.js'
import { median } from '../../dist/cli/bench/statistics.js'

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), 'build')
const packages = { openblas: 'libopenblas-dev', vqsort: 'libhwy-dev' }
/** Threads of others spin for a while after their work, and would hold ours up. */
const pauseMs = 60
/** Timed runs a turn, after one that is not. */
const runs = 3

export default {
  question: 'How near to the limits of the machine, and to the best that others have?',
  cases: [
    memoryCase('sum of 1e7 float64', (x) => () => sum(x)),
    memoryCase('minmax of 1e7 float64', (x) => () => minmax(x)),
    productCase('matmul 1024 float64', Float64Array, 'dgemm'),
    productCase('matmul 1024 float32', Float32Array, 'sgemm'),
    sortCase(),
  ],
}

/** `prepare` gives what offloop runs; `peers` are `{ name, program, what, n }`; `times` is how near offloop must come. */
function peerCase({ name, peers, prepare, times }) {
  return {
    name,
    headline: true,
    async run({ budgetMs }) {
      const missing = peers.find(({ program }) => !existsSync(path.join(folder, program)))
      if (missing !== undefined) {
        const wanted = packages[missing.program]
        const advice = wanted === undefined ? 'a C++ compiler' : `${wanted} (Debian: apt install ${wanted})`
        return {
          rows: [],
          notes: [`left out: bench/native/build.sh could not build '${missing.program}'; needs ${advice}`],
        }
      }
      const contestants = [...peers.map(startPeer), { name: 'offloop', turn: turnOf(prepare()), stop() {} }]
      const samples = await alternate(contestants, budgetMs)
      for (const contestant of contestants) contestant.stop()
      const rows = contestants.map((contestant, i) => ({
        name: contestant.name,
        unit: 'ms',
        samples: samples[i],
        baseline: contestants[0].name,
      }))
      return { rows, notes: [verdict(peers[0].name, samples[0], samples.at(-1), times)] }
    },
  }
}

function memoryCase(name, prepare) {
  const limit = (what, title) => ({ name: title, program: 'limits', what, n: 1e7 })
  return peerCase({
    name,
    peers: [
      limit('two', 'DRAM limit, 2 threads'),
      limit('two-huge', 'with huge pages'),
      limit('one', 'DRAM limit, 1 thread'),
    ],
    prepare: () => prepare(uniform(Float64Array, 1e7)),
    times: 1.2,
  })
}

function productCase(name, Type, what) {
  return peerCase({
    name,
    peers: [{ name: `OpenBLAS, ${info().threads} threads`, program: 'openblas', what, n: 1024 }],
    prepare() {
      const a = ndarray(uniform(Type, 1024 ** 2, 1), [1024, 1024])
      const b = ndarray(uniform(Type, 1024 ** 2, 2), [1024, 1024])
      const out = new Type(1024 ** 2)
      return () => matmul(a, b, { out })
    },
    times: 1,
  })
}

function sortCase() {
  const peer = (what, title) => ({ name: title, program: 'vqsort', what, n: 1e7 })
  return peerCase({
    name: 'sort of 1e7 float64',
    peers: [peer('one', 'vqsort, 1 thread, in place'), peer('two', 'vqsort, 2 threads')],
    prepare() {
      const x = uniform(Float64Array, 1e7)
      const out = new Float64Array(1e7)
      return () => sort(x, { out })
    },
    times: 1,
  })
}

/** Turn about, until the time is up; the pauses are not counted. */
async function alternate(contestants, budgetMs) {
  const samples = contestants.map(() => [])
  let spent = 0
  for (let round = 0; round < 2 || spent < budgetMs; round++) {
    for (let i = 0; i < contestants.length; i++) {
      await sleep(pauseMs)
      const start = performance.now()
      const times = await contestants[i].turn()
      spent += performance.now() - start
      // Inputs are made in the first round.
      if (round > 0) samples[i].push(...times.slice(1))
      else spent = 0
    }
  }
  return samples
}

function turnOf(run) {
  return async () => {
    const times = []
    for (let i = 0; i <= runs; i++) {
      const start = performance.now()
      await run()
      times.push(performance.now() - start)
    }
    return times
  }
}

/** A program that times its own runs when asked. */
function startPeer({ name, program, what, n }) {
  // OpenBLAS of Debian takes newer CPUs for Haswell, which is half as fast.
  const level = info().cpu === 'avx512' ? { OPENBLAS_CORETYPE: 'SkylakeX' } : {}
  const child = spawn(path.join(folder, program), {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { OPENBLAS_NUM_THREADS: String(info().threads), ...level, ...process.env },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    name,
    async turn() {
      child.stdin.write(`${what} ${n} ${runs + 1}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error(`${program} ended early`)
      return value.split(' ').map(Number)
    },
    stop: () => child.stdin.end(),
  }
}

function verdict(peer, theirs, ours, times) {
  const byMedian = median(ours) / median(theirs)
  const byBest = Math.min(...ours) / Math.min(...theirs)
  const met = byBest <= times ? 'met' : 'missed'
  return (
    `offloop takes ${digits(byMedian)} times as long as ${peer} by medians, ` +
    `${digits(byBest)} by the best; the target of ${times} is ${met} (by the best)`
  )
}
