// How long the event loop was held up.

/**
 * Watches a timer that should fire every millisecond. `stop` gives the longest time by which it was late, in
 * milliseconds.
 */
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
      await new Promise((resolve) => setTimeout(resolve, 3))
      clearInterval(timer)
      return longest
    },
  }
}

/** The longest gap while nothing runs: what timers are late by in any case. */
export async function idleGap(milliseconds) {
  const gap = watchGap()
  await new Promise((resolve) => setTimeout(resolve, milliseconds))
  return gap.stop()
}
