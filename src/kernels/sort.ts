import { checkFlag, checkInteger } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { isContiguous, NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { permute, readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { bytesPerElement, newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

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

export interface Sort {
  <X extends ArrayInput>(x: X, options?: SortOptions): Task<ArrayResult<X>>
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
 */
export const sort: Sort = defineKernel({ name: 'sort', arity: 1, plan: planSort })

function planSort(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const options = raw as SortOptions
  const descending = checkFlag('descending', options.descending) ? 1 : 0
  const rank = view.shape.length
  const { axis } = options
  const along = axis === undefined ? -1 : checkInteger('axis', axis, -Math.max(rank, 1), Math.max(rank, 1) - 1)
  const out = readOut(raw, view.dtype, view.shape, [view], true)
  const size = sizeOf(view.shape)
  const fresh = out === undefined ? newArray(view.dtype, size, 'sort') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, view.dtype, view.shape)
  const order = axesEndingWith(rank, along)
  const input = rank === 0 ? { ...view, shape: [1], strides: [1] } : permute(view, order)
  const output = rank === 0 ? { ...result, shape: [1], strides: [1] } : permute(result, order)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, view.shape))
  const line = input.shape[input.shape.length - 1]
  // Lines that follow one another, on both sides, need one axis, not many.
  const flat = rank > 2 && [input, output].every(({ shape, strides }) => isContiguous(shape, strides))
  return {
    plan: {
      kernel: 'sort',
      inputs: [flat ? flatten(input) : input],
      outputs: [flat ? flatten(output) : output],
      scalars: [descending],
      freshOutputs: out === undefined,
      cost: 300 + size * elementCost(view.dtype, line),
    },
    value: () => given,
  }
}

function axesEndingWith(rank: number, along: number): number[] {
  const last = along < 0 ? along + rank : along
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== last)
  return [...axes, last]
}

function flatten(view: View): View {
  const lines = sizeOf(view.shape.slice(0, -1))
  const line = view.shape[view.shape.length - 1]
  return { ...view, shape: [lines, line], strides: [line, 1] }
}

// Nanoseconds an element at AVX2: a vectorised pass or two for small types, about log2 n partitions for wide ones.
function elementCost(dtype: DType, line: number): number {
  const bytes = bytesPerElement(dtype)
  return bytes <= 2 ? 1.5 : 0.06 * bytes * Math.log2(line + 2)
}
