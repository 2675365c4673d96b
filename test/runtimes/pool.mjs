import assert from 'node:assert/strict'
import { runInThisContext } from 'node:vm'

import { currentTask, importTasks, Pool, sum } from 'offloop'

const work = importTasks(new URL('./work.mjs', import.meta.url))

async function withPool(options, use) {
  const pool = new Pool(options)
  try {
    await use(pool)
  } finally {
    await pool.close()
  }
}

export default {
  'submit and map, inline functions and modules': () =>
    withPool({ workers: 2 }, async (pool) => {
      assert.equal(await pool.submit((a, b) => a + b, 1, 2), 3)
      assert.deepEqual(await pool.map((x) => x + 1, [1, 2, 3]), [2, 3, 4])
      assert.deepEqual(await pool.map(work.square, [1, 2, 3]), [1, 4, 9])
    }),
  'errors with their class': () =>
    withPool({ workers: 1 }, async (pool) => {
      await assert.rejects(pool.submit(work.fail), { name: 'RangeError', message: 'as asked' })
    }),
  'cancelled while it runs, without ever yielding': () =>
    withPool({ workers: 1 }, async (pool) => {
      const flag = new Int32Array(new SharedArrayBuffer(4))
      const task = pool.submit((flag) => {
        Atomics.store(flag, 0, 1)
        for (;;) Math.sqrt(2)
      }, flag)
      while (Atomics.load(flag, 0) === 0) await new Promise((resolve) => setTimeout(resolve, 2))
      task.cancel()
      await assert.rejects(task, { name: 'AbortError' })
      assert.equal(await pool.submit(() => 5), 5)
    }),
  'sloppy functions stay sloppy, strict ones strict': () =>
    withPool({ workers: 1 }, async (pool) => {
      const source = '(function () { return this === undefined })'
      assert.equal(await pool.submit(runInThisContext(source)), false)
      assert.equal(await pool.submit(runInThisContext(`'use strict'; ${source}`)), true)
    }),
  'streams and imap': () =>
    withPool({ workers: 2 }, async (pool) => {
      const seen = []
      for await (const x of pool.imap(work.square, [1, 2, 3, 4])) seen.push(x)
      assert.deepEqual(seen, [1, 4, 9, 16])
      const steps = []
      const count = function* (n) {
        for (let i = 0; i < n; i++) yield i
      }
      for await (const x of pool.stream(count, 3)) steps.push(x)
      assert.deepEqual(steps, [0, 1, 2])
    }),
  'kernels in a pool, and currentTask': () =>
    withPool({ workers: 1 }, async (pool) => {
      assert.equal(await pool.run(sum, [new Float64Array(1e5).fill(1)]), 1e5)
      assert.equal(currentTask().cancelled, false)
    }),
}
