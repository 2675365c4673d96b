import { checkInteger, isInteger, isList } from './check.ts'
import { rangeMisuse, typeMisuse } from './errors.ts'
import { arrayClass, dtypeOf, lengthOf } from './typed-array.ts'
import type { DType, TypedArray } from './types.ts'
import { maxRank } from './wire.ts'

type ElementOf<A extends TypedArray> = A extends BigInt64Array | BigUint64Array ? bigint : number
type Nested<E> = E | Nested<E>[]

/** What one axis of `slice` keeps: an index (the axis goes), `[start, stop, step]`, or null for all of it. */
export type Range = number | readonly [start?: number | null, stop?: number | null, step?: number] | null

/**
 * A typed array with a shape: `data` seen through `shape`, `strides` and `offset`, both in elements. Slices and
 * transposes share the data.
 */
export class NDArray<A extends TypedArray = TypedArray> {
  /** The typed array that it is a view of. */
  readonly data: A
  /** The extent of each axis. */
  readonly shape: readonly number[]
  /** For each axis, how many elements of `data` lie between neighbours. */
  readonly strides: readonly number[]
  /** The index in `data` of the first element. */
  readonly offset: number

  /** Use {@link ndarray}, which has the same arguments. */
  constructor(data: A, shape: readonly number[], strides?: readonly number[], offset = 0) {
    if (dtypeOf(data) === undefined) throw typeMisuse('data', 'a typed array', data)
    this.data = data
    this.shape = Object.freeze(checkShape('shape', shape))
    this.strides = Object.freeze(
      strides === undefined ? rowMajor(this.shape) : checkStrides('strides', strides, this.shape),
    )
    this.offset = checkInteger('offset', offset, 0, Number.MAX_SAFE_INTEGER)
    checkReach('data', lengthOf(data), this.shape, this.strides, this.offset)
  }

  /** The element type, by name. */
  get dtype(): DType {
    return dtypeOf(this.data) as DType
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape)
  }

  /** The transpose: axes in reverse, no copy. */
  get T(): NDArray<A> {
    return new NDArray(this.data, this.shape.toReversed(), this.strides.toReversed(), this.offset)
  }

  /** The element at an index; negative ones count from the end. */
  at(...index: number[]): ElementOf<A> {
    if (index.length !== this.shape.length) {
      throw rangeMisuse('index', `${this.shape.length} integers, one for each axis`, index)
    }
    let at = this.offset
    for (let axis = 0; axis < index.length; axis++) {
      at += wrapIndex(`index[${axis}]`, index[axis], this.shape[axis]) * this.strides[axis]
    }
    return this.data[at] as ElementOf<A>
  }

  /**
   * A part of the array, without a copy. One range for each axis from the first; axes left out stay whole.
   * @example x.slice(0, [10, 20], [null, null, -1])
   */
  slice(...ranges: Range[]): NDArray<A> {
    if (ranges.length > this.shape.length) {
      throw rangeMisuse('ranges', `at most ${this.shape.length} ranges, one for each axis`, ranges)
    }
    const shape: number[] = []
    const strides: number[] = []
    let offset = this.offset
    for (let axis = 0; axis < this.shape.length; axis++) {
      const range = ranges[axis] ?? []
      const length = this.shape[axis]
      if (typeof range === 'number') {
        offset += wrapIndex(`ranges[${axis}]`, range, length) * this.strides[axis]
        continue
      }
      const { start, count, step } = resolveRange(`ranges[${axis}]`, range, length)
      if (count > 0) offset += start * this.strides[axis]
      shape.push(count)
      strides.push(step * this.strides[axis])
    }
    return new NDArray(this.data, shape, strides, sizeOf(shape) === 0 ? 0 : offset)
  }

  /** The same elements in another shape; one extent may be -1. Copies where the elements don't follow one another. */
  reshape(...shape: number[]): NDArray<A> {
    const wanted = resolveShape(shape, this.size)
    if (isContiguous(this.shape, this.strides)) return new NDArray(this.data, wanted, undefined, this.offset)
    return new NDArray(this.toTypedArray(), wanted)
  }

  /** The elements in row-major order, copied into a typed array of their own. */
  toTypedArray(): A {
    const start = this.offset
    if (isContiguous(this.shape, this.strides)) return this.data.slice(start, start + this.size) as A
    const copy = new (arrayClass(this.dtype))(this.size) as A
    let to = 0
    forEachOffset(this.shape, this.strides, start, (at) => {
      copy[to++] = this.data[at] as never
    })
    return copy
  }

  /** Plain nested arrays; a 0-d array gives its element. */
  toNested(): Nested<ElementOf<A>> {
    const build = (axis: number, at: number): Nested<ElementOf<A>> => {
      if (axis === this.shape.length) return this.data[at] as ElementOf<A>
      return Array.from({ length: this.shape[axis] }, (_, i) => build(axis + 1, at + i * this.strides[axis]))
    }
    return build(0, this.offset)
  }
}

/**
 * A typed array seen as an n-d array; nothing is copied.
 * @param data Any typed array.
 * @param shape Extents, at most 16 of them. Their product is at most `data.length`.
 * @param strides In elements. Default: row-major.
 * @param offset Of element [0, 0, ...] in `data`. Default: 0.
 * @example ndarray(new Float64Array(6), [2, 3]).at(1, 2)
 */
