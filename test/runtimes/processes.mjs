import assert from 'node:assert/strict'

import { importTasks, Pool, Process } from 'offloop'

const work = importTasks(new URL('./work.mjs', import.meta.url))

export default {
  'a pool of child processes': async () => {
    const pool = new Pool({ workers: 1, backend: 'process' })
    try {
      assert.deepEqual(await pool.map(work.square, [1, 2, 3]), [1, 4, 9])
      assert.equal(await pool.submit((x) => x + 1, 1), 2)
    } finally {
      await pool.close()
    }
  },
  'a Process': async () => {
    const child = new Process((a, b) => a * b, { args: [6, 7] })
    child.start()
    assert.equal(await child.join(), 42)
  },
}
