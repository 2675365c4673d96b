import { checkFlag } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Plan, Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { bytesPerElement, newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import { fewArgsorted } from './few-order.ts'
import { checkIndexable, lineLength, linesOf, readAxis } from './lines.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link argsort}. */
export interface ArgsortOptions extends TaskOptions {
  /**
   * Indices of the greatest first. NaN stays last.
   * @default false
   */
  descending?: boolean | undefined
  /**
   * Whether equal elements keep their order. They always do, so this changes nothing.
   * @default true
   */
  stable?: boolean | undefined
  /**
   * The axis of an n-d view to sort along; indices count along it.
   * @default -1, the last
   */
  axis?: number | undefined
  /**
   * Receives the result.
   * @default a new Uint32Array
   */
  out?: ArrayInput<Uint32Array> | undefined
}

/** Indices: of a typed array in a Uint32Array, of an n-d view in an NDArray. */
export type IndexResult<X> = X extends TypedArray ? Uint32Array : NDArray<Uint32Array>

/** The type of {@link argsort}. */
export interface Argsort {
  <X extends ArrayInput>(x: X, options?: ArgsortOptions): Task<IndexResult<X>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: ArgsortOptions): IndexResult<X>
}

/**
 * The indices that would sort: `x[argsort(x)[0]]` is the least element. -0 before +0 (the other way round when
 * descending), NaN last always, equal elements in the order in which they are, descending as well: so the result is the
 * same on every backend, CPU level and number of threads.
 *
 * The leading bits of each key and the index of its element are packed into 64 bits and go through the sample sort of
 * `sort`; the few elements that differ in what had no room are put in order by the rest. Working memory: at most twice
 * input and result.
 *
 * @param x Any typed array or n-d view, at most 2^32 elements along the axis; not changed.
 * @returns A Uint32Array, or `out`; for n-d views an NDArray of the shape of `x`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await argsort(new Float64Array([3, NaN, 1])) // Uint32Array [2, 0, 1]
 * @function
 */
export const argsort: Argsort = defineKernel({ name: 'argsort', arity: 1, plan: planArgsort, few: fewArgsorted })

function planArgsort(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', args[0])
  const options = raw as ArgsortOptions
  const descending = checkFlag('descending', options.descending)
  checkFlag('stable', options.stable)
  const axis = readAxis(options.axis, view.shape.length)
  checkIndexable(view, axis)
  const out = readOut(raw, 'uint32', view.shape, [view], false)
  const fresh = out === undefined ? newArray('uint32', sizeOf(view.shape), 'argsort') : undefined
  const order = out?.view ?? viewOf(fresh as TypedArray, 'uint32', view.shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, view.shape))
  return {
    plan: orderPlan(view, axis, [order], { descending, mergesZeros: false }, out === undefined),
    value: () => given,
  }
}

/** The plan of an argsort along an axis, for kernels that start with one. `outputs`: order, and perhaps flags. */
export function orderPlan(
  view: View,
  axis: number,
  outputs: readonly View[],
  { descending, mergesZeros }: { readonly descending: boolean; readonly mergesZeros: boolean },
  freshOutputs = true,
): Plan {
  const [input, ...results] = linesOf([view, ...outputs], axis)
  return {
    kernel: 'argsort',
    inputs: [input],
    outputs: results,
    scalars: [descending ? 1 : 0, mergesZeros ? 1 : 0],
    freshOutputs,
    cost: 300 + sizeOf(view.shape) * elementCost(view.dtype, lineLength(view, axis)),
  }
}

// Nanoseconds an element at AVX2.
function elementCost(dtype: DType, line: number): number {
  return (bytesPerElement(dtype) === 8 ? 1.5 : 1) + 0.5 * Math.log2(line + 2)
}
