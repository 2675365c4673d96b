import assert from 'node:assert/strict'

import { spmd } from 'offloop'

export default {
  'collective calls of three ranks': async () => {
    assert.deepEqual(await spmd(3, (comm, scale) => comm.allreduceSync(comm.rank * scale), 10), [30, 30, 30])
    const ring = (comm) => {
      comm.send(comm.rank, (comm.rank + 1) % comm.size)
      return comm.recvSync()
    }
    assert.deepEqual(await spmd(3, ring), [2, 0, 1])
  },
}
