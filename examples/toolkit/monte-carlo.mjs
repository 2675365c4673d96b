// Pi by throwing darts: each rank throws its share, with random numbers of its own, and allreduce adds up what hit. The
// result is the same each time, as the ranks add up in one order.
import { spmd } from 'offloop'

const allDarts = 4_000_000

async function estimate(comm, darts) {
  const { random } = await import('offloop')
  const mine = Math.floor(darts / comm.size)
  const xy = await random.uniform(2 * mine, { seed: 42 + comm.rank })
  let hits = 0
  for (let i = 0; i < xy.length; i += 2) if (xy[i] ** 2 + xy[i + 1] ** 2 < 1) hits++
  const [all, thrown] = [await comm.allreduce(hits), await comm.allreduce(mine)]
  return (4 * all) / thrown
}

const results = await spmd(4, estimate, allDarts)
console.log(`pi is about ${results[0]}, as all of ${results.length} ranks know`)
if (results.some((pi) => pi !== results[0]) || Math.abs(results[0] - Math.PI) > 0.005) throw new Error('not pi')
