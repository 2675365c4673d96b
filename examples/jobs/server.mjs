// Jobs over HTTP. SIGTERM or Ctrl-C takes no more of them and waits until all are over; the second one cancels them.
import { once } from 'node:events'
import { parseArgs } from 'node:util'

import { makeApp } from './app.mjs'
import { Jobs } from './jobs.mjs'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3000' },
    workers: { type: 'string' },
    queue: { type: 'string', default: '100' },
    kept: { type: 'string', default: '1000' },
    grace: { type: 'string', default: '30' },
  },
})

const jobs = new Jobs({
  workers: values.workers === undefined ? undefined : Number(values.workers),
  queueLimit: Number(values.queue),
  kept: Number(values.kept),
})
const server = makeApp(jobs).listen(Number(values.port), '127.0.0.1')
await once(server, 'listening')
console.log(`jobs at http://127.0.0.1:${server.address().port}`)

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stop())

async function stop() {
  if (stopping) return jobs.stop()
  stopping = true
  console.log('finishing what was taken')
  // Until then progress and results can be asked for.
  const late = setTimeout(() => void jobs.stop(), Number(values.grace) * 1000)
  await jobs.drain()
  clearTimeout(late)
  server.close()
  // Connections that clients keep alive would hold it for seconds more; the last answers get one.
  setTimeout(() => server.closeAllConnections(), 1000).unref()
  console.log('all jobs are over')
}
