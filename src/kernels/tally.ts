import { rangeMisuse } from '../errors.ts'
import { mergeAxes, readInput } from '../plan.ts'
import type { Planned } from '../plan.ts'
import { dtypes } from '../types.ts'
import type { DType, View } from '../types.ts'
import { isBigInt } from '../typed-array.ts'
import { numberAt } from './reduction.ts'

/** The elements in as few axes as will do, at least one. */
export function mergeAll(view: View): View {
  if (view.shape.length === 1) return view
  const { shape, strides } = mergeAxes(view.shape, view.strides, 0, view.shape.length)
  return shape.length === 0 ? { ...view, shape: [1], strides: [1] } : { ...view, shape, strides }
}

/** Weights: as many as there are elements, in the same shape. */
export function readWeights(weights: unknown, x: View): View | undefined {
  if (weights === undefined) return undefined
  const { view } = readInput('weights', weights, weightTypes)
  if (view.shape.length !== x.shape.length || view.shape.some((extent, axis) => extent !== x.shape[axis])) {
    throw rangeMisuse('weights.shape', `[${x.shape.join(', ')}], the shape of \`x\``, view.shape)
  }
  return view
}

const weightTypes = dtypes.filter((dtype) => !isBigInt(dtype))

/** Both weights and elements merged alike, so that they stay side by side. */
export function mergeBoth(x: View, weights: View | undefined): View[] {
  if (weights === undefined) return [mergeAll(x)]
  const merged = [mergeAll(x), mergeAll(weights)]
  const alike = merged[0].shape.length === 1 && merged[1].shape.length === 1
  return alike || x.shape.length > 0 ? (alike ? merged : [x, weights]) : merged
}

/** The least and the greatest of the numbers in a view that has elements. */
export function planExtremes(x: View, size: number, part: readonly [number, number]): Planned<Ends> {
  return {
    plan: {
      kernel: 'minmax',
      inputs: [x],
      outputs: [],
      scalars: [0, 1, 0, 0],
      freshOutputs: true,
      cost: 100 + size * 0.08,
    },
    part,
    value(results) {
      if (!isBigInt(x.dtype)) return { min: numberAt(results, 0), max: numberAt(results, 1) }
      const [min, max] = [results.bits[results.at], results.bits[results.at + 1]].map((bits) => bigOf(bits, x.dtype))
      return { min: Number(min), max: Number(max) }
    },
  }
}

export interface Ends {
  readonly min: number
  readonly max: number
}

function bigOf(bits: bigint, dtype: DType): bigint {
  return dtype === 'biguint64' ? BigInt.asUintN(64, bits) : bits
}
