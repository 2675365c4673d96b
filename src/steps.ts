import type { Planned } from './plan.ts'

/** Between two steps: lets the event loop turn. Skipped in the synchronous form. */
export const pause: unique symbol = Symbol('offloop.pause')

/**
 * What a kernel function that needs more than one plan asks for next: a plan to be run, whose value comes back; a turn
 * of the event loop; or a promise to be waited for, whose value comes back (in the asynchronous form alone).
 */
export type Step = Planned<unknown> | typeof pause | Promise<unknown>

/**
 * A call that runs several plans one after another, as a generator: of which the length of one result depends on
 * another's, whose arguments take time to pack, or which reads a stream. It is one Task all the same. What it holds is
 * let go by `finally`, which runs however the task ends.
 */
export type Steps<T> = Generator<Step, T, unknown>

/** What a kernel's `plan` gives. */
export type Work<T> = Planned<T> | Steps<T>

export function isSteps<T>(work: Work<T>): work is Steps<T> {
  return 'next' in work
}

/** Runs one plan within steps, and gives its value. */
export function* run<T>(planned: Planned<T>): Generator<Step, T, unknown> {
  return (yield planned) as T
}
