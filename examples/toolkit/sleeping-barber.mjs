// The sleeping barber (E. W. Dijkstra, 1965): a barber who sleeps where nobody waits, a few chairs, and customers who
// leave where none is free. The chairs are a queue; each customer hears on a channel of his own that he is done.
import assert from 'node:assert/strict'

import { Channel, Pool, Queue } from 'offloop'

const chairs = 3
const customers = 40
const pool = new Pool({ workers: 1, backend: 'worker' })
const waiting = new Queue({ capacity: chairs })
const done = Array.from({ length: customers }, () => new Channel(1, { maxBytes: 4096 }))

const barber = pool.submit(
  (room, tell) => {
    let served = 0
    for (const { customer, hair } of room) {
      let cut = hair
      while (cut > 1) cut--
      tell[customer].sendSync(cut)
      served++
    }
    return served
  },
  waiting,
  done,
)

async function visit(customer) {
  if (!waiting.tryPut({ customer, hair: 1000 * (customer + 1) })) return false
  assert.equal(await done[customer].receive(), 1)
  return true
}

const visits = []
for (let customer = 0; customer < customers; customer++) {
  visits.push(visit(customer))
  if (customer % 5 === 4) await visits.at(-1)
}
const served = (await Promise.all(visits)).filter(Boolean).length
waiting.close()
assert.equal(await barber, served)
assert.ok(served >= chairs)
console.log(`${served} were served, ${customers - served} found no chair`)
await pool.close()
