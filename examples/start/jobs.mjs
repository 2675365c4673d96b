// The eight jobs: what each computes, in plain JavaScript and with offloop, and how closely results must agree.
import { dot, mandelbrot, matmul, mean, minmax, ndarray, sort, sum, variance } from 'offloop'

import { profiles, repeat } from './data.mjs'
import * as loops from './plain.mjs'

const slots = 1024
const bands = 32

/** Seahorse valley. */
export const picture = { width: 1600, height: 1200, x: -0.74529, y: 0.11307, scale: 2.4e-6, iterations: 1000 }

/** @param columns The flights table. */
export function makeJobs(columns) {
  const delay = repeat(columns.delay, 50)
  const distance = repeat(columns.distance, 50)
  const late = delay.subarray(0, columns.count * 20)
  const profile = profiles(columns, slots, bands)
  const days = ndarray(profile, [slots, bands * bands])
  return [
    {
      name: 'sum',
      what: '10M delays',
      plain: () => loops.sum(delay),
      offloop: (options) => sum(delay, options),
      tolerance: 1e-12,
      sameBits: true,
    },
    {
      name: 'mean',
      what: '10M delays',
      plain: () => loops.mean(delay),
      offloop: (options) => mean(delay, options),
      tolerance: 1e-12,
      sameBits: true,
    },
    {
      name: 'variance',
      what: '10M delays',
      plain: () => loops.variance(delay),
      offloop: (options) => variance(delay, options),
      tolerance: 1e-9,
      sameBits: true,
    },
    {
      name: 'minmax',
      what: '10M delays',
      plain: () => loops.minmax(delay),
      offloop: (options) => minmax(delay, options),
      tolerance: 0,
      sameBits: true,
    },
    {
      name: 'dot',
      what: 'delay·distance',
      plain: () => loops.dot(delay, distance),
      offloop: (options) => dot(delay, distance, options),
      tolerance: 1e-12,
      sameBits: true,
    },
    {
      name: 'sort',
      what: '4M delays',
      plain: () => loops.sorted(late),
      offloop: (options) => sort(late, options),
      tolerance: 0,
      sameBits: true,
    },
    {
      name: 'matmul',
      what: 'float32, 1024³',
      plain: () => loops.gram(profile, slots, bands * bands),
      offloop: (options) => matmul(days, days, { ...options, transposeB: true }),
      // Rows have length 1, so a product of two is off by no more than (k + 2)·ε.
      tolerance: (bands * bands + 2) * 2 ** -24,
      sameBits: false,
    },
    {
      name: 'mandelbrot',
      what: '1600×1200',
      plain: () => loops.mandelbrot(picture),
      offloop: (options) => mandelbrot(picture, options),
      tolerance: 0,
      sameBits: true,
    },
  ]
}

/** A result of any job as numbers in a row. */
export function numbersOf(result) {
  if (typeof result === 'number') return [result]
  if (ArrayBuffer.isView(result)) return result
  return 'data' in result ? result.data : [result.min, result.max]
}

/** The greatest difference of two results, relative to the greater of 1 and the number; Infinity if they don't fit. */
export function difference(a, b) {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  if (left.length !== right.length) return Infinity
  let most = 0
  for (let i = 0; i < left.length; i++) {
    if (Object.is(left[i], right[i])) continue
    const apart = Math.abs(left[i] - right[i]) / Math.max(1, Math.abs(left[i]))
    if (!(apart <= most)) most = apart
  }
  return most
}

/** Whether two results are the same to the last bit. */
export function isSame(a, b) {
  const [left, right] = [numbersOf(a), numbersOf(b)]
  if (left.length !== right.length) return false
  for (let i = 0; i < left.length; i++) if (!Object.is(left[i], right[i])) return false
  return true
}
