// Dijkstra's dining philosophers (1965): five of them, five forks, and each needs the two beside him to eat. All but one
// reach for the left fork first; that one reaches for the right, and so they never starve together.
import { Lock, Pool, alloc } from 'offloop'

const seats = 5
const meals = 2000
const forks = Array.from({ length: seats }, () => new Lock())
const eaten = alloc(Int32Array, seats)
const inUse = alloc(Int32Array, seats)

function dine(seat, forks, eaten, inUse, meals) {
  const left = seat
  const right = (seat + 1) % forks.length
  const [one, other] = seat === 0 ? [right, left] : [left, right]
  for (let i = 0; i < meals; i++) {
    const first = forks[one].acquireSync()
    const second = forks[other].acquireSync()
    if (Atomics.add(inUse, left, 1) + Atomics.add(inUse, right, 1) !== 0) throw new Error('two ate with one fork')
    eaten[seat]++
    Atomics.sub(inUse, left, 1)
    Atomics.sub(inUse, right, 1)
    second.release()
    first.release()
  }
}

const pool = new Pool({ workers: seats })
await Promise.all(Array.from({ length: seats }, (_, seat) => pool.submit(dine, seat, forks, eaten, inUse, meals)))
await pool.close()

console.log(`meals: ${eaten.join(' ')}`)
if (eaten.some((each) => each !== meals)) throw new Error('somebody went hungry')
