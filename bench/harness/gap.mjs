// How long the event loop stood still.
import { setTimeout as sleep } from 'node:timers/promises'

/** Shorter ones are the timer's own. */
const leastStandstillMs = 2

/**
 * Starts watching a 1 ms timer. `stop` gives the longest time, in milliseconds, by which it came late; `loop` is when it
 * did: how long it was watched, and `[at, lasted]` of every time that the loop stood still.
 */
export function watchGap() {
  const start = performance.now()
  const standstills = []
  let last = start
  let longest = 0
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last - 1)
    if (now - last > leastStandstillMs) standstills.push([last - start, now - last])
    last = now
  }, 1)
  return {
    async stop() {
      // The timer itself must come round once more to see what has just happened.
      await sleep(3)
      clearInterval(timer)
      return longest
    },
    get loop() {
      return { span: last - start, standstills }
    },
  }
}

/** What the loop does while nothing is to be done: the machine's own share in all that is watched. */
export async function watchIdle(watchMs) {
  const [idle] = await watchLoops([{ run: () => sleep(1) }], watchMs)
  return idle
}

/** Watches the loop under each contestant for so long, over some calls one after another. */
export async function watchLoops(contestants, watchMs) {
  const watched = []
  for (const { run } of contestants) {
    await sleep(5)
    const gap = watchGap()
    await sleep(2)
    const start = performance.now()
    do {
      await run()
      await sleep(0)
    } while (performance.now() - start < watchMs)
    watched.push({ gapMs: await gap.stop(), loop: gap.loop })
  }
  return watched
}

/** The longest gap in so many milliseconds while this process does nothing. */
export async function idleGap(milliseconds) {
  const gap = watchGap()
  await sleep(milliseconds)
  return gap.stop()
}
