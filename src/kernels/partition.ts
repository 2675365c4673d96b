import { checkFlag, checkInteger } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { fewParted } from './few-order.ts'
import { lineLength, linesOf, readAxis } from './lines.ts'
import type { ArrayInput } from './reduction.ts'
import type { ArrayResult, SortOptions } from './sort.ts'

/** `axis`, `descending` and `out` as of `sort`. */
export interface PartitionOptions extends SortOptions {}

/** The type of {@link partition}. */
export interface Partition {
  <X extends ArrayInput>(x: X, k: number, options?: PartitionOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, k: number, options?: PartitionOptions): ArrayResult<X>
}

/**
 * Puts the element of rank `k` (from 0) where sorting would put it, all that come before it in sorted order before it,
 * and all that come after it after it, both in the order in which they were, with all that equal it in between. The
 * order is that of `sort`: -0 before +0, NaN after all numbers always. So the result is the same bits on every backend, CPU level and
 * number of threads. Selection by a sample and one pass (Floyd and Rivest 1975), then one pass that parts: time is
 * linear. Working memory: at most twice input and result.
 *
 * @param x Any typed array or n-d view; not changed, unless `out` is `x`.
 * @param k A rank from 0 to the length along the axis, excluded.
 * @returns A new typed array of the same type, or `out`; for n-d views an NDArray.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await partition(new Int32Array([5, 1, 4, 2, 3]), 2) // [1, 2, 3, 5, 4]
 * @function
 */
export const partition: Partition = defineKernel({ name: 'partition', arity: 2, plan: planPartition, few: fewParted })

function planPartition(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const options = raw as PartitionOptions
  const descending = checkFlag('descending', options.descending)
  const axis = readAxis(options.axis, view.shape.length)
  const length = lineLength(view, axis)
  if (length === 0) throw rangeMisuse('x.length', 'at least 1 along the axis', length)
  const k = checkInteger('k', args[1], 0, length - 1)
  const out = readOut(raw, view.dtype, view.shape, [view], true)
  const fresh = out === undefined ? newArray(view.dtype, sizeOf(view.shape), 'partition') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, view.dtype, view.shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, view.shape))
  const [input, output] = linesOf([view, result], axis)
  return {
    plan: {
      kernel: 'partition',
      inputs: [input],
      outputs: [output],
      scalars: [k, descending ? 1 : 0],
      freshOutputs: out === undefined,
      cost: 400 + sizeOf(view.shape) * 3,
    },
    value: () => given,
  }
}
