import express from 'express'

/** HTTP statuses of what a job can't be taken for. */
const refusals = { ERR_OFFLOOP_QUEUE_FULL: 429, ERR_OFFLOOP_CLOSED: 503 }

/** Routes over jobs: `POST /jobs`, `GET /jobs/:id`, `GET /jobs/:id/events`, `DELETE /jobs/:id`. */
export function makeApp(jobs) {
  const app = express()
  app.use(express.json({ limit: '1mb' }))

  app.post('/jobs', async (request, response) => {
    const { type, data } = request.body ?? {}
    try {
      const job = await jobs.add(type, data ?? {})
      response.status(202).location(`/jobs/${job.id}`).json(job)
    } catch (error) {
      if (error instanceof RangeError) return response.status(400).json({ error: error.message })
      if (!Object.hasOwn(refusals, error.code ?? '')) throw error
      response.status(refusals[error.code]).set('retry-after', '1').json({ error: error.message })
    }
  })

  app.param('id', (request, response, next, id) => {
    request.job = jobs.get(id)
    if (request.job === undefined) response.status(404).json({ error: 'There is no such job, or not any more.' })
    else next()
  })

  app.get('/jobs/:id', ({ job }, response) => void response.json(job))

  app.delete('/jobs/:id', ({ job }, response) => {
    job.cancel()
    response.json(job)
  })

  app.get('/jobs/:id/events', ({ job }, response) => void sendEvents(job, response))

  return app
}

/** Server-sent events: `progress`, and at last `settled`, each with the job. */
function sendEvents(job, response) {
  response.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  const send = (event) => response.write(`event: ${event}\ndata: ${JSON.stringify(job)}\n\n`)
  const progress = () => send('progress')
  const settled = () => {
    send('settled')
    response.end()
  }
  if (job.settled) return settled()
  progress()
  job.on('progress', progress).once('settled', settled)
  response.once('close', () => job.off('progress', progress).off('settled', settled))
}
