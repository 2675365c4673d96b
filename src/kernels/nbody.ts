import { checkFinite } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, rowMajor } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { checkOut, readInput, viewOf } from '../plan.ts'
import type { Input, Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { DType, TypedArray, View } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link nbody}. */
export interface NbodyOptions extends TaskOptions {
  /**
   * The constant of gravity, in the units of positions, masses and accelerations.
   * @default 1
   */
  G?: number | undefined
  /**
   * ε, a length that is added in squares to every distance, so that close bodies don't fling each other away (Plummer
   * 1911).
   * @default 0
   */
  softening?: number | undefined
  /**
   * Receives the accelerations, `[n, 3]` of the type of `positions`, apart from both inputs.
   * @default a new array
   */
  out?: ArrayInput<Float32Array | Float64Array> | undefined
}

/** The type of {@link nbody}. */
export interface Nbody {
  <A extends Float32Array | Float64Array>(
    positions: ArrayInput<A>,
    masses: ArrayInput<Float32Array | Float64Array>,
    options?: NbodyOptions,
  ): Task<NDArray<A>>
  /** The same on the calling thread. */
  sync<A extends Float32Array | Float64Array>(
    positions: ArrayInput<A>,
    masses: ArrayInput<Float32Array | Float64Array>,
    options?: NbodyOptions,
  ): NDArray<A>
}

/**
 * Accelerations of n bodies by each other's gravity, every pair by itself:
 * aᵢ = G Σⱼ mⱼ (xⱼ - xᵢ) / (|xⱼ - xᵢ|² + ε²)^(3/2). In float64, float32 rounded at the end; each force is within 16
 * roundings of exact and they are added in the order of bodies, so that an acceleration is within
 * (n + 16)·2^-53·Σ|terms|. A pair at distance 0 with ε = 0, or at an infinite one, has no force. The same bits for any
 * number of threads; CPU levels and backends differ in the last bits. n² pairs: 4,096 bodies take a few milliseconds.
 *
 * @param positions `[n, 3]` of float64 or float32, or a typed array of x, y, z, x, y, z, …
 * @param masses n of them.
 * @returns An NDArray `[n, 3]` of the type of `positions`, or `out`.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await nbody(new Float64Array([0, 0, 0, 2, 0, 0]), new Float64Array([1, 4])) // [[1, 0, 0], [-0.25, 0, 0]]
 * @function
 */
export const nbody: Nbody = defineKernel({ name: 'nbody', arity: 2, plan: planNbody })

const floats: readonly DType[] = ['float64', 'float32']

function planNbody(args: readonly unknown[], raw: object): Planned<unknown> {
  const positions = readPositions(readInput('positions', args[0], floats))
  const masses = readInput('masses', args[1], floats).view
  const [n] = positions.shape
  if (masses.shape.length !== 1 || masses.shape[0] !== n) {
    throw rangeMisuse('masses.shape', `[${n}], a mass for each body`, masses.shape)
  }
  const { G, softening, out: target } = raw as NbodyOptions
  const constant = G === undefined ? 1 : checkFinite('G', G)
  const length = softening === undefined ? 0 : checkFinite('softening', softening)
  if (length < 0) throw rangeMisuse('softening', 'a number from 0 and up', length)
  const { dtype } = positions
  const shape = [n, 3]
  const out = target === undefined ? undefined : checkOut('out', target, dtype, shape, [positions, masses], false)
  const fresh = out === undefined ? newArray(dtype, 3 * n, 'nbody') : undefined
  const given = out?.given ?? (fresh as TypedArray)
  return {
    plan: {
      kernel: 'nbody',
      inputs: [positions, masses],
      outputs: [out?.view ?? viewOf(fresh as TypedArray, dtype, shape)],
      scalars: [constant, length * length],
      freshOutputs: out === undefined,
      cost: 500 + n * 20 + n * n * 0.6,
    },
    value: () => (given instanceof NDArray ? given : new NDArray(given, shape)),
  }
}

function readPositions({ view, isArray }: Input): View {
  if (isArray) {
    const n = view.shape[0] / 3
    if (!Number.isInteger(n)) throw rangeMisuse('positions.length', 'a multiple of 3: x, y and z', view.shape[0])
    return { ...view, shape: [n, 3], strides: rowMajor([n, 3]) }
  }
  if (view.shape.length !== 2 || view.shape[1] !== 3) throw rangeMisuse('positions.shape', '[n, 3]', view.shape)
  return view
}
