import { AsyncLocalStorage } from 'node:async_hooks'

import { delay, schedule } from 'offloop'
import type { Schedule, ScheduledRun, ScheduleOptions } from 'offloop'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { deferred, listeners, reasonOf, untilAborted } from './helpers.ts'

const start = Date.parse('2026-03-10T12:00:00Z')
const minute = 60_000
const hour = 60 * minute

beforeEach(() => void vi.useFakeTimers({ now: start }))
afterEach(() => vi.useRealTimers())

const go = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

/** A schedule, and when it ran and was due, in milliseconds from the start. */
function recorded(options: ScheduleOptions, fn: (run: ScheduledRun) => unknown = () => {}) {
  const ran: number[] = []
  const due: number[] = []
  const job = schedule(options, (run) => {
    ran.push(Date.now() - start)
    due.push(run.scheduled.getTime() - start)
    return fn(run)
  })
  return { job, ran, due }
}

const iso = (job: Schedule): string | undefined => job.next?.toISOString()

describe('at', () => {
  it.each([
    ['a Date', new Date(start + 90_000)],
    ['a number', start + 90_000],
    ['text', '2026-03-10T12:01:30Z'],
  ])('runs once, at %s', async (_, at) => {
    const { job, ran, due } = recorded({ at })
    expect(iso(job)).toBe('2026-03-10T12:01:30.000Z')
    await go(89_999)
    expect(ran).toEqual([])
    await go(1)
    expect([ran, due]).toEqual([[90_000], [90_000]])
    await job.done
    expect(job.next).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('runs what has gone by at once, and what is far away when it comes', async () => {
    const past = recorded({ at: start - hour })
    expect(past.ran).toEqual([])
    await go(1)
    expect(past.ran).toHaveLength(1)
    const far = recorded({ at: start + 1000 * hour })
    await go(1000 * hour - 2)
    expect(far.ran).toEqual([])
    await go(1)
    expect(far.ran).toEqual([1000 * hour])
  })

  it('follows a clock that is set', async () => {
    const ahead = recorded({ at: start + 5 * hour })
    await go(minute)
    vi.setSystemTime(start + 6 * hour)
    await go(minute)
    expect(ahead.ran).toHaveLength(1)
    vi.setSystemTime(start)
    const back = recorded({ at: start + hour })
    vi.setSystemTime(start - hour)
    await go(hour)
    expect(back.ran).toEqual([])
    await go(hour)
    expect(back.ran).toEqual([hour])
  })
})

describe('every', () => {
  it('runs at multiples of the interval, by a clock that nobody sets', async () => {
    const { job, ran, due } = recorded({ every: 250, times: 4 })
    expect(iso(job)).toBe('2026-03-10T12:00:00.250Z')
    await go(300)
    vi.setSystemTime(start + 10 * hour)
    await go(400)
    expect(ran.slice(0, 1)).toEqual([250])
    expect(ran.slice(1)).toEqual([10 * hour + 200])
    expect(job.runs).toBe(2)
    await go(300)
    await job.done
    expect(due.map((time) => time % hour)).toEqual([250, 200, 450, 700])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not drift, however late runs are', async () => {
    const late = 30
    const now = performance.now.bind(performance)
    let lost = 0
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + lost)
    const due: number[] = []
    const begun = performance.now()
    // Each run takes the loop for itself for a while.
    const job = schedule({ every: 100, times: 50 }, () => {
      due.push(performance.now() - begun)
      lost += late
    })
    await go(5000)
    await job.done
    expect(due.map((time) => Math.round(time))).toEqual(Array.from({ length: 50 }, (_, i) => (i + 1) * 100))
    spy.mockRestore()
  })

  it('may begin at once', async () => {
    const { ran, job } = recorded({ every: 100, times: 3, immediate: true })
    expect(ran).toEqual([])
    await go(250)
    await job.done
    expect(ran[0]).toBeLessThan(2)
    expect(ran.slice(1)).toEqual([100, 200])
  })

  it('tells each run its number, when it was due, and the name', async () => {
    const runs: ScheduledRun[] = []
    const job = schedule({ every: 10, times: 2, name: 'beat' }, (run) => runs.push(run))
    await go(30)
    expect(runs.map(({ index, name, scheduled }) => [index, name, scheduled.getTime() - start])).toEqual([
      [0, 'beat', 10],
      [1, 'beat', 20],
    ])
    expect(runs[0].signal.aborted).toBe(false)
    expect(job.name).toBe('beat')
  })
})

describe('cron', () => {
  it.each([
    // From the calendar: 2026-03-10 is a Tuesday.
    ['*/15 * * * *', 'UTC', ['2026-03-10T12:15:00.000Z', '2026-03-10T12:30:00.000Z']],
    ['30 9 * * MON-FRI', 'UTC', ['2026-03-11T09:30:00.000Z', '2026-03-12T09:30:00.000Z']],
    ['0 0 L * *', 'UTC', ['2026-03-31T00:00:00.000Z', '2026-04-30T00:00:00.000Z']],
    ['*/20 * * * * *', 'UTC', ['2026-03-10T12:00:20.000Z', '2026-03-10T12:00:40.000Z']],
    ['@daily', 'UTC', ['2026-03-11T00:00:00.000Z', '2026-03-12T00:00:00.000Z']],
    ['0 12 * * *', 'Asia/Kolkata', ['2026-03-11T06:30:00.000Z', '2026-03-12T06:30:00.000Z']],
    // The clocks go forward on the 29th.
    ['30 2 28-30 * *', 'Europe/Berlin', ['2026-03-28T01:30:00.000Z', '2026-03-29T01:00:00.000Z']],
  ])('%s in %s', async (cron, timeZone, times) => {
    const options = { cron, timeZone }
    const first = schedule(options, () => {})
    expect(iso(first)).toBe(times[0])
    first.cancel()
    vi.setSystemTime(Date.parse(times[0]) - 15_000)
    const { job, ran } = recorded(options)
    await go(14_999)
    expect(ran).toEqual([])
    await go(1)
    expect(ran).toEqual([Date.parse(times[0]) - start])
    expect(iso(job)).toBe(times[1])
    job.cancel()
  })

  it('runs each time once, over a day', async () => {
    const { job, ran } = recorded({ cron: '0 * * * *', timeZone: 'UTC' })
    await go(24 * hour + 1)
    expect(ran).toEqual(Array.from({ length: 24 }, (_, i) => (i + 1) * hour))
    job.cancel()
    await job.done
  })

  it('does not run twice when the clock is corrected a little, and follows when it is set back', async () => {
    const { job, ran } = recorded({ cron: '0 * * * *', timeZone: 'UTC' })
    await go(hour)
    vi.setSystemTime(start + hour - 20)
    await go(minute)
    expect(ran).toHaveLength(1)
    vi.setSystemTime(start - 2 * hour)
    await go(2 * minute)
    expect(iso(job)).toBe('2026-03-10T11:00:00.000Z')
    job.cancel()
  })

  it('may run at once as well', async () => {
    const { job, ran } = recorded({ cron: '0 * * * *', timeZone: 'UTC', immediate: true, times: 2 })
    await go(hour)
    await job.done
    expect(ran[0]).toBeLessThan(2)
    expect(ran[1]).toBe(hour)
  })
})

describe('what was missed', () => {
  it.each<[string, ScheduleOptions]>([
    ['cron', { cron: '* * * * *', timeZone: 'UTC' }],
    ['every', { every: minute }],
  ])('is one run, late, with %s, and one for each with catchUp', async (_, options) => {
    const one = recorded(options)
    const each = recorded({ ...options, catchUp: true })
    const capped = recorded({ ...options, catchUp: true, times: 2 })
    // The timers stand still for 2.5 minutes, and the clocks go on.
    const stillMs = 2.5 * minute
    const now = performance.now.bind(performance)
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now() + stillMs)
    vi.setSystemTime(start + stillMs)
    await go(minute)
    expect(one.ran).toEqual([3.5 * minute])
    expect(one.due).toEqual([minute])
    expect(each.due).toEqual([minute, 2 * minute, 3 * minute])
    expect(capped.due).toEqual([minute, 2 * minute])
    await go(minute / 2)
    expect(one.due).toEqual([minute, 4 * minute])
    expect(each.due).toEqual([minute, 2 * minute, 3 * minute, 4 * minute])
    one.job.cancel()
    each.job.cancel()
    spy.mockRestore()
  })
})

