import { checkFlag } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Plan, Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { bytesPerElement, newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import { fewSorted } from './few-order.ts'
import { linesOf, readAxis } from './lines.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link sort}. */
export interface SortOptions extends TaskOptions {
  /**
   * Greatest first. NaN stays last.
   * @default false
   */
  descending?: boolean | undefined
  /**
   * The axis of an n-d view to sort along; every line along it is sorted by itself.
   * @default -1, the last
   */
  axis?: number | undefined
  /**
   * Receives the result; may be `x` itself, to sort in place.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

/** Typed array in, typed array out; an n-d view gives an NDArray. */
export type ArrayResult<X> = X extends TypedArray
  ? X
  : X extends { readonly data: infer A extends TypedArray }
    ? NDArray<A>
    : never

/** The type of {@link sort}. */
export interface Sort {
  <X extends ArrayInput>(x: X, options?: SortOptions): Task<ArrayResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: SortOptions): ArrayResult<X>
}

/**
 * Sorts in ascending order, or descending: -0 before +0 (the other way round when descending), NaN last always. A
 * sample sort across threads (Axtmann, Witt, Ferizovic and Sanders 2017) over a vectorised quicksort (Bramas 2017),
 * never quadratic. Equal elements can't be told apart, so the result is the same bits on every backend, CPU level and
 * number of threads. Working memory: at most twice the input.
 *
 * @param x Any typed array or n-d view; not changed, unless `out` is `x`.
 * @returns A new typed array of the same type, or `out`; for n-d views an NDArray.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await sort(new Float64Array([3, NaN, 1]), { descending: true }) // [3, 1, NaN]
 * @function
 */
export const sort: Sort = defineKernel({ name: 'sort', arity: 1, plan: planSort, few: fewSorted })

function planSort(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const options = raw as SortOptions
  const descending = checkFlag('descending', options.descending)
  const axis = readAxis(options.axis, view.shape.length)
  const out = readOut(raw, view.dtype, view.shape, [view], true)
  const fresh = out === undefined ? newArray(view.dtype, sizeOf(view.shape), 'sort') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, view.dtype, view.shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, view.shape))
  const [input, output] = linesOf([view, result], axis)
  return { plan: sortPlan(input, output, descending, out === undefined), value: () => given }
}

/** The plan of a sort along the last axis, for kernels that start with one. */
export function sortPlan(input: View, output: View, descending = false, freshOutputs = true): Plan {
  const { shape, dtype } = input
  return {
    kernel: 'sort',
    inputs: [input],
    outputs: [output],
    scalars: [descending ? 1 : 0],
    freshOutputs,
    cost: 300 + sizeOf(shape) * elementCost(dtype, shape[shape.length - 1]),
  }
}

/** Whether {@link distinctPlan} takes it: long (`kSortRowMost` in native/kernels/sort_plan.h), of 4 bytes an element or more. */
export function canSortDistinct(line: View): boolean {
  return line.shape.length === 1 && line.shape[0] > 131_072 && bytesPerElement(line.dtype) >= 4
}

/** `kSortMostBuckets` in native/kernels/sort_plan.h. */
export const mostPieces = 1024

/**
 * The plan of a sort that may leave out what is repeated, as native/kernels/sort.cc tells; `results[0]` is 1 where it
 * has.
 */
export function distinctPlan(line: View, sorted: View, pieces: View, counts: View | undefined): Plan {
  const outputs = counts === undefined ? [sorted, pieces] : [sorted, pieces, counts]
  return { ...sortPlan(line, sorted), outputs, scalars: [0, 1] }
}

// Nanoseconds an element at AVX2: a vectorised pass or two for small types, about log2 n partitions for wide ones.
function elementCost(dtype: DType, line: number): number {
  const bytes = bytesPerElement(dtype)
  return bytes <= 2 ? 1.5 : 0.06 * bytes * Math.log2(line + 2)
}
