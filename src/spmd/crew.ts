import { Executor } from '../executor/executor.ts'
import type { ExecutorOptions } from '../executor/executor-options.ts'

/** How long workers wait for the next call of as many ranks. */
const idleMs = 1000
/** How long a rank that is to stop may take, by default. */
export const defaultGraceMs = 100

const options: Omit<ExecutorOptions, 'size' | 'graceMs'> = {
  kind: 'worker',
  name: 'spmd',
  minimum: 0,
  idleTimeout: idleMs,
  maxTasksPerWorker: Infinity,
  resourceLimits: undefined,
  env: undefined,
  initializer: undefined,
  context: { value: undefined, packed: false },
  stdout: 'inherit',
  stderr: 'inherit',
  settled: () => {},
}

/** Executors that have nothing to do, by their number of workers, which end by themselves after a while. */
const idle = new Map<number, Executor[]>()

/** An executor of `size` workers that nobody else uses. */
export function takeCrew(size: number, graceMs: number): Executor {
  const known = graceMs === defaultGraceMs ? idle.get(size)?.pop() : undefined
  return known ?? new Executor({ ...options, size, graceMs })
}

/** Gives it back; all its ranks have returned. */
export function giveCrew(crew: Executor): void {
  const { size, graceMs } = crew.options
  if (graceMs !== defaultGraceMs) return
  const others = idle.get(size)
  if (others === undefined) idle.set(size, [crew])
  else others.push(crew)
}
