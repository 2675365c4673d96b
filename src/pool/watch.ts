import type { Task } from './task.ts'

/** onProgress is called at most 60 times a second; timers take whole milliseconds, and would round down. */
export const progressMs = Math.ceil(1000 / 60)

/** Calls `report` while the task goes on; what it throws stops the task. Gives what ends it. */
export function watch(
  task: Task<unknown>,
  report: (fraction: number) => void,
  stop: (why: unknown) => void,
): () => void {
  let last = 0
  const timer = setInterval(() => {
    const now = task.progress
    if (now <= last) return
    last = now
    try {
      report(now)
    } catch (error) {
      stop(error)
    }
  }, progressMs)
  timer.unref()
  return () => clearInterval(timer)
}
