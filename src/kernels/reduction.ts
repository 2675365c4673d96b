import { checkFlag, checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { NDArray, rowMajor, sizeOf } from '../ndarray.ts'
import { noOptions } from '../options.ts'
import { checkOut, mergeAxes, overlaps, permute, readInput, unitStrides, viewOf } from '../plan.ts'
import type { Planned, Results } from '../plan.ts'
import { bitsOf, dtypeOf, isBigInt, isFloat, lengthOf, newArray } from '../typed-array.ts'
import type { BigIntArray, DType, TypedArray, View, ViewLike } from '../types.ts'

/** Options of every reduction. */
export interface ReductionOptions {
  /**
   * The axis to reduce, or several; negative ones count from the end. The result is then an NDArray.
   * @default all axes, and a plain value
   */
  axis?: number | readonly number[] | undefined
  /**
   * With `axis`: reduced axes stay, with extent 1.
   * @default false
   */
  keepdims?: boolean | undefined
  /**
   * Leaves NaNs out, where they otherwise make the result NaN.
   * @default false
   */
  skipNaN?: boolean | undefined
}

/** What kernels take: a typed array, or an n-d view of one. */
export type ArrayInput<A extends TypedArray = TypedArray> = A | ViewLike<A>

/** An input whose elements are BigInts. */
export type BigIntInput = ArrayInput<BigIntArray>

/** An input whose elements are floats, which are never exact. */
export type FloatInput = ArrayInput<Float32Array | Float64Array>

/** How a reduction differs from its kin. */
export interface ReductionShape<T> {
  /** The kernel's name. */
  readonly kernel: string
  readonly costs: ElementCosts
  /** The dtypes of the outputs, with `axis`; `length` is that of what is reduced. */
  readonly outputs: (dtype: DType, exact: boolean, length: number) => readonly DType[]
  /** How many values of each sequence output 0 takes, along an axis of its own in front; absent: one, and no axis. */
  readonly fields?: number
  /** scalars[2] and what follows. */
  readonly extra?: (raw: object) => readonly number[]
  /** Whether it has the option `exact`. */
  readonly takesExact?: boolean
  /** Whether it reduces all there is, always. */
  readonly takesNoAxis?: boolean
  /** Whether a reduction over nothing has no value. */
  readonly needsElements?: boolean
  /** The value without `axis`. */
  readonly value: (results: Results, dtype: DType, exact: boolean) => T
  /** The value with `axis`, from the outputs. */
  readonly wrap: (outputs: readonly (TypedArray | NDArray)[]) => unknown
}

const callNanoseconds = 100
const none: readonly number[] = []

/** What plans a reduction of one or more inputs, called `names`, of one shape and dtype. */
export function planReduction<T>(
  shape: ReductionShape<T>,
  names: readonly string[],
): (args: readonly unknown[], raw: object) => Planned<unknown> {
  let bareScalars: readonly number[] | undefined
  return (args, raw) => {
    if (raw !== noOptions.raw) return plan(shape, names, args, raw)
    bareScalars ??= [0, 0, ...(shape.extra?.(raw) ?? none)]
    return planBare(shape, names.length, args, bareScalars) ?? plan(shape, names, args, raw)
  }
}

/** Typed arrays and no options, which is what most calls are: the same plan at a fraction of the time. */
function planBare<T>(
  shape: ReductionShape<T>,
  count: number,
  args: readonly unknown[],
  scalars: readonly number[],
): Planned<T> | undefined {
  const dtype = dtypeOf(args[0])
  if (dtype === undefined) return undefined
  const length = lengthOf(args[0])
  if (length === 0) return undefined
  const inputs = [viewOfAll(args[0] as TypedArray, dtype, length)]
  for (let i = 1; i < count; i++) {
    if (dtypeOf(args[i]) !== dtype || lengthOf(args[i]) !== length) return undefined
    inputs.push(viewOfAll(args[i] as TypedArray, dtype, length))
  }
  const cost = callNanoseconds + length * costOf(shape.costs, dtype)
  return {
    plan: { kernel: shape.kernel, inputs, outputs: noViews, scalars, freshOutputs: true, cost },
    value: (results) => shape.value(results, dtype, false),
  }
}

function viewOfAll(array: TypedArray, dtype: DType, length: number): View {
  return { data: bitsOf(array, dtype), dtype, shape: [length], strides: unitStrides, offset: 0 }
}

const noViews: readonly View[] = []

function plan<T>(
  shape: ReductionShape<T>,
  names: readonly string[],
  args: readonly unknown[],
  raw: object,
): Planned<unknown> {
  const views = names.map((name, i) => readInput(name, args[i]).view)
  const [first] = views
  for (let i = 1; i < views.length; i++) checkSame(names[i], names[0], views[i], first)
  const { axis, keepdims, skipNaN, out } = raw as ReductionOptions & { out?: unknown }
  if (shape.takesNoAxis && axis !== undefined) throw rangeMisuse('axis', `left out: ${shape.kernel} takes none`, axis)
  const keep = checkFlag('keepdims', keepdims)
  const skip = checkFlag('skipNaN', skipNaN) && isFloat(first.dtype) ? 1 : 0
  const extra = shape.extra?.(raw) ?? none
  const exact = shape.takesExact === true && wantsExact(raw, first.dtype)
  const size = sizeOf(first.shape)
  const cost = callNanoseconds + size * costOf(shape.costs, first.dtype)
  if (axis === undefined) {
    if (shape.needsElements && size === 0) throw rangeMisuse(`${names[0]}.length`, 'at least 1', size)
    if (out !== undefined) throw typeMisuse('out', 'left out where the result is a single value', out)
    const inputs = first.shape.length === 1 ? views : mergeAll(views, first.shape.length)
    const scalars = [0, skip, ...extra]
    return {
      plan: { kernel: shape.kernel, inputs, outputs: [], scalars, freshOutputs: true, cost },
      value: (results) => shape.value(results, first.dtype, exact),
    }
  }
  const reduced = readAxes(axis, first.shape.length)
  const kept = first.shape.map((_, i) => i).filter((i) => !reduced.includes(i))
  const outShape = keep
    ? first.shape.map((extent, i) => (reduced.includes(i) ? 1 : extent))
    : kept.map((i) => first.shape[i])
  const reducedSize = sizeOf(reduced.map((i) => first.shape[i]))
  if (shape.needsElements && reducedSize === 0 && sizeOf(outShape) > 0) {
    throw rangeMisuse(`${names[0]}.shape`, 'at least 1 in every reduced axis', first.shape)
  }
  const inputs = views.map((view) => permute(view, [...kept, ...reduced]))
  const outputs = readOutputs(shape, out, shape.outputs(first.dtype, exact, reducedSize), outShape, views)
  return {
    plan: {
      kernel: shape.kernel,
      inputs,
      outputs: outputs.map(({ view }) => (keep ? withoutAxes(view, reduced) : view)),
      scalars: [kept.length, skip, ...extra],
      freshOutputs: out === undefined,
      cost,
    },
    value: () => shape.wrap(outputs.map(({ given }) => given)),
  }
}

function checkSame(name: string, other: string, view: View, first: View): void {
  if (view.dtype !== first.dtype) {
    throw typeMisuse(name, `of the same type as \`${other}\`, which is ${first.dtype}`, view.data)
  }
  if (view.shape.length !== first.shape.length || view.shape.some((extent, i) => extent !== first.shape[i])) {
    const what = `[${first.shape.join(', ')}], the shape of \`${other}\``
    throw rangeMisuse(`${name}.shape`, what, view.shape)
  }
}

// Axes that every view steps through alike become one, which makes most inputs one-dimensional.
function mergeAll(views: readonly View[], rank: number): View[] {
  const merged = views.map((view) => ({ ...view, ...mergeAxes(view.shape, view.strides, 0, rank) }))
  const alike = merged.every((view) => view.shape.every((extent, i) => extent === merged[0].shape[i]))
  return alike && merged.every((view) => view.shape.length === merged[0].shape.length) ? merged : [...views]
}

function readAxes(axis: unknown, rank: number): number[] {
  const list = isList(axis) ? axis : undefined
  if (rank === 0 && list?.length !== 0) throw rangeMisuse('axis', 'left out, as the input has no axes', axis)
  const axes = Array.from(list ?? [axis], (value, i) => {
    const checked = checkInteger(list === undefined ? 'axis' : `axis[${i}]`, value, -rank, rank - 1)
    return checked < 0 ? checked + rank : checked
  })
  if (new Set(axes).size !== axes.length) throw rangeMisuse('axis', 'different axes', axis)
  return axes.toSorted((a, b) => a - b)
}

function withoutAxes(view: View, axes: readonly number[]): View {
  return permute(
    view,
    view.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)),
  )
}

