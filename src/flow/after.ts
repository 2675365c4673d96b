/** What timers take at most, 24.8 days; they fire at once for more. */
const longestMs = 2 ** 31 - 1

/**
 * Calls `act` once when so many milliseconds have gone by, however many; gives what takes that back. Never early, which
 * timers are by up to a millisecond.
 */
export function after(milliseconds: number, act: () => void, ref = true): () => void {
  const due = performance.now() + milliseconds
  let left = Math.ceil(milliseconds)
  let timer: NodeJS.Timeout
  const wait = (): void => {
    const part = Math.min(left, longestMs)
    left -= part
    timer = setTimeout(left > 0 ? wait : end, part)
    if (!ref) timer.unref()
  }
  // Where the two clocks differ by more than rounding, as they may in a test, the timer's is right.
  const end = (): void => {
    const early = due - performance.now()
    if (early < 0.01 || early > 2) return act()
    left = 1
    wait()
  }
  wait()
  return () => clearTimeout(timer)
}
