import { describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'

// Each case is a process: it has to end by itself, well, and after having printed what it prints.

const names = 'asCompleted, delay, gather, Limiter, schedule, TaskGroup, timeout, waitAny'

async function outputOf(source: string): Promise<string> {
  const { code, stdout, stderr } = await runModule(`import { ${names} } from 'offloop'\n${source}`)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.trim()
}

describe('a process', () => {
  it.concurrent('is kept alive by what waits for a timer', async () => {
    const source = `
      delay(30).then(() => console.log('delay'))
      schedule({ every: 10, times: 2 }, ({ index }) => console.log('every', index))
      schedule({ at: Date.now() + 40 }, () => console.log('at'))
      timeout(new Promise(() => {}), 20).catch(() => console.log('timeout'))
      gather([new Promise(() => {})], { timeout: 20 }).catch(() => console.log('gather'))
      const limiter = new Limiter({ rate: { count: 1, perMs: 30 } })
      for (const name of ['first', 'second']) limiter.run(() => console.log(name))`
    const lines = (await outputOf(source)).split('\n')
    const expected = ['delay', 'every 0', 'every 1', 'at', 'timeout', 'gather', 'first', 'second']
    expect(lines.toSorted()).toEqual(expected.toSorted())
  })

  it.concurrent('is kept alive by nothing that has settled, nor by what was told not to', async () => {
    const source = `
      const { signal } = new AbortController()
      const long = { timeout: 1e8, signal }
      delay(1e8, { ref: false })
      delay(1e12, { ref: false })
      schedule({ every: 1e8, ref: false }, () => {})
      schedule({ cron: '0 0 1 1 *', ref: false }, () => {})
      const job = schedule({ cron: '0 0 1 1 *' }, () => {})
      job.cancel()
      await job.done
      const task = delay(1e8)
      task.cancel()
      await gather([1, () => 2], long)
      await waitAny([1, delay(1e8, { ref: false })], long)
      await timeout(delay(1), 1e8, { signal })
      for await (const t of asCompleted([1, delay(1e8)], long)) if (t.index === 0) break
      await TaskGroup.run((group) => void group.spawn(() => delay(1)), long)
      const limiter = new Limiter({ rate: { count: 1, perMs: 1e8 } })
      await limiter.run(() => 1, long)
      limiter.run(() => 2, long)
      limiter.clear()
      console.log('over')`
    expect(await outputOf(source)).toBe('over')
  })

  it.concurrent('hears of no rejection that somebody has to answer for elsewhere', async () => {
    const source = `
      const failing = () => Promise.reject(new Error('x'))
      const late = () => new Promise((_, reject) => setTimeout(reject, 5, new Error('late')))
      const quiet = (task) => task.catch(() => {})
      quiet(gather([failing(), late(), failing, late, delay(1e8), late()]))
      quiet(gather([() => delay(5), failing()], { limit: 1, settle: true, signal: AbortSignal.abort() }))
      quiet(gather([late(), failing()], { limit: 1 }))
      quiet(waitAny([failing(), late(), late]))
      quiet(waitAny([failing(), late()], { mode: 'fulfilled', cancelRest: true }))
      quiet(timeout(late(), 1))
      quiet(timeout(late, 1))
      asCompleted([failing(), late, late()])
      for await (const t of asCompleted([late(), 1, late])) if (t.index === 1) break
      quiet(TaskGroup.run((group) => {
        group.spawn(failing)
        group.spawn(late())
        group.spawn(late)
        group.spawn(delay(1e8))
      }))
      TaskGroup.run((group) => {
        group.spawn(late)
        group.cancel()
      })
      const limiter = new Limiter({ concurrency: 1 })
      quiet(limiter.run(late, { timeout: 1 }))
      limiter.run(failing).cancel()
      limiter.run(failing)
      limiter.clear()
      const controller = new AbortController()
      schedule({ every: 1, signal: controller.signal, onError() {} }, late)
      schedule({ every: 1, signal: controller.signal, onError() {} }, failing)
      await delay(30)
      delay(1e8).cancel()
      controller.abort()
      await delay(10)
      console.log('over')`
    expect(await outputOf(source)).toBe('over')
  })

  it.concurrent('does hear of a schedule that fails and has nobody to tell', async () => {
    const { code, stderr } = await runModule(`import { schedule } from 'offloop'
      schedule({ every: 1 }, () => { throw new Error('of a run') })`)
    expect(code).toBe(1)
    expect(stderr).toContain('of a run')
  })

  it.concurrent('loads the reader of cron expressions for the first one', async () => {
    const source = `
      import { createRequire } from 'node:module'
      const { cache } = createRequire(import.meta.url)
      const loaded = () => Object.keys(cache).some((file) => file.includes('croner'))
      console.log(loaded())
      schedule({ cron: '* * * * *' }, () => {}).cancel()
      console.log(loaded())`
    expect(await outputOf(source)).toBe('false\ntrue')
  })
})
