import assert from 'node:assert/strict'

import { sort, sum } from 'offloop'

const big = new Float64Array(8e6).map((_, i) => (i * 7919) % 100_003)

export default {
  'one that is cancelled': async () => {
    for (const backend of ['native', 'worker']) {
      const task = sort(big, { backend })
      task.cancel()
      await assert.rejects(task, { name: 'AbortError' })
      assert.equal(task.status, 'cancelled')
    }
  },
  'one whose signal aborts, and one that is out of time': async () => {
    const reason = new Error('enough')
    await assert.rejects(sort(big, { signal: AbortSignal.abort(reason) }), (error) => error === reason)
    await assert.rejects(sort(big, { timeout: 1 }), { name: 'TimeoutError' })
  },
  'progress, timing and the event loop': async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 1)
    const told = []
    const task = sort(big, { onProgress: (done) => told.push(done) })
    await task
    clearInterval(timer)
    assert.ok(ticks > 0, 'the event loop stood still')
    assert.equal(task.progress, 1)
    assert.equal(told.at(-1), 1)
    assert.ok(task.timing.threads > 0)
  },
  'a thousand at once': async () => {
    const x = new Float64Array(20_000).fill(1)
    const sums = await Promise.all(Array.from({ length: 1000 }, () => sum(x)))
    assert.ok(sums.every((value) => value === 20_000))
  },
}
