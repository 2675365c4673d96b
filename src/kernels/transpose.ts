import { checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { permute, readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { bytesPerElement, newResult } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { fewTransposed } from './few-matrices.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link transpose}. */
export interface TransposeOptions extends TaskOptions {
  /**
   * For each axis of the result, which axis of `x` it is; negative ones count from the end.
   * @default all axes in reverse
   */
  axes?: readonly number[] | undefined
  /**
   * Receives the result; of the result's shape and type, apart from `x` in memory.
   * @default a new array
   */
  out?: ArrayInput | undefined
}

type ArrayOf<X> = X extends TypedArray ? X : X extends { readonly data: infer A extends TypedArray } ? A : never

/** The type of {@link transpose}. */
export interface Transpose {
  <X extends ArrayInput>(x: X, options?: TransposeOptions): Task<NDArray<ArrayOf<X>>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput>(x: X, options?: TransposeOptions): NDArray<ArrayOf<X>>
}

/**
 * The elements with their axes in another order, copied so that they follow one another in row-major order, as
 * numpy.transpose and a copy give. (`NDArray.T` turns axes round without a copy.) Squares of elements are turned in
 * registers, in bands that read and write whole cache lines; results of 32 MB and more go past the caches. The same
 * bits everywhere, NaN's included.
 *
 * @param x Any typed array or n-d view, any strides: a view of no order at all is made contiguous by the way.
 * @returns A contiguous NDArray of the same type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await transpose(ndarray(new Float32Array(6), [2, 3])) // NDArray [3, 2]
 * @example await transpose(pictures, { axes: [0, 3, 1, 2] }) // from [n, height, width, channels]
 * @function
 */
export const transpose: Transpose = defineKernel({
  name: 'transpose',
  arity: 1,
  plan: planTranspose,
  few: fewTransposed,
})

function planTranspose(args: readonly unknown[], raw: object): Planned<unknown> {
  const { view: x } = readInput('x', args[0])
  const { axes } = raw as TransposeOptions
  const turned = axes === undefined ? reverse(x) : permute(x, readAxes(axes, x.shape.length))
  const out = readOut(raw, x.dtype, turned.shape, [x], false)
  const size = sizeOf(turned.shape)
  const fresh = out === undefined ? newResult(x.dtype, size, 'transpose') : undefined
  const result = out?.view ?? viewOf(fresh as TypedArray, x.dtype, turned.shape)
  const given = out === undefined ? new NDArray(fresh as TypedArray, turned.shape) : asNDArray(out.given, turned.shape)
  const [from, to] = mergeTogether(turned, result)
  return {
    plan: {
      kernel: 'transpose',
      inputs: [from],
      outputs: [to],
      scalars: [],
      freshOutputs: out === undefined,
      cost: 200 + size * (0.2 + 0.1 * bytesPerElement(x.dtype)),
    },
    value: () => given,
  }
}

function reverse(x: View): View {
  return { ...x, shape: x.shape.toReversed(), strides: x.strides.toReversed() }
}

function readAxes(axes: readonly number[], rank: number): number[] {
  const what = `an array of the ${rank} axes, each once`
  if (!isList(axes)) throw typeMisuse('axes', what, axes)
  if (axes.length !== rank) throw rangeMisuse('axes', what, axes)
  const order = Array.from(axes, (axis, i) => {
    const checked = checkInteger(`axes[${i}]`, axis, -rank, rank - 1)
    return checked < 0 ? checked + rank : checked
  })
  if (new Set(order).size !== rank) throw rangeMisuse('axes', what, axes)
  return order
}

/** Neighbouring axes that step alike on both sides are one. */
function mergeTogether(a: View, b: View): [View, View] {
  const shape: number[] = []
  const aStrides: number[] = []
  const bStrides: number[] = []
  for (let axis = 0; axis < a.shape.length; axis++) {
    const extent = a.shape[axis]
    if (extent === 1) continue
    const end = shape.length - 1
    if (end >= 0 && aStrides[end] === extent * a.strides[axis] && bStrides[end] === extent * b.strides[axis]) {
      shape[end] *= extent
      aStrides[end] = a.strides[axis]
      bStrides[end] = b.strides[axis]
    } else {
      shape.push(extent)
      aStrides.push(a.strides[axis])
      bStrides.push(b.strides[axis])
    }
  }
  if (shape.length === 0) {
    return [
      { ...a, shape: [1], strides: [1] },
      { ...b, shape: [1], strides: [1] },
    ]
  }
  return [
    { ...a, shape, strides: aStrides },
    { ...b, shape, strides: bStrides },
  ]
}

function asNDArray(given: TypedArray | NDArray, shape: readonly number[]): NDArray {
  return given instanceof NDArray ? given : new NDArray(given, shape)
}
