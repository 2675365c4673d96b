// How long the event loop stood still.
import { setTimeout as sleep } from 'node:timers/promises'

/** Starts watching a 1 ms timer. `stop` gives the longest time, in milliseconds, by which it came late. */
export function watchGap() {
  let last = performance.now()
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    last = now
  }, 1)
  return {
    async stop() {
      // The timer itself must come round once more to see what has just happened.
      await sleep(3)
      clearInterval(timer)
      return longest
    },
  }
}

/** How long each contestant is watched. */
const watchedMs = 150

/** The longest gap of each contestant, over some calls one after another. */
export async function gapsOf(contestants) {
  const gaps = []
  for (const { run } of contestants) {
    await sleep(5)
    const gap = watchGap()
    await sleep(2)
    const start = performance.now()
    do {
      await run()
      await sleep(0)
    } while (performance.now() - start < watchedMs)
    gaps.push(await gap.stop())
  }
  return gaps
}

/** The longest gap in so many milliseconds while this process does nothing. */
export async function idleGap(milliseconds) {
  const gap = watchGap()
  await sleep(milliseconds)
  return gap.stop()
}