describe('runs that overlap', () => {
  const slow = () => delay(250)

  it('are left out', async () => {
    const { job, ran } = recorded({ every: 100 }, slow)
    await go(850)
    expect(ran).toEqual([100, 400, 700])
    expect(job.skipped).toBe(5)
    job.cancel()
  })

  it('wait for their turn', async () => {
    const { job, ran, due } = recorded({ every: 100, overlap: 'queue', times: 4 }, slow)
    await go(2000)
    await job.done
    expect(ran).toEqual([100, 350, 600, 850])
    expect(due).toEqual([100, 200, 300, 400])
  })

  it('run together', async () => {
    const { job, ran } = recorded({ every: 100, overlap: 'run', times: 5 }, slow)
    await go(600)
    expect(ran).toEqual([100, 200, 300, 400, 500])
    await go(200)
    await job.done
  })
})

describe('several schedules', () => {
  it('that are due in the same turn go by priority', async () => {
    const order: string[] = []
    const jobs = (['low', 'normal', 'high', 'low', 'high'] as const).map((priority, i) =>
      schedule({ every: 100, priority }, () => order.push(`${priority} ${i}`)),
    )
    await go(100)
    expect(order).toEqual(['high 2', 'high 4', 'normal 1', 'low 0', 'low 3'])
    for (const job of jobs) job.cancel()
  })
})