function readOutputs(
  { kernel, fields }: ReductionShape<unknown>,
  out: unknown,
  dtypes: readonly DType[],
  shape: readonly number[],
  inputs: readonly View[],
) {
  if (out === undefined) {
    return dtypes.map((dtype, i) => {
      const size = sizeOf(shape)
      if (i > 0 || fields === undefined) {
        const data = newArray(dtype, size, kernel)
        return { view: viewOf(data, dtype, shape), given: new NDArray(data, shape) }
      }
      const data = newArray(dtype, size * fields, kernel)
      const view = { ...viewOf(data, dtype, [...shape, fields]), strides: [...rowMajor(shape), size] }
      return { view, given: new NDArray(data, [fields, ...shape]) }
    })
  }
  if (fields !== undefined) throw typeMisuse('out', `left out: ${kernel} takes none`, out)
  if (dtypes.length === 1) return [checkOut('out', out, dtypes[0], shape, inputs, false)]
  if (!isList(out) || out.length !== dtypes.length) throw typeMisuse('out', `${dtypes.length} arrays`, out)
  const outputs = dtypes.map((dtype, i) => checkOut(`out[${i}]`, out[i], dtype, shape, inputs, false))
  outputs.forEach(({ view, given }, i) => {
    if (outputs.slice(0, i).some((other) => overlaps(other.view, view))) {
      throw rangeMisuse(`out[${i}]`, 'memory apart from the other outputs', given)
    }
  })
  return outputs
}

