import assert from 'node:assert/strict'

import { Channel, Pipe, Pool, Queue } from 'offloop'

async function withPool(workers, use) {
  const pool = new Pool({ workers })
  try {
    await use(pool)
  } finally {
    await pool.close()
  }
}

export default {
  'a queue from here to workers and back': () =>
    withPool(2, async (pool) => {
      const jobs = new Queue({ capacity: 10 })
      const results = new Queue()
      const work = (jobs, results) => {
        for (const n of jobs) results.putSync({ n, square: n * n })
      }
      const tasks = [pool.submit(work, jobs, results), pool.submit(work, jobs, results)]
      for (let n = 0; n < 100; n++) await jobs.put(n)
      jobs.close()
      await Promise.all(tasks)
      results.close()
      let sum = 0
      for await (const { square } of results) sum += square
      assert.equal(sum, 328_350)
    }),
  'a pipe and a channel': () =>
    withPool(1, async (pool) => {
      const [here, there] = Pipe()
      const echo = pool.submit((end) => end.sendSync(`${end.recvSync()}!`), there)
      await here.send('hello')
      assert.equal(await here.recv(), 'hello!')
      await echo
      const channel = new Channel()
      const sent = pool.submit((channel) => channel.sendSync([1, 2]), channel)
      assert.deepEqual(await channel.receive(), [1, 2])
      await sent
    }),
}
