let holds = 0
let timer: NodeJS.Timeout | undefined

/**
 * Keeps the process alive until what it gives is called. Workers and ports keep nothing alive by themselves; one timer
 * does, for everything.
 */
export function hold(): () => void {
  holds++
  timer ??= setInterval(() => {}, 2 ** 31 - 1)
  if (holds === 1) timer.ref()
  let held = true
  return () => {
    if (!held) return
    held = false
    if (--holds === 0) timer?.unref()
  }
}