/** A word as a double. */
export function numberAt({ numbers, at }: Results, word: number): number {
  return numbers[at + word]
}

/** The exact sum that sum and dot leave in words 0, 1 and 3: 192 bits in two's complement, low word first. */
export function exactSum({ bits, at }: Results): bigint {
  return (bits[at + 3] << 128n) | (BigInt.asUintN(64, bits[at + 1]) << 64n) | BigInt.asUintN(64, bits[at])
}

/** A word as an element of a dtype: a BigInt of BigInt arrays. */
export function elementAt(results: Results, word: number, dtype: DType): number | bigint {
  if (!isBigInt(dtype)) return numberAt(results, word)
  const bits = results.bits[results.at + word]
  return dtype === 'biguint64' ? BigInt.asUintN(64, bits) : bits
}

/** The number, or the exact BigInt where the elements are BigInts or `exact` asks for it. */
export function sumValue(results: Results, dtype: DType, exact: boolean): number | bigint {
  if (isBigInt(dtype) || exact) return exactSum(results)
  return numberAt(results, 2)
}

// Whether `exact` is on, which only integers can be.
function wantsExact(raw: object, dtype: DType): boolean {
  return checkFlag('exact', (raw as { exact?: unknown }).exact) && !isFloat(dtype)
}

/** The dtype of an array of sums. */
export function sumDType(dtype: DType, exact: boolean): DType {
  if (isBigInt(dtype)) return dtype
  return exact ? 'bigint64' : 'float64'
}

/** Nanoseconds an element takes at AVX2, by the kind of its dtype. Measured in the cache. */
export interface ElementCosts {
  readonly float64: number
  readonly float32: number
  readonly float16: number
  readonly int8: number
  readonly int16: number
  readonly int32: number
  readonly bigint: number
}

export const sumCosts: ElementCosts = {
  float64: 0.055,
  float32: 0.063,
  float16: 0.09,
  int8: 0.036,
  int16: 0.06,
  int32: 0.1,
  bigint: 0.12,
}

function costOf(costs: ElementCosts, dtype: DType): number {
  return costs[costKinds[dtype]]
}

const costKinds: Readonly<Record<DType, keyof ElementCosts>> = {
  int8: 'int8',
  uint8: 'int8',
  uint8clamped: 'int8',
  int16: 'int16',
  uint16: 'int16',
  int32: 'int32',
  uint32: 'int32',
  float16: 'float16',
  float32: 'float32',
  float64: 'float64',
  bigint64: 'bigint',
  biguint64: 'bigint',
}
