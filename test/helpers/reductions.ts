import { inspect } from 'node:util'

import { checkKernel } from './lanes.ts'
import type { Case } from './lanes.ts'
import { plain, rowMajor, sizes, views } from './views.ts'
import type { Sample, TestDType, Value } from './views.ts'

/** The result of reducing one line: one value, for minmax two, for describe eight. */
export interface Line {
  readonly values: readonly Value[]
  /** How far off each may be, or all of them. */
  readonly error: number | readonly number[]
}

export interface ReduceOptions {
  readonly axis?: number | readonly number[]
  readonly keepdims?: boolean
  readonly skipNaN?: boolean
  readonly exact?: boolean
  readonly ddof?: number
  readonly ord?: number
}

/** What a reduction is, by its definition. `stored` tells that the result goes into an array. */
export type Define = (
  lines: readonly ArrayLike<Value>[],
  dtype: TestDType,
  options: ReduceOptions,
  stored: boolean,
) => Line

/** A reduction of samples of one shape, as a case. */
export function reduce(
  define: Define,
  dtype: TestDType,
  samples: readonly Sample[],
  options: ReduceOptions = {},
): Case {
  const [{ shape }] = samples
  const { axis, keepdims } = options
  const name = `${samples.map((sample) => sample.name).join(', ')} ${inspect(options)}`
  const args = () => samples.map(({ input }) => input)
  if (axis === undefined) {
    const line = define(
      samples.map(({ values }) => values),
      dtype,
      options,
      false,
    )
    return {
      name,
      args,
      options: () => options,
      expected: { values: line.values, errors: line.values.map((_, i) => errorAt(line, i)) },
    }
  }
  const reduced = axisSet(axis, shape.length)
  const kept = shape.map((_, at) => at).filter((at) => !reduced.has(at))
  const strides = rowMajor(shape)
  const starts = offsets(kept, shape, strides)
  const steps = offsets(
    shape.map((_, at) => at).filter((at) => reduced.has(at)),
    shape,
    strides,
  )
  const lines = starts.map((start) =>
    define(
      samples.map(({ values }) => steps.map((step) => values[start + step])),
      dtype,
      options,
      true,
    ),
  )
  const count = lines[0]?.values.length ?? 0
  const across = Array.from({ length: count }, (_, i) => lines.map((line) => line.values[i])).flat()
  return {
    name,
    args,
    options: () => options,
    expected: {
      values: across,
      errors: Array.from({ length: count }, (_, i) => lines.map((line) => errorAt(line, i))).flat(),
      shape: keepdims ? shape.map((extent, at) => (reduced.has(at) ? 1 : extent)) : kept.map((at) => shape[at]),
    },
  }
}

function errorAt({ error }: Line, value: number): number {
  return typeof error === 'number' ? error : error[value]
}

/** Positions of all combinations of indices along some axes. */
function offsets(axes: readonly number[], shape: readonly number[], strides: readonly number[]): number[] {
  return axes.reduce<number[]>(
    (list, axis) => list.flatMap((at) => Array.from({ length: shape[axis] }, (_, i) => at + i * strides[axis])),
    [0],
  )
}

/** Ways to name axes of a view; of large ones each axis once, and all. */
function axesOf({ shape: { length: rank }, values }: Sample): (number | readonly number[])[] {
  const single = Array.from({ length: rank }, (_, axis) => axis)
  if (values.length > 10_000) return [...single, single]
  const pairs = single.flatMap((a) => single.filter((b) => b > a).map((b) => [b, a - rank]))
  return [...single, ...single.map((axis) => axis - rank), ...pairs, [], single]
}

/** All sizes, placed so that some are aligned to nothing but their elements; one in shared memory. */
export async function checkSizes(
  kernel: unknown,
  define: Define,
  dtype: TestDType,
  inputs = 1,
  from = 0,
  options: ReduceOptions = {},
): Promise<void> {
  const cases = sizes
    .filter((size) => size >= from)
    .map((size, i) => {
      const samples = Array.from({ length: inputs }, (_, k) =>
        plain(dtype, size, (i + k) % 4, i % 5 === 0, size + k + 1),
      )
      return reduce(define, dtype, samples, options)
    })
  await checkKernel(kernel, cases)
}

/** All views, as a whole and along their axes. */
export async function checkViews(
  kernel: unknown,
  define: Define,
  dtype: TestDType,
  samplesOf: (view: Sample) => readonly Sample[] = (view) => [view],
  needsElements = false,
  withAxes = true,
): Promise<void> {
  for (const view of views(dtype)) {
    const samples = samplesOf(view)
    const empty = view.values.length === 0
    const whole = needsElements && empty ? [] : [{}]
    const along = withAxes
      ? axesOf(view).filter(
          (axis) =>
            (!needsElements || hasLines(view.shape, axis)) &&
            countLines(view.shape, axis) <= (dtype === 'float64' ? 25_000 : 2_500),
        )
      : []
    await checkKernel(kernel, [
      ...whole.map((options) => reduce(define, dtype, samples, options)),
      ...along.map((axis, i) => reduce(define, dtype, samples, { axis, ...(i % 3 === 0 ? { keepdims: true } : {}) })),
    ])
  }
}

// Exact arithmetic takes its time for every line.
function countLines(shape: readonly number[], axis: number | readonly number[]): number {
  const reduced = axisSet(axis, shape.length)
  return shape.reduce((count, extent, at) => (reduced.has(at) ? count : count * extent), 1)
}

// Whether every line along the axes has an element, or there is no line at all.
function hasLines(shape: readonly number[], axis: number | readonly number[]): boolean {
  const reduced = axisSet(axis, shape.length)
  const emptyLine = [...reduced].some((at) => shape[at] === 0)
  return !emptyLine || shape.some((extent, at) => extent === 0 && !reduced.has(at))
}

function axisSet(axis: number | readonly number[], rank: number): Set<number> {
  return new Set((typeof axis === 'number' ? [axis] : axis).map((at) => (at < 0 ? at + rank : at)))
}
