import assert from 'node:assert/strict'

import { delay, gather, Limiter, TaskGroup, timeout } from 'offloop'

export default {
  'gather, timeout, TaskGroup and Limiter': async () => {
    assert.deepEqual(await gather([delay(1, { value: 'a' }), async () => 'b']), ['a', 'b'])
    await assert.rejects(timeout(delay(60_000), 1), { name: 'TimeoutError' })
    const limiter = new Limiter({ concurrency: 1 })
    assert.equal(await limiter.run(async () => 3), 3)
    assert.equal(await TaskGroup.run(async (group) => 1 + (await group.spawn(() => delay(1, { value: 2 })))), 3)
  },
}
