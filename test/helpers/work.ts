import { mandelbrot } from 'offloop'
import type { NDArray, Pool, Task, TaskOptions } from 'offloop'

/**
 * Work that would take minutes: it is there to be stopped. At the cusp of the set no orbit ends, and none is seen to
 * repeat itself.
 */
export function endless(options: TaskOptions = {}): Task<NDArray<Uint16Array>> {
  return mandelbrot(cusp, options)
}

/** The argument of such work. */
export const cusp = { width: 4000, height: 4000, x: 0.25, scale: 1e-15, iterations: 65535 } as const

/** Resolves once a condition holds; the test's own timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Holds the only thread of a pool until it is let go. */
export async function block(pool: Pool): Promise<{ task: Task<unknown>; letGo(): Promise<unknown> }> {
  const task = endless({ pool })
  await until(() => task.status === 'running')
  const letGo = () => {
    task.cancel()
    return outcome(task)
  }
  // Not the task alone: a promise of it would wait for its end.
  return { task, letGo }
}

/** How a task ended. */
export async function outcome(task: Promise<unknown>): Promise<{ value?: unknown; reason?: unknown }> {
  return task.then(
    (value) => ({ value }),
    (reason: unknown) => ({ reason }),
  )
}
