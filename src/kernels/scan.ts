import { checkInteger } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { isContiguous, NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { checkOut, permute, readInput, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import { bitsOf, bytesPerElement, isBigInt, isFloat, newResult } from '../typed-array.ts'
import type { BigIntArray, DType, TypedArray, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of every kernel that goes along lines. */
export interface ScanOptions extends TaskOptions {
  /**
   * The axis of an n-d view to go along; every line along it is a sequence of its own.
   * @default -1, the last
   */
  axis?: number | undefined
}

type ScannedArray<A extends TypedArray> = A extends Float32Array | BigIntArray ? A : Float64Array

/**
 * What a scan gives: floats and BigInts keep their type, smaller integers give Float64Array. Typed array in, typed
 * array out; an n-d view gives an NDArray.
 */
export type ScanResult<X> = X extends TypedArray
  ? ScannedArray<X>
  : X extends { readonly data: infer A extends TypedArray }
    ? NDArray<ScannedArray<A>>
    : never

function scanDType(dtype: DType): DType {
  return isFloat(dtype) || isBigInt(dtype) ? dtype : 'float64'
}

/** How a scan differs from its kin. */
export interface ScanShape {
  readonly kernel: string
  readonly scalars: readonly number[]
  /** How many elements fewer than the input a line of the result has. */
  readonly shorter: number
  /** Whether `out` may be the input. */
  readonly inPlace: boolean
  /** Nanoseconds an element of float64 takes, in the cache. */
  readonly cost: number
}

/** Plans a kernel that goes along the lines of one input, and gives a result for every element, or some fewer. */
export function planScan(scan: ScanShape, value: unknown, raw: object): Planned<unknown> {
  const { view, isArray } = readInput('x', value)
  const { axis, out: target } = raw as ScanOptions & { out?: unknown }
  if (isArray && axis === undefined) return planBare(scan, view, target)
  const rank = view.shape.length
  if (rank === 0 && scan.shorter > 0) throw rangeMisuse('x.shape', 'that of at least one axis', view.shape)
  const along = axis === undefined ? -1 : checkInteger('axis', axis, -Math.max(rank, 1), Math.max(rank, 1) - 1)
  const last = along < 0 ? Math.max(0, along + rank) : along
  const dtype = scanDType(view.dtype)
  const shape = view.shape.map((extent, at) => (at === last ? Math.max(0, extent - scan.shorter) : extent))
  const out = target === undefined ? undefined : checkOut('out', target, dtype, shape, [view], scan.inPlace)
  const size = sizeOf(shape)
  const fresh = out === undefined ? newResult(dtype, size, scan.kernel) : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, dtype, shape)
  const given = out?.given ?? (isArray ? fresh : new NDArray(fresh as TypedArray, shape))
  const [input, output] = [view, result].map((each) => alongLast(each, last))
  // Lines that follow one another, on both sides, need one axis, not many.
  const flat = rank > 2 && [input, output].every((each) => isContiguous(each.shape, each.strides))
  return {
    plan: {
      kernel: scan.kernel,
      inputs: [flat ? flatten(input) : input],
      outputs: [flat ? flatten(output) : output],
      scalars: scan.scalars,
      freshOutputs: out === undefined,
      cost: 200 + size * scan.cost * elementCost(view, last),
    },
    value: () => given,
  }
}

// What most calls are, and small ones above all: a typed array, and no axis.
function planBare(scan: ScanShape, view: View, target: unknown): Planned<unknown> {
  const dtype = scanDType(view.dtype)
  const size = Math.max(0, view.shape[0] - scan.shorter)
  const shape = scan.shorter === 0 ? view.shape : [size]
  const out = target === undefined ? undefined : checkOut('out', target, dtype, shape, [view], scan.inPlace)
  const fresh = out === undefined ? newResult(dtype, size, scan.kernel) : undefined
  const given = out?.given ?? fresh
  return {
    plan: {
      kernel: scan.kernel,
      inputs: [view],
      outputs: [
        out?.view ?? { data: bitsOf(fresh as TypedArray, dtype), dtype, shape, strides: view.strides, offset: 0 },
      ],
      scalars: scan.scalars,
      freshOutputs: out === undefined,
      cost: 200 + size * scan.cost * elementCost(view, 0),
    },
    value: () => given,
  }
}

function alongLast(view: View, last: number): View {
  const rank = view.shape.length
  if (rank === 0) return { ...view, shape: [1], strides: [1] }
  if (last === rank - 1) return view
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== last)
  return permute(view, [...axes, last])
}

function flatten(view: View): View {
  const lines = sizeOf(view.shape.slice(0, -1))
  const line = view.shape[view.shape.length - 1]
  return { ...view, shape: [lines, line], strides: [line, 1] }
}

// Against an element of float64 in its place.
function elementCost({ dtype, strides, shape }: View, last: number): number {
  const apart = shape.length > 0 && strides[last] !== 1 ? 4 : 1
  return apart * (dtype === 'float16' ? 8 : bytesPerElement(dtype) < 8 ? 1.3 : 1)
}

/** Where a scan may write. */
export interface ScanOutOptions {
  /**
   * Receives the result: of the input's type and shape, or Float64Array for integers below 64 bits. May be `x` itself,
   * where the types are the same.
   * @default a new array
   */
  out?: ArrayInput | undefined
}
