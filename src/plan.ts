import { codedError, rangeMisuse, typeMisuse } from './errors.ts'
import { checkReach, checkShape, checkStrides, isContiguous, NDArray, reach, rowMajor, sizeOf } from './ndarray.ts'
import { checkInteger, isRevoked } from './check.ts'
import { bitsOf, bufferOf, byteOffsetOf, bytesPerElement, dtypeOf, isGone, lengthOf } from './typed-array.ts'
import { dtypes } from './types.ts'
import type { DType, TypedArray, View } from './types.ts'

/** One call of a kernel, checked: plain data that any backend can run, here or elsewhere. */
export interface Plan {
  readonly kernel: string
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  readonly scalars: readonly number[]
  /** Whether the outputs are new arrays that nobody else has seen yet. */
  readonly freshOutputs: boolean
  /** Estimated nanoseconds on one native thread. */
  readonly cost: number
}

/** Values that a kernel gives back by themselves: words of a Float64Array, and the same memory as integers. */
export interface Results {
  readonly numbers: Float64Array
  readonly bits: BigInt64Array
  /** Index of the first word. */
  readonly at: number
}

/** A plan, and how its results become what the caller gets. */
export interface Planned<T> {
  readonly plan: Plan
  /** Of a call in steps: where on the way from 0 to 1 this plan begins and ends. */
  readonly part?: readonly [from: number, to: number]
  /** What `task.seed` shows. */
  readonly seed?: number
  value(results: Results): T
}

/** What `readInput` reads. */
export interface Input {
  readonly view: View
  /** The typed array itself, of which `view.data` may be the bits. */
  readonly array: TypedArray
  /** Whether the caller gave it bare. */
  readonly isArray: boolean
}

/**
 * Reads an argument: a typed array, an NDArray, or an object with `data`, `shape`, `strides` (or `stride`) and
 * `offset`, each read once. Errors name the argument.
 */
export function readInput(name: string, value: unknown, allowed: readonly DType[] = dtypes): Input {
  const dtype = dtypeOf(value)
  if (dtype === undefined) return readView(name, value, allowed)
  const array = value as TypedArray
  checkElements(name, array, dtype, allowed)
  const view = { data: bitsOf(array, dtype), dtype, shape: [lengthOf(array)], strides: unitStrides, offset: 0 }
  return { view, array, isArray: true }
}

/** Of a typed array. */
export const unitStrides: readonly number[] = Object.freeze([1])

function readView(name: string, value: unknown, allowed: readonly DType[]): Input {
  const what = 'a typed array or an n-d view { data, shape, strides, offset }'
  if (typeof value !== 'object' || value === null) throw typeMisuse(name, what, value)
  if (isRevoked(value)) throw typeMisuse(name, what, value)
  // What an NDArray froze it has checked.
  if (value instanceof NDArray && Object.isFrozen(value.shape) && Object.isFrozen(value.strides)) {
    return readNDArray(name, value, allowed)
  }
  const { data, shape, strides, stride, offset } = value as Record<string, unknown>
  const dtype = dtypeOf(data)
  if (dtype === undefined) {
    throw data === undefined ? typeMisuse(name, what, value) : typeMisuse(`${name}.data`, 'a typed array', data)
  }
  const array = data as TypedArray
  checkElements(`${name}.data`, array, dtype, allowed)
  const extents = checkShape(`${name}.shape`, shape)
  const steps = strides === undefined ? stride : strides
  const view = {
    data: bitsOf(array, dtype),
    dtype,
    shape: extents,
    strides: steps === undefined ? rowMajor(extents) : checkStrides(`${name}.strides`, steps, extents),
    offset: offset === undefined ? 0 : checkInteger(`${name}.offset`, offset, 0, Number.MAX_SAFE_INTEGER),
  }
  checkReach(`${name}.data`, lengthOf(array), view.shape, view.strides, view.offset)
  return { view, array, isArray: false }
}

function readNDArray(name: string, { data, shape, strides, offset }: NDArray, allowed: readonly DType[]): Input {
  const dtype = dtypeOf(data)
  if (dtype === undefined) throw typeMisuse(`${name}.data`, 'a typed array', data)
  checkElements(`${name}.data`, data, dtype, allowed)
  checkReach(`${name}.data`, lengthOf(data), shape, strides, offset)
  return { view: { data: bitsOf(data, dtype), dtype, shape, strides, offset }, array: data, isArray: false }
}

function checkElements(name: string, array: TypedArray, dtype: DType, allowed: readonly DType[]): void {
  if (lengthOf(array) === 0 && isGone(array)) throw codedError('ERR_OFFLOOP_DETACHED', [name])
  if (!allowed.includes(dtype)) {
    const classes = allowed.map(className)
    throw typeMisuse(
      name,
      `a ${classes.slice(0, -1).join(', ')}${classes.length > 1 ? ' or ' : ''}${classes.at(-1)}`,
      array,
    )
  }
}

/** 'Float64Array' for 'float64'. */
export function className(dtype: DType): string {
  const names: Partial<Record<DType, string>> = {
    uint8clamped: 'Uint8ClampedArray',
    bigint64: 'BigInt64Array',
    biguint64: 'BigUint64Array',
  }
  return names[dtype] ?? `${dtype[0].toUpperCase()}${dtype.slice(1)}Array`
}

