import { checkFinite, checkInteger } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineKernel } from '../kernel.ts'
import { isContiguous, NDArray } from '../ndarray.ts'
import type { TaskOptions } from '../options.ts'
import { readOut, viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'
import type { ArrayInput } from './reduction.ts'

/** Which part of the plane, and how closely. */
export interface MandelbrotView {
  /** Pixels. */
  readonly width: number
  /** Pixels. */
  readonly height: number
  /**
   * Real part of the picture's centre.
   * @default -0.5
   */
  readonly x?: number | undefined
  /**
   * Imaginary part of the picture's centre; it grows downwards.
   * @default 0
   */
  readonly y?: number | undefined
  /**
   * Side of a pixel in the plane.
   * @default 3 / width
   */
  readonly scale?: number | undefined
  /**
   * Most iterations a pixel, 1 to 65,535.
   * @default 256
   */
  readonly iterations?: number | undefined
}

/** Options of {@link mandelbrot}. */
export interface MandelbrotOptions extends TaskOptions {
  /**
   * Receives the counts, row after row without gaps.
   * @default a new Uint16Array
   */
  out?: ArrayInput<Uint16Array> | undefined
}

/** The type of {@link mandelbrot}. */
export interface Mandelbrot {
  (view: MandelbrotView, options?: MandelbrotOptions): Task<NDArray<Uint16Array>>
  /** The same on the calling thread. */
  sync(view: MandelbrotView, options?: MandelbrotOptions): NDArray<Uint16Array>
}

/**
 * The Mandelbrot set: for each pixel how often z ← z² + c can be iterated from 0 before |z| exceeds 2, at most
 * `iterations`. Pixel (row j, column i) is c = x + (i - (width - 1)/2)·scale + i(y + (j - (height - 1)/2)·scale). In
 * float64 without fused multiply-add: the same counts on every backend and CPU level.
 *
 * @returns An NDArray `[height, width]` of uint16 counts.
 * @throws TypeError or RangeError for arguments that are not as described.
 * @example await mandelbrot({ width: 800, height: 600, iterations: 500 })
 * @function
 */
export const mandelbrot: Mandelbrot = defineKernel({ name: 'mandelbrot', arity: 1, plan: planMandelbrot })

// 2^24 a side keeps the product a safe integer.
const maxSide = 2 ** 24

function planMandelbrot(args: readonly unknown[], raw: object): Planned<unknown> {
  const [picture] = args
  if (typeof picture !== 'object' || picture === null) {
    throw typeMisuse('view', 'an object { width, height, x, y, scale, iterations }', picture)
  }
  const { width, height, x, y, scale, iterations } = picture as MandelbrotView
  const columns = checkInteger('width', width, 0, maxSide)
  const rows = checkInteger('height', height, 0, maxSide)
  const side = scale === undefined ? 3 / Math.max(columns, 1) : checkFinite('scale', scale)
  if (side <= 0) throw rangeMisuse('scale', 'a number above 0', scale)
  const most = iterations === undefined ? 256 : checkInteger('iterations', iterations, 1, 65535)
  const shape = [rows, columns]
  const out = readOut(raw, 'uint16', shape, [], false)
  if (out !== undefined && !isContiguous(out.view.shape, out.view.strides)) {
    throw rangeMisuse('out.strides', 'those of rows that follow one another', out.view.strides)
  }
  const fresh = out === undefined ? newArray('uint16', rows * columns, 'mandelbrot') : undefined
  const given = out?.given ?? new NDArray(fresh as TypedArray, shape)
  return {
    plan: {
      kernel: 'mandelbrot',
      inputs: [],
      outputs: [out?.view ?? viewOf(fresh as TypedArray, 'uint16', shape)],
      scalars: [x === undefined ? -0.5 : checkFinite('x', x), y === undefined ? 0 : checkFinite('y', y), side, most],
      freshOutputs: out === undefined,
      // A third of a pixel's iterations, as in the usual view.
      cost: 500 + rows * columns * (2 + most * 0.2),
    },
    value: () => (given instanceof NDArray ? given : new NDArray(given, shape)),
  }
}