export function ndarray<A extends TypedArray>(
  data: A,
  shape: readonly number[],
  strides?: readonly number[],
  offset = 0,
): NDArray<A> {
  return new NDArray(data, shape, strides, offset)
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1
  for (const extent of shape) size *= extent
  return size
}

export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length)
  let stride = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride
    stride *= Math.max(shape[axis], 1)
  }
  return strides
}

/** Row-major without gaps; where there are no elements, there are no gaps. */
export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true
    if (shape[axis] !== 1 && strides[axis] !== expected) return false
    expected *= shape[axis]
  }
  return true
}

/** Lowest and highest element that a view reaches, relative to its offset. */
export function reach(shape: readonly number[], strides: readonly number[]): [low: number, high: number] {
  let low = 0
  let high = 0
  for (let axis = 0; axis < shape.length; axis++) {
    const span = strides[axis] * (shape[axis] - 1)
    if (span < 0) low += span
    else high += span
  }
  return [low, high]
}

/** Calls back with the position of every element, in row-major order. */
export function forEachOffset(
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
  visit: (at: number) => void,
): void {
  const step = (axis: number, at: number): void => {
    if (axis === shape.length) visit(at)
    else for (let i = 0; i < shape[axis]; i++) step(axis + 1, at + i * strides[axis])
  }
  step(0, offset)
}

/** A copy of a caller's shape, each extent read once. */
export function checkShape(name: string, shape: unknown): number[] {
  const what = `an array of at most ${maxRank} lengths`
  if (!isList(shape)) throw typeMisuse(name, what, shape)
  if (shape.length > maxRank) throw rangeMisuse(name, what, shape)
  let size = 1
  const copy: number[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    const extent = shape[axis]
    const good = isInteger(extent, 0, Number.MAX_SAFE_INTEGER)
    copy.push(good ? extent : checkInteger(`${name}[${axis}]`, extent, 0, Number.MAX_SAFE_INTEGER))
    size *= Math.max(copy[axis], 1)
  }
  if (size > Number.MAX_SAFE_INTEGER) throw rangeMisuse(name, 'lengths whose product is a safe integer', copy)
  return copy
}

/** A copy of a caller's strides, each read once. */
export function checkStrides(name: string, strides: unknown, shape: readonly number[]): number[] {
  const what = `${shape.length} integers, one for each axis`
  if (!isList(strides)) throw typeMisuse(name, `an array of ${what}`, strides)
  if (strides.length !== shape.length) throw rangeMisuse(name, what, strides)
  const limit = Number.MAX_SAFE_INTEGER
  return Array.from(strides, (stride, axis) => checkInteger(`${name}[${axis}]`, stride, -limit, limit))
}

/** Every element of the view must lie inside its data. */
export function checkReach(
  name: string,
  length: number,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): void {
  if (sizeOf(shape) === 0) return
  const [low, high] = reach(shape, strides)
  if (offset + low >= 0 && offset + high < length) return
  const needed = low + offset < 0 ? `elements from ${low + offset}` : `${offset + high + 1} elements`
  throw rangeMisuse(`${name}.length`, `enough for shape [${shape.join(', ')}], which needs ${needed}`, length)
}

function wrapIndex(name: string, index: number, length: number): number {
  const checked = checkInteger(name, index, -length, length - 1)
  return checked < 0 ? checked + length : checked
}

function resolveRange(name: string, range: unknown, length: number): { start: number; count: number; step: number } {
  if (!isList(range)) throw typeMisuse(name, 'an index, [start, stop, step] or null', range)
  const limit = Number.MAX_SAFE_INTEGER
  const step = range[2] === undefined || range[2] === null ? 1 : checkInteger(`${name}[2]`, range[2], -limit, limit)
  if (step === 0) throw rangeMisuse(`${name}[2]`, 'a step other than 0', step)
  const clamp = (value: unknown, part: number, fallback: number): number => {
    if (value === undefined || value === null) return fallback
    const given = checkInteger(`${name}[${part}]`, value, -limit, limit)
    const wrapped = given < 0 ? given + length : given
    return step > 0 ? Math.min(Math.max(wrapped, 0), length) : Math.min(Math.max(wrapped, -1), length - 1)
  }
  const start = clamp(range[0], 0, step > 0 ? 0 : length - 1)
  const stop = clamp(range[1], 1, step > 0 ? length : -1)
  return { start, count: Math.max(Math.ceil((stop - start) / step), 0), step }
}

function resolveShape(shape: readonly number[], size: number): number[] {
  const free = shape.indexOf(-1)
  if (free === -1) {
    const checked = checkShape('shape', shape)
    if (sizeOf(checked) !== size) throw rangeMisuse('shape', `lengths whose product is ${size}`, shape)
    return checked
  }
  const others = checkShape('shape', shape.toSpliced(free, 1))
  const rest = sizeOf(others)
  const extent = size / rest
  if (!Number.isInteger(extent)) throw rangeMisuse('shape', `lengths whose product divides ${size}`, shape)
  return others.toSpliced(free, 0, extent)
}
