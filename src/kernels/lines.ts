import { checkInteger } from '../check.ts'
import { rangeMisuse } from '../errors.ts'
import { isContiguous, sizeOf } from '../ndarray.ts'
import { permute } from '../plan.ts'
import type { View } from '../types.ts'

/** Indices are 32 bits wide. */
export const longestLine = 2 ** 32

/** The option `axis`, from 0; of a view without axes 0. */
export function readAxis(axis: unknown, rank: number): number {
  const most = Math.max(rank, 1)
  const checked = axis === undefined ? -1 : checkInteger('axis', axis, -most, most - 1)
  return checked < 0 ? checked + most : checked
}

/** How long lines along an axis are. */
export function lineLength(view: View, axis: number): number {
  return view.shape.length === 0 ? 1 : view.shape[axis]
}

export function checkIndexable(view: View, axis: number): void {
  const length = lineLength(view, axis)
  if (length > longestLine) throw rangeMisuse('x.length', `at most ${longestLine} along the axis`, length)
}

/** The views with `axis` last. Lines that follow one another in all of them get one axis more, not many. */
export function linesOf(views: readonly View[], axis: number, flattens = true): View[] {
  const rank = views[0].shape.length
  if (rank === 0) return views.map((view) => ({ ...view, shape: [1], strides: [1] }))
  if (rank === 1) return [...views]
  const order = [...views[0].shape.keys()].filter((other) => other !== axis)
  const ending = views.map((view) => permute(view, [...order, axis]))
  return flattens && rank > 2 && ending.every(({ shape, strides }) => isContiguous(shape, strides))
    ? ending.map(flatten)
    : ending
}

function flatten(view: View): View {
  const lines = sizeOf(view.shape.slice(0, -1))
  const line = view.shape[view.shape.length - 1]
  return { ...view, shape: [lines, line], strides: [line, 1] }
}
