// How long a trivial route takes while searches never stop, for both servers: each in a process of its own, asked by
// this one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import autocannon from 'autocannon'

import { makeEmbeddings } from './embeddings.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    dimension: { type: 'string', default: '384' },
    queries: { type: 'string', default: '16' },
    connections: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '10' },
    threads: { type: 'string' },
  },
})
const { rows, dimension, threads } = values
const [queries, connections, duration] = [values.queries, values.connections, values.seconds].map(Number)

const vectors = (await makeEmbeddings(queries, Number(dimension), 2)).toNested()
const body = JSON.stringify({ vectors, k: 10 })
console.log(`${rows} × ${dimension}; ${connections} connections that search ${queries} vectors at a time`)

const report = {}
for (const search of ['offloop', 'main']) {
  report[search] = await measure(search)
  console.log(describe(search, report[search]))
}

async function measure(search) {
  const args = ['--search', search, '--port', '0', '--rows', rows, '--dimension', dimension]
  if (threads !== undefined) args.push('--threads', threads)
  const file = fileURLToPath(new URL('server.mjs', import.meta.url))
  const server = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [said] = await once(createInterface(server.stdout), 'line')
    const url = said.split(' at ')[1]
    const [ping, searches] = await Promise.all([
      // One that asks again as soon as it has its answer.
      fire({ url: `${url}/ping`, connections: 1 }),
      fire({
        url: `${url}/search`,
        connections,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      }),
    ])
    return { ping, searches }
  } finally {
    server.kill('SIGKILL')
  }
}

/** Milliseconds that each answer took, sorted, and how many were no success. */
async function fire(options) {
  const times = []
  let last = performance.now()
  const shot = autocannon({ ...options, duration, timeout: 60 })
  shot.on('response', (client, status, bytes, milliseconds) => {
    times.push(milliseconds)
    last = performance.now()
  })
  const { errors, non2xx } = await shot
  // The one that is still without an answer has waited for at least as long.
  const waited = performance.now() - last
  return { times: times.toSorted((a, b) => a - b), waited, failed: errors + non2xx }
}

function describe(search, { ping, searches }) {
  const at = (part) => {
    const times = [...ping.times, ping.waited].toSorted((a, b) => a - b)
    return `${times[Math.min(times.length - 1, Math.floor(times.length * part))].toFixed(2)} ms`
  }
  const failed = ping.failed + searches.failed
  return [
    `${search.padEnd(8)} /ping p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} of ${ping.times.length};`,
    `${((searches.times.length * queries) / duration).toFixed(0)} vectors/s; ${failed} failed`,
  ].join(' ')
}
