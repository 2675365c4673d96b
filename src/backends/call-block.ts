import type { Plan } from '../plan.ts'
import { arrayClass, bytesPerElement, lengthOf } from '../typed-array.ts'
import { dtypeNumbers, dtypes } from '../types.ts'
import type { TypedArray, View } from '../types.ts'
import { call } from '../wire.ts'
import { bitsType } from './copy.ts'

/** A call of more views carries none of their arrays. */
const mostCarriers = 8

const classes = dtypes.map((dtype) => arrayClass(bitsType(dtype)))
const sizes = dtypes.map((dtype) => bytesPerElement(bitsType(dtype)))
/** By dtype: the most elements of an array that is carried. */
const mostCarried = sizes.map((size) => (call.carriedWords * 8) / size)

/**
 * The views of a plan in the call block. In a synchronous call it also carries small arrays: Node needs longer to say
 * where one lies than two copies take, and longest for a new one, of which it has to make an ArrayBuffer first.
 */
export class CallBlock {
  readonly #block: Float64Array
  /** The block as an array of each dtype. */
  readonly #windows: readonly TypedArray[]
  /** Parts of the block by view, dtype and length: making one takes longer than all else here. */
  readonly #parts: TypedArray[][] = []

  constructor(block: Float64Array) {
    this.#block = block
    this.#windows = classes.map((type) => new type(block.buffer))
  }

  /** Writes all views; gives the arrays to be passed along. */
  write({ inputs, outputs }: Plan): readonly TypedArray[] {
    const arrays: TypedArray[] = []
    let at: number = call.views
    for (const view of inputs) at = this.#writeView(at, view, 0, arrays)
    for (const view of outputs) at = this.#writeView(at, view, 0, arrays)
    return arrays
  }

  /** The same, with small arrays in the block. */
  carry(plan: Plan): readonly TypedArray[] {
    const { inputs, outputs } = plan
    if (inputs.length + outputs.length > mostCarriers) return this.write(plan)
    const arrays: TypedArray[] = []
    let at: number = call.views
    for (let i = 0; i < inputs.length; i++) {
      const view = inputs[i]
      const length = carriedLength(view)
      if (length > 0) {
        const dtype = dtypeNumbers[view.dtype]
        this.#windows[dtype].set(view.data as never, startOf(i, dtype))
      }
      at = this.#writeView(at, view, length, arrays)
    }
    for (const view of outputs) at = this.#writeView(at, view, plan.freshOutputs ? carriedLength(view) : 0, arrays)
    return arrays
  }

  /** Brings results from the block into their arrays. */
  bringBack({ inputs, outputs, freshOutputs }: Plan): void {
    if (!freshOutputs || inputs.length + outputs.length > mostCarriers) return
    for (let i = 0; i < outputs.length; i++) {
      const { data, dtype } = outputs[i]
      const length = carriedLength(outputs[i])
      if (length > 0) data.set(this.#partOf(inputs.length + i, dtypeNumbers[dtype], length) as never)
    }
  }

  #partOf(view: number, dtype: number, length: number): TypedArray {
    const parts = (this.#parts[view * dtypes.length + dtype] ??= [])
    return (parts[length] ??= this.#windows[dtype].subarray(startOf(view, dtype), startOf(view, dtype) + length))
  }

  #writeView(at: number, view: View, carried: number, arrays: TypedArray[]): number {
    const block = this.#block
    const { shape, strides } = view
    const rank = shape.length
    block[at] = dtypeNumbers[view.dtype]
    block[at + 1] = rank
    block[at + 2] = view.offset
    block[at + 3] = carried === 0 ? 0 : 1 + carried
    for (let axis = 0; axis < rank; axis++) {
      block[at + 4 + axis] = shape[axis]
      block[at + 4 + rank + axis] = strides[axis]
    }
    if (carried === 0) arrays.push(view.data)
    return at + 4 + 2 * rank
  }
}

/** The length of an array that is carried, else 0: one without elements may have been detached. */
function carriedLength({ data, dtype }: View): number {
  const length = lengthOf(data)
  return length <= mostCarried[dtypeNumbers[dtype]] ? length : 0
}

/** Where in the block, in elements, the array of a view is carried. */
function startOf(view: number, dtype: number): number {
  return ((call.carried + view * call.carriedWords) * 8) / sizes[dtype]
}
