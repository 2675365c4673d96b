import { classOf, isBig, isFloat, isStrided, rowMajor } from './views.ts'
import type { Sample, TestDType, Value } from './views.ts'
import type { Case } from './lanes.ts'
import { unit } from './exact.ts'

/** What a line becomes, by definition, and how far off each value may be. */
export interface ScanLine {
  readonly values: readonly Value[]
  readonly errors: readonly number[]
}

export type DefineScan = (line: readonly Value[], dtype: TestDType) => ScanLine

/** The array class of what a scan gives. */
export function resultClass(dtype: TestDType) {
  return classOf(isFloat(dtype) || isBig(dtype) ? dtype : 'float64')
}

/** A scan of a sample along an axis as a case; lines of the result may be shorter. */
export function scan(define: DefineScan, dtype: TestDType, sample: Sample, options: { axis?: number } = {}): Case {
  const { name, input, shape, values } = sample
  const axis = options.axis ?? -1
  const along = Math.max(0, axis < 0 ? axis + shape.length : axis)
  const length = shape[along] ?? 1
  const step = rowMajor(shape)[along] ?? 1
  const starts = Array.from({ length: values.length }, (_, at) => at).filter(
    (at) => Math.floor(at / step) % length === 0,
  )
  const lines = starts.map((start) =>
    define(
      Array.from({ length }, (_, i) => values[start + i * step]),
      dtype,
    ),
  )
  const most = lines[0]?.values.length ?? 0
  const result: Value[] = Array(starts.length * most)
  const errors: number[] = Array(starts.length * most)
  starts.forEach((start, line) => {
    const before = start % step
    const at = Math.floor(start / (step * length)) * step * most + before
    lines[line].values.forEach((value, i) => {
      result[at + i * step] = value
      errors[at + i * step] = lines[line].errors[i]
    })
  })
  const outShape = shape.map((extent, at) =>
    at === along ? define(Array(extent).fill(0), 'int8').values.length : extent,
  )
  return {
    name: `${name} ${JSON.stringify(options)}`,
    args: () => [input],
    options: () => options,
    expected: { values: result, errors, shape: isStrided(input) ? outShape : undefined },
  }
}

/** One rounding to a dtype: of float16 and float32 that of the store, of others none. */
export function storeError(dtype: TestDType, value: number): number {
  if (dtype === 'float32') return 2 ** -24 * Math.abs(value) + 2 ** -150
  return dtype === 'float16' ? 2 ** -11 * Math.abs(value) + 2 ** -25 : 0
}

/** The number as an element of the dtype. */
export function stored(dtype: TestDType, value: number): number {
  if (dtype === 'float32') return Math.fround(value)
  if (dtype !== 'float16') return value
  const array = new (classOf(dtype))(1)
  array[0] = value
  return array[0] as number
}

/** Sums as unevaluated pairs of doubles, exact to some 2^-104 of the largest term (Knuth's two-sum, 1969). */
export class PairSum {
  high = -0
  low = 0

  add(x: number): void {
    const sum = this.high + x
    const part = sum - this.high
    this.low += this.high - (sum - part) + (x - part)
    this.high = sum
  }

  get value(): number {
    return this.low === 0 || !Number.isFinite(this.high) ? this.high : this.high + this.low
  }
}

/** Roundings on the way of an element into prefix i: groups of eight, blocks of 16,384. */
export function prefixError(i: number, magnitude: number): number {
  const roundings = 3 + Math.min(Math.floor(i / 8), 2048) + 2 + Math.floor(i / 16384)
  return roundings * unit * magnitude
}
