import { checkFlag } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { NDArray, sizeOf } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readInput, readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newResult } from '../typed-array.ts'
import type { TypedArray, View } from '../types.ts'
import { maxRank } from '../wire.ts'
import type { Float, FloatOf } from './float.ts'
import type { ArrayInput } from './reduction.ts'

/** Options of {@link matmul}. */
export interface MatmulOptions extends TaskOptions {
  /**
   * Takes the last two axes of `a` the other way round. Nothing is copied.
   * @default false
   */
  transposeA?: boolean | undefined
  /**
   * Takes the last two axes of `b` the other way round.
   * @default false
   */
  transposeB?: boolean | undefined
  /**
   * Receives the product; of the result's shape and type, apart from `a` and `b` in memory.
   * @default a new array
   */
  out?: ArrayInput | undefined
  /**
   * Adds the product to `out` instead of replacing it.
   * @default false
   */
  accumulate?: boolean | undefined
}

/** The type of {@link matmul}. */
export interface Matmul {
  <X extends ArrayInput<Float>>(a: X, b: ArrayInput<FloatOf<X>>, options?: MatmulOptions): Task<NDArray<FloatOf<X>>>
  /** The same on the calling thread. */
  sync<X extends ArrayInput<Float>>(a: X, b: ArrayInput<FloatOf<X>>, options?: MatmulOptions): NDArray<FloatOf<X>>
}

/**
 * The matrix product: cᵢⱼ = Σₖ aᵢₖ·bₖⱼ. Operands as in NumPy: 1-d ones are a row on the left and a column on the right
 * and lose that axis again; leading axes are batches, and broadcast. Blocked for registers and caches (Goto and van de
 * Geijn 2008; Van Zee and van de Geijn 2015). The same bits for any number of threads; CPU levels may differ by the
 * fused multiply-add. Error: |c - ĉ| ≤ (k + 2)·ε·(|a|·|b|).
 *
 * @param a float32 or float64, typed array (1-d) or n-d view `[..., m, k]`, any strides.
 * @param b The same type, `[..., k, n]`.
 * @returns An NDArray `[..., m, n]` of the same type.
 * @throws TypeError or RangeError for arguments that are not as described; ERR_OFFLOOP_DETACHED; ERR_OFFLOOP_MEMORY.
 * @example await matmul(ndarray(a, [2, 3]), ndarray(b, [3, 4])) // NDArray [2, 4]
 * @function
 */
export const matmul: Matmul = defineKernel({ name: 'matmul', arity: 2, plan: planMatmul })

function planMatmul(args: readonly unknown[], raw: object): Planned<unknown> {
  const left = readInput('a', args[0], ['float64', 'float32']).view
  const right = readInput('b', args[1], ['float64', 'float32']).view
  if (right.dtype !== left.dtype) throw typeMisuse('b', `of the same type as \`a\`, which is ${left.dtype}`, right.data)
  const options = raw as MatmulOptions
  const a = asMatrix('a', left, 0, checkFlag('transposeA', options.transposeA))
  const b = asMatrix('b', right, 1, checkFlag('transposeB', options.transposeB))
  const m = a.shape[a.shape.length - 2]
  const k = a.shape[a.shape.length - 1]
  const inner = b.shape[b.shape.length - 2]
  const n = b.shape[b.shape.length - 1]
  if (inner !== k) {
    throw rangeMisuse('b.shape', `[..., ${k}, n], to fit \`a\` of shape [${left.shape.join(', ')}]`, right.shape)
  }
  const plain = left.shape.length === 2 && right.shape.length === 2
  const batch = plain ? [] : broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2), right)
  if (batch.length + 2 > maxRank) throw rangeMisuse('a.shape', `at most ${maxRank} axes`, left.shape)
  const full = plain ? [m, n] : [...batch, m, n]
  // The axes that 1-d operands were given go again.
  const shape = plain
    ? full
    : [...batch, ...(left.shape.length === 1 ? [] : [m]), ...(right.shape.length === 1 ? [] : [n])]
  const size = sizeOf(full)
  const accumulate = checkFlag('accumulate', options.accumulate)
  const out = readOut(raw, left.dtype, shape, [left, right], false)
  if (accumulate && out === undefined) throw typeMisuse('out', 'the array to add to, as `accumulate` is on', undefined)
  const given =
    out === undefined ? new NDArray(newResult(left.dtype, size, 'matmul'), shape) : asNDArray(out.given, shape)
  const result = out?.view ?? viewOf(given.data, left.dtype, shape)
  return {
    plan: {
      kernel: 'matmul',
      inputs: plain ? [a, b] : [spread(a, batch), spread(b, batch)],
      outputs: [plain ? result : withMatrixAxes(result, full, left.shape.length === 1, right.shape.length === 1)],
      scalars: [accumulate ? 1 : 0],
      freshOutputs: out === undefined,
      cost: 500 + size * (0.25 + k * (left.dtype === 'float32' ? 0.018 : 0.036)),
    },
    value: () => given,
  }
}

function asMatrix(name: string, view: View, newAxis: 0 | 1, transpose: boolean): View {
  const { shape, strides } = view
  if (shape.length === 0) throw rangeMisuse(`${name}.shape`, 'at least one axis', shape)
  if (shape.length === 1) {
    return {
      ...view,
      shape: newAxis === 0 ? [1, shape[0]] : [shape[0], 1],
      strides: newAxis === 0 ? [0, strides[0]] : [strides[0], 0],
    }
  }
  if (!transpose) return view
  const swap = (values: readonly number[]) => [
    ...values.slice(0, -2),
    values[values.length - 1],
    values[values.length - 2],
  ]
  return { ...view, shape: swap(shape), strides: swap(strides) }
}

function broadcast(a: readonly number[], b: readonly number[], right: View): number[] {
  const rank = Math.max(a.length, b.length)
  return Array.from({ length: rank }, (_, i) => {
    const x = a[i - (rank - a.length)] ?? 1
    const y = b[i - (rank - b.length)] ?? 1
    if (x !== y && x !== 1 && y !== 1) {
      throw rangeMisuse('b.shape', `leading axes that broadcast with [${a.join(', ')}]`, right.shape)
    }
    return x === 1 ? y : x
  })
}

function spread(view: View, batch: readonly number[]): View {
  const own = view.shape.length - 2
  const strides = batch.map((extent, i) => {
    const axis = i - (batch.length - own)
    return axis < 0 || (view.shape[axis] === 1 && extent !== 1) ? 0 : view.strides[axis]
  })
  return { ...view, shape: [...batch, ...view.shape.slice(-2)], strides: [...strides, ...view.strides.slice(-2)] }
}

function withMatrixAxes(view: View, full: readonly number[], dropRow: boolean, dropColumn: boolean): View {
  const strides = [...view.strides]
  if (dropRow) strides.splice(full.length - 2, 0, 0)
  if (dropColumn) strides.push(0)
  return { ...view, shape: full, strides }
}

function asNDArray(given: TypedArray | NDArray, shape: readonly number[]): NDArray {
  return given instanceof NDArray ? given : new NDArray(given, shape)
}
