import { setTimeout as sleep } from 'node:timers/promises'

/** What a timer of a few milliseconds saw. */
export interface Heartbeat {
  /** Beats in each slot of time. */
  readonly slots: readonly number[]
  readonly beats: number
  /** The longest time by which a beat was late, in milliseconds. */
  readonly longest: number
  readonly span: number
}

/** Milliseconds between two beats. */
const beatMs = 5

/** Lets a timer beat while `work` runs, from a little before to a little after. */
export async function heartbeat(work: () => unknown, slotMs: number): Promise<Heartbeat> {
  const start = performance.now()
  const times: number[] = []
  let last = start
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - beatMs)
    last = now
    times.push(now - start)
  }, beatMs)
  await sleep(4 * slotMs)
  await work()
  await sleep(4 * slotMs)
  clearInterval(timer)
  const span = performance.now() - start
  const slots = new Array<number>(Math.ceil(span / slotMs)).fill(0)
  for (const time of times) slots[Math.min(slots.length - 1, Math.floor(time / slotMs))]++
  return { slots, beats: times.length, longest, span }
}
