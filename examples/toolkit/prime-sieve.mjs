// The prime sieve of channels (C. A. R. Hoare, 1978; M. D. McIlroy; it came with Go): a stage for each prime lets pass
// what that does not divide. Here the numbers come from a worker, and each stage is an async function.
import assert from 'node:assert/strict'

import { Channel, Pool, primes } from 'offloop'

const pool = new Pool({ workers: 1, backend: 'worker' })
const count = 60

const numbers = new Channel()
const source = pool.submit((to) => {
  try {
    for (let n = 2; ; n++) to.sendSync(n)
  } catch (error) {
    if (error.code !== 'ERR_OFFLOOP_CLOSED') throw error
  }
}, numbers)

async function filter(from, to, prime) {
  for await (const n of from) if (n % prime !== 0) await to.send(n)
}

const found = []
const channels = [numbers]
const stages = []
while (found.length < count) {
  const from = channels.at(-1)
  const prime = await from.receive()
  found.push(prime)
  const to = new Channel(0, { maxBytes: 4096 })
  channels.push(to)
  stages.push(filter(from, to, prime))
}
// Whoever waits to send or to receive is let go.
for (const channel of channels) channel.close()
await Promise.allSettled([source, ...stages])

const known = await primes(found.at(-1) + 1)
assert.deepEqual(found, Array.from(known))
console.log(`the first ${count} primes: ${found.slice(0, 8).join(' ')} … ${found.at(-1)}`)
await pool.close()
