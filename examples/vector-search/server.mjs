// Answers nearest-neighbour search over HTTP. `--search main` puts the search onto the main thread, for comparison.
import { parseArgs } from 'node:util'

import Fastify from 'fastify'
import { info } from 'offloop'

import { makeEmbeddings } from './embeddings.mjs'
import { searchOffTheLoop, searchOnTheLoop } from './search.mjs'

const { values } = parseArgs({
  options: {
    search: { type: 'string', default: 'offloop' },
    port: { type: 'string', default: '3000' },
    rows: { type: 'string', default: '100000' },
    dimension: { type: 'string', default: '384' },
    // One CPU is left to the event loop.
    threads: { type: 'string', default: String(Math.max(1, info().threads - 1)) },
  },
})
const [rows, dimension] = [Number(values.rows), Number(values.dimension)]
const base = await makeEmbeddings(rows, dimension)
const search = values.search === 'main' ? searchOnTheLoop(base) : searchOffTheLoop(base, Number(values.threads))

const body = {
  type: 'object',
  required: ['vectors'],
  properties: {
    vectors: {
      type: 'array',
      minItems: 1,
      maxItems: 64,
      items: { type: 'array', minItems: dimension, maxItems: dimension, items: { type: 'number' } },
    },
    k: { type: 'integer', minimum: 1, maximum: 100, default: 10 },
  },
}

const server = Fastify({ bodyLimit: 4 * 2 ** 20 })

server.get('/ping', () => 'pong')

server.post('/search', { schema: { body } }, async (request, reply) => {
  // A search whose client has gone is stopped.
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  try {
    return { matches: await search(request.body.vectors, request.body.k, gone.signal) }
  } catch (error) {
    if (error.code !== 'ERR_OFFLOOP_QUEUE_FULL') throw error
    return reply.code(503).header('retry-after', '1').send({ error: 'too many searches at once' })
  }
})

await server.listen({ port: Number(values.port), host: '127.0.0.1' })
console.log(`${rows} × ${dimension} at http://127.0.0.1:${server.server.address().port}`)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => server.close())
