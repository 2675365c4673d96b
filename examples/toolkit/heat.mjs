// Heat that spreads in a rod. Each rank has a part of it, and exchanges the cells at its ends with its neighbours before
// each step. The result has the same bits as that of one loop over the whole rod.
import { spmd } from 'offloop'

const length = 2000
const time = 500

function spread(comm, cells, steps) {
  const { rank, size } = comm
  const from = Math.floor((cells * rank) / size)
  const count = Math.floor((cells * (rank + 1)) / size) - from
  // One more cell at each end, for what the neighbours have there.
  let now = new Float64Array(count + 2)
  let next = new Float64Array(count + 2)
  for (let i = 0; i < count; i++) now[i + 1] = from + i === cells / 2 ? 1000 : 0
  for (let step = 0; step < steps; step++) {
    if (rank > 0) comm.sendSync(now[1], rank - 1)
    if (rank + 1 < size) comm.sendSync(now[count], rank + 1)
    if (rank > 0) now[0] = comm.recvSync(rank - 1)
    if (rank + 1 < size) now[count + 1] = comm.recvSync(rank + 1)
    for (let i = 1; i <= count; i++) next[i] = now[i] + 0.25 * (now[i - 1] - 2 * now[i] + now[i + 1])
    ;[now, next] = [next, now]
  }
  return comm.gatherSync(now.subarray(1, count + 1))
}

const join = (parts) => Float64Array.from(parts.flatMap((part) => Array.from(part)))
const [parts] = await spmd(4, spread, length, time)
const [whole] = await spmd(1, spread, length, time)
const rod = join(parts)
console.log(`after ${time} steps the middle has ${rod[length / 2].toFixed(3)} of 1000`)
if (Buffer.compare(Buffer.from(rod.buffer), Buffer.from(join(whole).buffer)) !== 0) throw new Error('not the same')
