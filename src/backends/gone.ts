import { codedError } from '../errors.ts'
import { reach, sizeOf } from '../ndarray.ts'
import type { Plan } from '../plan.ts'
import { lengthOf } from '../typed-array.ts'
import type { View } from '../types.ts'

/**
 * Whether some of a view's elements are no longer there. A plan is checked when it is made, but its arrays stay the
 * caller's: getters of its options, and whatever runs while the task does, may detach or shrink their buffers.
 */
export function isOutOfReach(view: View): boolean {
  if (sizeOf(view.shape) === 0) return false
  const [, high] = reach(view.shape, view.strides)
  return lengthOf(view.data) <= view.offset + high
}

/** What a call rejects with when an array of its plan has gone; undefined while all are there. */
export function goneError(plan: Plan): Error | undefined {
  if (plan.inputs.some(isOutOfReach)) return codedError('ERR_OFFLOOP_DETACHED', ['an argument'])
  return goneOutputError(plan)
}

/** The same for its outputs alone. */
export function goneOutputError(plan: Plan): Error | undefined {
  if (plan.freshOutputs || !plan.outputs.some(isOutOfReach)) return undefined
  return codedError('ERR_OFFLOOP_DETACHED', ['out'])
}
