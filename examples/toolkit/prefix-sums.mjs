// Running sums in parallel, in place in shared memory: each rank sums up its part, a scan tells it what comes before,
// and a barrier says when all parts are whole. (Blelloch, "Prefix Sums and Their Applications", 1990.)
import { SharedArray, spmd } from 'offloop'

const n = 1_000_000
const numbers = new SharedArray('f64', n)
for (let i = 0; i < n; i++) numbers.array[i] = i % 10

function prefixSums(comm, shared) {
  const part = shared.array.subarray(
    Math.floor((shared.length * comm.rank) / comm.size),
    Math.floor((shared.length * (comm.rank + 1)) / comm.size),
  )
  for (let i = 1; i < part.length; i++) part[i] += part[i - 1]
  const mine = part[part.length - 1]
  const before = comm.scanSync(mine) - mine
  for (let i = 0; i < part.length; i++) part[i] += before
  comm.barrierSync()
  return shared.array[shared.length - 1]
}

const totals = await spmd(4, prefixSums, numbers)
console.log(`the last of ${n} running sums is ${numbers.at(-1)}`)
let sum = 0
for (let i = 0; i < n; i++) {
  sum += i % 10
  if (numbers.array[i] !== sum) throw new Error(`sum ${i} is ${numbers.array[i]}, not ${sum}`)
}
if (totals.some((total) => total !== sum)) throw new Error('a rank saw less than all')