describe('errors', () => {
  it.each(['thrown', 'rejected'])('%s end it, and are what done rejects with', async (kind) => {
    const error = new Error('of a run')
    const job = schedule({ every: 10 }, () => {
      if (kind === 'rejected') return Promise.reject(error)
      throw error
    })
    const reason = reasonOf(job.done)
    await go(50)
    expect(await reason).toBe(error)
    expect(job.runs).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('go to onError, and the schedule goes on', async () => {
    const seen: unknown[] = []
    const onError = (error: unknown, run: ScheduledRun) => seen.push([(error as Error).message, run.index])
    const job = schedule({ every: 10, times: 2, onError }, async ({ index }) => {
      throw new Error(`run ${index}`)
    })
    await go(50)
    await job.done
    expect(seen).toEqual([
      ['run 0', 0],
      ['run 1', 1],
    ])
  })

  it('of onError end it', async () => {
    const error = new Error('of onError')
    const onError = () => {
      throw error
    }
    const job = schedule({ every: 10, onError }, () => Promise.reject(new Error('x')))
    const reason = reasonOf(job.done)
    await go(50)
    expect(await reason).toBe(error)
  })
})

describe('the end', () => {
  it('by cancel: the signal of what runs is aborted, and done resolves when that has settled', async () => {
    let told: unknown
    const gate = deferred()
    const job = schedule({ every: 10 }, async ({ signal }) => {
      told = await reasonOf(untilAborted(signal))
      await gate.promise
      throw told
    })
    await go(15)
    job.cancel('enough')
    expect(job.next).toBeUndefined()
    let done = false
    void job.done.then(() => (done = true))
    await go(100)
    expect([told, done, job.runs]).toEqual(['enough', false, 1])
    gate.resolve(undefined)
    await job.done
    expect(vi.getTimerCount()).toBe(0)
  })

  it('by a signal: done rejects with its reason, which nobody has to look at', async () => {
    const controller = new AbortController()
    const task = delay(1e9)
    const job = schedule({ every: 10, signal: controller.signal }, () => task)
    const unseen = schedule({ cron: '* * * * *', signal: controller.signal }, () => {})
    expect(listeners(controller.signal)).toBe(1)
    await go(15)
    controller.abort('enough')
    expect(await reasonOf(job.done)).toBe('enough')
    expect(await reasonOf(task)).toBe('enough')
    expect(unseen.next).toBeUndefined()
    expect(listeners(controller.signal)).toBe(0)
    const late = schedule({ every: 10, signal: controller.signal }, () => {})
    expect(await reasonOf(late.done)).toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('by what a run does, and by dispose', async () => {
    const { job, ran } = recorded({ every: 10 }, ({ index }) => index === 1 && job.cancel())
    await go(100)
    await job.done
    expect(ran).toEqual([10, 20])
    const other = schedule({ every: 10 }, untilAbortedRun)
    await go(10)
    await other[Symbol.asyncDispose]()
    expect(other.runs).toBe(1)
  })

  const untilAbortedRun = ({ signal }: ScheduledRun) => untilAborted(signal)
})

describe('schedule', () => {
  it('runs the function in the context of the call', async () => {
    const storage = new AsyncLocalStorage<string>()
    const stores: unknown[] = []
    const jobs = ['a', 'b'].map((name) =>
      storage.run(name, () => schedule({ every: 10, times: 2 }, () => stores.push(storage.getStore()))),
    )
    await go(30)
    await Promise.all(jobs.map(({ done }) => done))
    expect(stores).toEqual(['a', 'b', 'a', 'b'])
  })

  it('throws for misuse', () => {
    const bad: [unknown, RegExp][] = [
      [undefined, /one of `at`, `every` and `cron`, got 0/],
      [{ every: 5, cron: '* * * * *' }, /got 2 of them/],
      [{ every: '5' }, /`every`/],
      [{ at: {} }, /`at`/],
      [{ cron: 5 }, /`cron`/],
      [{ every: 5, timeZone: 'UTC' }, /`timeZone`/],
      [{ every: 5, name: 5 }, /`name`/],
      [{ at: 5, immediate: true }, /`immediate`/],
      [{ every: 5, onError: 5 }, /`onError`/],
      [{ every: 5, ref: 5 }, /`ref`/],
    ]
    for (const [options, message] of bad) {
      expect(() => schedule(options as never, () => {})).toThrow(message)
      expect(() => schedule(options as never, () => {})).toThrow(TypeError)
    }
    const wrong: [ScheduleOptions, RegExp][] = [
      [{ every: 0 }, /`every`/],
      [{ every: NaN }, /`every`/],
      [{ every: Infinity }, /`every`/],
      [{ at: NaN }, /`at`/],
      [{ at: 'tomorrow' }, /`at`/],
      [{ cron: 'every day' }, /`cron`/],
      [{ cron: '61 * * * *' }, /`cron`/],
      [{ cron: '0 0 30 2 *' }, /comes to pass/],
      [{ cron: '2030-01-01T00:00:00' }, /that is for `at`/],
      [{ cron: '* * * * *', timeZone: 'Mars/Base' }, /`timeZone`/],
      [{ every: 5, times: 0 }, /`times`/],
      [{ every: 5, overlap: 'wait' as never }, /`overlap`/],
      [{ every: 5, priority: 'urgent' as never }, /`priority`/],
    ]
    for (const [options, message] of wrong) {
      expect(() => schedule(options, () => {})).toThrow(message)
      expect(() => schedule(options, () => {})).toThrow(RangeError)
    }
    expect(() => schedule({ every: 5 }, 5 as never)).toThrow(TypeError)
    expect(vi.getTimerCount()).toBe(0)
  })
})
