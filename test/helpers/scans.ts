import { classOf, isBig, isFloat, isStrided, rowMajor } from './views.ts'
import type { Sample, TestDType } from './views.ts'
import type { Case } from './lanes.ts'
import { unit } from './exact.ts'
import type { TypedArray } from 'offloop'

/** What a line becomes, by definition, and how far off each value may be. */
export interface ScanLine {
  readonly values: TypedArray
  readonly errors: Float64Array
}

export type DefineScan = (line: TypedArray, dtype: TestDType) => ScanLine

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
  const line = new (classOf(dtype))(length)
  const most = define(line, dtype).values.length
  const lines = length === 0 ? 0 : values.length / length
  const result = new (resultClass(dtype))(lines * most)
  const errors = new Float64Array(lines * most)
  for (let at = 0; at < lines; at++) {
    const [before, turn] = [at % step, Math.floor(at / step) * step]
    for (let i = 0; i < length; i++) line[i] = values[turn * length + before + i * step] as never
    const scanned = define(line, dtype)
    for (let i = 0; i < most; i++) {
      result[turn * most + before + i * step] = scanned.values[i]
      errors[turn * most + before + i * step] = scanned.errors[i]
    }
  }
  const outShape = shape.map((extent, other) => (other === along ? most : extent))
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
