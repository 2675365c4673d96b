// Readers and writers (Courtois, Heymans, Parnas, 1971): many may read at once, one writes alone, and a writer that waits
// lets no further reader in before it.
import { Pool, RWLock, alloc } from 'offloop'

const lock = new RWLock()
// Two numbers that a reader must never see apart, and how many readers are inside, now and at most.
const table = alloc(Float64Array, 2)
const inside = alloc(Int32Array, 2)

async function read(lock, table, inside, times) {
  let torn = 0
  for (let i = 0; i < times; i++) {
    const held = await lock.read()
    const now = Atomics.add(inside, 0, 1) + 1
    if (now > Atomics.load(inside, 1)) Atomics.store(inside, 1, now)
    const before = table[0]
    await null
    if (table[1] !== before) torn++
    Atomics.sub(inside, 0, 1)
    held.release()
  }
  return torn
}

async function write(lock, table, inside, times) {
  let shared = 0
  for (let i = 0; i < times; i++) {
    const held = await lock.write()
    if (Atomics.load(inside, 0) !== 0) shared++
    table[0]++
    await null
    table[1]++
    held.release()
  }
  return shared
}

const pool = new Pool({ workers: 4 })
const faults = await Promise.all([
  pool.submit(read, lock, table, inside, 1000),
  pool.submit(read, lock, table, inside, 1000),
  pool.submit(write, lock, table, inside, 500),
  pool.submit(write, lock, table, inside, 500),
])
await pool.close()

console.log(`1000 writes, 2000 reads, at most ${inside[1]} readers at once`)
if (faults.some((each) => each > 0) || table[0] !== 1000) throw new Error('a reader and a writer were there together')
