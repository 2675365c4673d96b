import assert from 'node:assert/strict'

import { Thread } from 'offloop'

export default {
  'a Thread from start to end': async () => {
    const thread = new Thread((a, b) => a + b, { args: [1, 2] })
    thread.start()
    assert.equal(await thread.join(), 3)
    assert.equal(thread.status, 'done')
  },
  'one that fails, and one that is terminated': async () => {
    const bad = new Thread(() => {
      throw new RangeError('no')
    })
    bad.start()
    await assert.rejects(bad.join(), { name: 'RangeError' })
    const endless = new Thread(() => {
      for (;;) Math.sqrt(2)
    })
    endless.start()
    await endless.terminate()
    assert.equal(endless.isAlive, false)
  },
}
