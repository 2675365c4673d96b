// A collective call is a generator that yields what it has to wait for: a look that must become true, or a promise. It
// is written once, and driven by a thread that blocks or by one that goes on with other things.
import { timeoutError } from '../errors.ts'
import type { Wait } from '../sync/waits.ts'
import type { Bell, Poll } from './bell.ts'

export type Steps<T> = Generator<Poll | PromiseLike<unknown>, T, unknown>

export function driveSync<T>(steps: Steps<T>, bell: Bell, wait: Wait): T {
  let step = steps.next()
  while (step.done !== true) {
    if (typeof step.value !== 'function') {
      throw new TypeError('Expected `op` to give a value where the call blocks, got a promise')
    }
    if (!bell.waitSync(step.value, wait)) throw timeoutError(wait.timeout)
    step = steps.next()
  }
  return step.value
}

export async function drive<T>(steps: Steps<T>, bell: Bell, wait: Wait): Promise<T> {
  let step = steps.next()
  while (step.done !== true) {
    if (typeof step.value !== 'function') {
      step = steps.next(await step.value)
      continue
    }
    if (!(await bell.wait(step.value, wait))) throw timeoutError(wait.timeout)
    step = steps.next()
  }
  return step.value
}
