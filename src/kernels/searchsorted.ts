import { checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import { fewPlaces } from './few-order.ts'
import type { IndexResult } from './argsort.ts'
import { linesOf, longestLine } from './lines.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link searchsorted}. */
export interface SearchsortedOptions extends TaskOptions {
  /**
   * Where a value goes that is there already: before all that equal it (`'left'`), or after them (`'right'`).
   * @default 'left'
   */
  side?: 'left' | 'right' | undefined
  /**
   * Receives the result.
   * @default a new Uint32Array
   */
  out?: ArrayInput<Uint32Array> | undefined
}

/** The type of {@link searchsorted}. */
export interface Searchsorted {
  <X extends ArrayInput>(sorted: ArrayInput, values: X, options?: SearchsortedOptions): Task<IndexResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(sorted: ArrayInput, values: X, options?: SearchsortedOptions): IndexResult<X>
}

/**
 * Where values belong in a sorted array: how many of its elements are below each of them, or with `'right'` not above.
 * -0 equals +0, NaN is above all and equals itself. Binary searches without branches, many side by side. Where `sorted`
 * isn't sorted, the indices are some from 0 to its length.
 *
 * @param sorted A typed array or 1-d view in ascending order, of less than 2^32 elements.
 * @param values Any typed array or n-d view of the same type.
 * @returns A Uint32Array, or `out`; for n-d views an NDArray of the shape of `values`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await searchsorted(new Float64Array([1, 2, 4]), new Float64Array([2, 3])) // Uint32Array [1, 2]
 * @function
 */
export const searchsorted: Searchsorted = defineKernel({
  name: 'searchsorted',
  arity: 2,
  plan: planSearch,
  few: fewPlaces,
})

function planSearch(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view: sorted } = readInput('sorted', args[0])
  const { view: values, isArray } = readInput('values', args[1])
  const { side } = raw as SearchsortedOptions
  const after = side !== undefined && checkWord('side', side, ['left', 'right']) === 'right'
  if (sorted.shape.length !== 1) throw rangeMisuse('sorted.shape', 'a single length', sorted.shape)
  if (sorted.shape[0] >= longestLine) throw rangeMisuse('sorted.length', `less than ${longestLine}`, sorted.shape[0])
  if (values.dtype !== sorted.dtype) {
    throw typeMisuse('values', `of the same type as \`sorted\`, which is ${sorted.dtype}`, values.data)
  }
  const out = readOut(raw, 'uint32', values.shape, [sorted, values], false)
  const size = sizeOf(values.shape)
  const fresh = out === undefined ? newArray('uint32', size, 'searchsorted') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, 'uint32', values.shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, values.shape))
  const [lines, output] = linesOf([values, result], Math.max(values.shape.length - 1, 0))
  return {
    plan: {
      kernel: 'searchsorted',
      inputs: [sorted, lines],
      outputs: [output],
      scalars: [after ? 1 : 0],
      freshOutputs: out === undefined,
      cost: 200 + size * (2 + Math.log2(sorted.shape[0] + 1)),
    },
    value: () => given,
  }
}
