import { checkFlag } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { forEachOffset, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { mergeAxes, readInput, viewOf } from '../plan.ts'
import type { Plan, Results } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps, Work } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { fewUnique } from './few-order.ts'
import { orderPlan } from './argsort.ts'
import { longestLine } from './lines.ts'
import { numberAt } from './reduction.ts'
import type { ArrayInput } from './reduction.ts'
import { canSortDistinct, distinctPlan, mostPieces, sortPlan } from './sort.ts'
import type { JoinedUnique } from './unique-pieces.ts'
import { joinUnique } from './unique-pieces.ts'

/** Options of {@link unique}. */
export interface UniqueOptions extends TaskOptions {
  /**
   * How often each value occurs as well.
   * @default false
   */
  counts?: boolean | undefined
  /**
   * Which value each element is as well: `values[inverse[i]]` is element i, in row-major order.
   * @default false
   */
  inverse?: boolean | undefined
}

type ElementsOf<X> = X extends TypedArray ? X : X extends { readonly data: infer A extends TypedArray } ? A : never

/** What was asked for. */
export type UniqueResult<X, O> = { readonly values: ElementsOf<X> } & (O extends { readonly counts: true }
  ? { readonly counts: Uint32Array }
  : {}) &
  (O extends { readonly inverse: true } ? { readonly inverse: Uint32Array } : {})

/** The type of {@link unique}. */
export interface Unique {
  <X extends ArrayInput, O extends UniqueOptions = {}>(x: X, options?: O): Task<UniqueResult<X, O>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput, O extends UniqueOptions = {}>(x: X, options?: O): UniqueResult<X, O>
}

/**
 * The different values, in ascending order, how often each occurs and which one each element is. -0 and +0 are one value,
 * given as 0; all NaNs are one, the last. By sorting, which leaves out what is repeated on its way, or by an `argsort`
 * where `inverse` is asked for. The same bits on every backend, CPU level and number of threads.
 *
 * @param x Any typed array or n-d view, of at most 2^32 elements; not changed. Axes don't matter.
 * @returns `{ values }`, of the type of `x`, with `counts` and `inverse` (both Uint32Array) where they are asked for.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await unique(new Int32Array([3, 1, 3]), { counts: true }) // values [1, 3], counts [1, 2]
 * @function
 */
export const unique: Unique = defineKernel({ name: 'unique', arity: 1, plan: planUnique, few: fewUnique })

/** Elements of a block; `kUniqueChunk` in native/kernels/unique.cc. */
const chunk = 32_768

function planUnique(args: readonly unknown[], raw: object): Work<unknown> {
  const { view } = readInput('x', args[0])
  const { counts, inverse } = raw as UniqueOptions
  const asked = { counts: checkFlag('counts', counts), inverse: checkFlag('inverse', inverse) }
  const size = sizeOf(view.shape)
  if (size > longestLine) throw rangeMisuse('x.length', `at most ${longestLine}`, size)
  return uniqueSteps(asLine(view, size), size, asked)
}

interface Asked {
  readonly counts: boolean
  readonly inverse: boolean
}

function* uniqueSteps(line: View, size: number, asked: Asked): Steps<unknown> {
  const { dtype } = line
  let row: readonly View[]
  if (!asked.inverse && canSortDistinct(line)) {
    const distinct = yield* distinctRow(line, size, asked)
    if ('values' in distinct) return distinct
    row = [distinct.sorted]
  } else {
    row = yield* sortedRow(line, size, asked)
  }
  const chunks = Math.ceil(size / chunk)
  const starts = viewOf(newArray('float64', chunks, 'unique'), 'float64', [chunks])
  const plan = (writes: number, inputs: readonly View[], outputs: readonly View[], cost: number): Plan => ({
    kernel: 'unique',
    inputs,
    outputs,
    scalars: [writes, asked.inverse ? 1 : 0, asked.counts ? 1 : 0, asked.inverse ? 1 : 0],
    freshOutputs: true,
    cost,
  })
  const count = (results: Results) => numberAt(results, 0)
  const found = yield* run({ plan: plan(0, [row[0]], [starts], 200 + size), part: [0.8, 0.85], value: count })
  const values = newArray(dtype, found, 'unique')
  const counts = asked.counts ? newArray('uint32', found, 'unique') : undefined
  const inverse = asked.inverse ? newArray('uint32', size, 'unique') : undefined
  const outputs = [viewOf(values, dtype, [found])]
  if (counts !== undefined) outputs.push(viewOf(counts, 'uint32', [found]))
  if (inverse !== undefined) outputs.push(viewOf(inverse, 'uint32', [size]))
  yield* run({ plan: plan(1, [starts, ...row], outputs, 200 + size * 2), part: [0.85, 1], value: () => undefined })
  return { values, ...(counts === undefined ? {} : { counts }), ...(inverse === undefined ? {} : { inverse }) }
}

/** The different values, if the sort has found them on its way; else the sorted row. */
function* distinctRow(line: View, size: number, asked: Asked): Steps<JoinedUnique | { readonly sorted: View }> {
  const sorted = viewOf(newArray(line.dtype, size, 'unique'), line.dtype, [size])
  const pieces = new Float64Array(2 * mostPieces)
  const counts = asked.counts ? viewOf(newArray('uint32', size, 'unique'), 'uint32', [size]) : undefined
  const isDistinct = yield* run({
    plan: distinctPlan(line, sorted, viewOf(pieces, 'float64', [2 * mostPieces]), counts),
    part: [0, 0.9],
    value: (results: Results) => numberAt(results, 0) !== 0,
  })
  return isDistinct ? yield* joinUnique(sorted, pieces, counts) : { sorted }
}

/** The sorted row; or, where each element has to be found again, flags, order and elements. */
function* sortedRow(line: View, size: number, { inverse }: Asked): Steps<readonly View[]> {
  if (!inverse) {
    const sorted = viewOf(newArray(line.dtype, size, 'unique'), line.dtype, [size])
    yield* run({ plan: sortPlan(line, sorted), part: [0, 0.8], value: () => undefined })
    return [sorted]
  }
  const order = viewOf(newArray('uint32', size, 'unique'), 'uint32', [size])
  const flags = viewOf(newArray('uint8', size, 'unique'), 'uint8', [size])
  const sorting = orderPlan(line, 0, [order, flags], { descending: false, mergesZeros: true })
  yield* run({ plan: sorting, part: [0, 0.8], value: () => undefined })
  return [flags, order, line]
}

/** All elements in row-major order as one line; where the strides don't let them be, a copy. */
function asLine(view: View, size: number): View {
  if (size === 0) return { ...view, shape: [0], strides: [1] }
  const { shape, strides } = mergeAxes(view.shape, view.strides, 0, view.shape.length)
  if (shape.length <= 1) return { ...view, shape: [shape[0] ?? 1], strides: [strides[0] ?? 1] }
  const copy = new (view.data.constructor as new (length: number) => TypedArray)(size)
  let to = 0
  forEachOffset(view.shape, view.strides, view.offset, (at) => {
    copy[to++] = view.data[at] as never
  })
  return { data: copy, dtype: view.dtype, shape: [size], strides: [1], offset: 0 }
}
