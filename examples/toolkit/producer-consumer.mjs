// Producer and consumer (E. W. Dijkstra, 1965): two threads, a queue of few places between them, and neither runs ahead.
import assert from 'node:assert/strict'

import { Pool, Queue } from 'offloop'

const pool = new Pool({ workers: 2, backend: 'worker' })
const queue = new Queue({ capacity: 8 })

const producer = pool.submit((to) => {
  for (let i = 1; i <= 1000; i++) to.putSync({ order: i, price: (i * 7) % 100 })
  to.close()
}, queue)

const consumer = pool.submit((from) => {
  let orders = 0
  let total = 0
  for (const { order, price } of from) {
    if (order !== ++orders) throw new Error(`order ${order} came as number ${orders}`)
    total += price
  }
  return { orders, total }
}, queue)

await producer
const { orders, total } = await consumer
assert.deepEqual({ orders, total }, { orders: 1000, total: 49_500 })
console.log(`${orders} orders, ${total} in all`)
await pool.close()