/** The view of a fresh typed array, row-major. */
export function viewOf(data: TypedArray, dtype: DType, shape: readonly number[]): View {
  return { data: bitsOf(data, dtype), dtype, shape, strides: rowMajor(shape), offset: 0 }
}

/** The same elements with the axes in another order. */
export function permute(view: View, axes: readonly number[]): View {
  if (axes.length === 1 && view.shape.length === 1) return view
  return { ...view, shape: axes.map((axis) => view.shape[axis]), strides: axes.map((axis) => view.strides[axis]) }
}

/** Merges neighbouring axes of [first, last) that step alike, and drops those of extent 1: fewer loops, same order. */
export function mergeAxes(
  shape: readonly number[],
  strides: readonly number[],
  first: number,
  last: number,
): { shape: number[]; strides: number[] } {
  const merged: { shape: number[]; strides: number[] } = { shape: [], strides: [] }
  for (let axis = first; axis < last; axis++) {
    if (shape[axis] === 1) continue
    const end = merged.shape.length - 1
    if (end >= 0 && merged.strides[end] === shape[axis] * strides[axis]) {
      merged.shape[end] *= shape[axis]
      merged.strides[end] = strides[axis]
    } else {
      merged.shape.push(shape[axis])
      merged.strides.push(strides[axis])
    }
  }
  return merged
}

/** Whether two views reach into the same bytes. */
export function overlaps(a: View, b: View): boolean {
  if (bufferOf(a.data) !== bufferOf(b.data)) return false
  if (sizeOf(a.shape) === 0 || sizeOf(b.shape) === 0) return false
  const [aStart, aEnd] = byteRange(a)
  const [bStart, bEnd] = byteRange(b)
  return aStart < bEnd && bStart < aEnd
}

/** Whether two views are exactly the same elements in the same order. */
export function isSameView(a: View, b: View): boolean {
  return (
    bufferOf(a.data) === bufferOf(b.data) &&
    byteRange(a)[0] === byteRange(b)[0] &&
    a.dtype === b.dtype &&
    a.shape.length === b.shape.length &&
    a.shape.every((extent, axis) => extent === b.shape[axis]) &&
    a.strides.every((stride, axis) => stride === b.strides[axis] || a.shape[axis] <= 1)
  )
}

function byteRange(view: View): [start: number, end: number] {
  const [low, high] = reach(view.shape, view.strides)
  const size = bytesPerElement(view.dtype)
  const base = byteOffsetOf(view.data) + view.offset * size
  return [base + low * size, base + (high + 1) * size]
}

/** Where a kernel writes: the caller's `out`, checked against dtype, shape and overlap, or a new array. */
export function readOut(
  options: object,
  dtype: DType,
  shape: readonly number[],
  inputs: readonly View[],
  inPlace: boolean,
) {
  const out = (options as { out?: unknown }).out
  return out === undefined ? undefined : checkOut('out', out, dtype, shape, inputs, inPlace)
}

/** Checks one array of `out`. A bare typed array needs the right length; an n-d view the right shape. */
export function checkOut(
  name: string,
  out: unknown,
  dtype: DType,
  shape: readonly number[],
  inputs: readonly View[],
  inPlace: boolean,
): { view: View; given: TypedArray | NDArray } {
  const { view, array, isArray } = readInput(name, out, [dtype])
  const size = sizeOf(shape)
  if (isArray) {
    const length = view.shape[0]
    if (length !== size) throw rangeMisuse(`${name}.length`, `${size}, as the result has`, length)
  } else if (view.shape.length !== shape.length || view.shape.some((extent, axis) => extent !== shape[axis])) {
    throw rangeMisuse(`${name}.shape`, `[${shape.join(', ')}], as the result has`, view.shape)
  }
  if (!isContiguous(view.shape, view.strides) && hasRepeats(view)) {
    throw rangeMisuse(`${name}.strides`, 'strides that give every element a place of its own', view.strides)
  }
  const shaped = isArray ? { ...view, shape, strides: rowMajor(shape) } : view
  for (const input of inputs) {
    if (overlaps(shaped, input) && !(inPlace && isSameView(shaped, input))) {
      const what = inPlace ? 'the input itself, or memory apart from it' : 'memory apart from the inputs'
      throw rangeMisuse(name, what, out)
    }
  }
  return { view: shaped, given: isArray ? array : asNDArray(out, array, view) }
}

function asNDArray(out: unknown, array: TypedArray, { shape, strides, offset }: View): NDArray {
  return out instanceof NDArray ? out : new NDArray(array, shape, strides, offset)
}

// Strides sorted by size must each step over all that the smaller ones reach.
function hasRepeats(view: View): boolean {
  const axes = view.shape
    .map((extent, axis) => ({ extent, stride: Math.abs(view.strides[axis]) }))
    .filter(({ extent }) => extent > 1)
    .toSorted((a, b) => a.stride - b.stride)
  let covered = 0
  for (const { extent, stride } of axes) {
    if (stride <= covered) return true
    covered += stride * (extent - 1)
  }
  return false
}
