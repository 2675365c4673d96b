import { codedError } from '../errors.ts'
import { isContiguous, reach, sizeOf } from '../ndarray.ts'
import { arrayClass, bufferOf, byteOffsetOf, bytesPerElement, dtypeOf, lengthOf } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'

/** Elements of one copy, in runs that lie together on both sides. */
interface Copy {
  readonly name: string
  readonly from: TypedArray
  readonly fromStart: number
  readonly to: TypedArray
  readonly toStart: number
  readonly length: number
}

/** How long copying may hold the event loop at a stretch. */
const sliceMs = 1
const sliceBytes = 1 << 20

/** The dtype of the array that a view of `dtype` has: float16 travels as its bits. */
export function bitsType(dtype: DType): DType {
  return dtype === 'float16' ? 'uint16' : dtype
}

/** A view over a SharedArrayBuffer of its own, as long as what `view` reaches. */
export function sharedTwin(view: View, kernel: string): View {
  const [low, high] = sizeOf(view.shape) === 0 ? [0, -1] : reach(view.shape, view.strides)
  try {
    const buffer = new SharedArrayBuffer((high - low + 1) * bytesPerElement(view.dtype))
    return { ...view, data: new (arrayClass(bitsType(view.dtype)))(buffer), offset: -low }
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', [kernel], { cause })
  }
}

/** What brings a view's reachable elements into its twin. */
export function copyIn(name: string, view: View, twin: View): Copy {
  const start = view.offset - twin.offset
  return { name, from: view.data, fromStart: start, to: twin.data, toStart: 0, length: twin.data.length }
}

/** What brings a result back from its twin. Between the elements of a strided view lie some that are not ours. */
export function copyOut(name: string, twin: View, view: View): Copy[] {
  if (sizeOf(view.shape) === 0) return []
  const start = view.offset - twin.offset
  if (isContiguous(view.shape, view.strides)) {
    return [{ name, from: twin.data, fromStart: 0, to: view.data, toStart: start, length: twin.data.length }]
  }
  const copies: Copy[] = []
  const step = (axis: number, at: number): void => {
    if (axis < view.shape.length) {
      for (let i = 0; i < view.shape[axis]; i++) step(axis + 1, at + i * view.strides[axis])
    } else {
      copies.push({ name, from: twin.data, fromStart: at, to: view.data, toStart: at + start, length: 1 })
    }
  }
  step(0, twin.offset)
  return copies
}

/**
 * Some elements of an array, by its plain class: a caller's subclass has methods and a species of its own, and a
 * Buffer's `slice` copies nothing.
 */
export function part(array: TypedArray, start: number, length: number): TypedArray {
  const dtype = dtypeOf(array) as DType
  return new (arrayClass(dtype))(bufferOf(array), byteOffsetOf(array) + start * bytesPerElement(dtype), length)
}

/**
 * Does the copies, in slices between turns of the event loop where they are long, and calls back with the
 * milliseconds they took, or with an error where an array's memory has gone away meanwhile.
 */
export function copySliced(
  copies: readonly Copy[],
  stopped: () => boolean,
  then: (ms: number, error?: Error) => void,
): void {
  let index = 0
  let at = 0
  let total = 0
  const slice = (): void => {
    const begun = performance.now()
    while (index < copies.length && !stopped()) {
      const copy = copies[index]
      const { from, fromStart, to, toStart, length } = copy
      if (length > 0 && (lengthOf(from) < fromStart + length || lengthOf(to) < toStart + length)) {
        then(total, codedError('ERR_OFFLOOP_DETACHED', [copy.name]))
        return
      }
      const count = Math.min(length - at, sliceBytes / bytesPerElement(dtypeOf(from) as DType))
      part(to, toStart + at, count).set(part(from, fromStart + at, count) as never)
      at += count
      if (at >= length) {
        index++
        at = 0
      }
      const took = performance.now() - begun
      if (took > sliceMs && index < copies.length) {
        total += took
        setImmediate(slice)
        return
      }
    }
    then(total + performance.now() - begun)
  }
  slice()
}
