// The jobs: what each computes, in plain JavaScript and with offloop, and how closely results must agree.
import {
  closest,
  cumsum,
  dot,
  hash,
  histogram,
  kmeans,
  mandelbrot,
  matmul,
  mean,
  minmax,
  ndarray,
  nearest,
  packStrings,
  quantile,
  rfft,
  sort,
  sum,
  variance,
} from 'offloop'

import { misspelt, points, profiles, repeat } from './data.mjs'
import * as loops from './plain.mjs'

const slots = 1024
const bands = 32
const groups = 8
const spans = 100
const parts = [0.05, 0.25, 0.5, 0.75, 0.95]

/** Seahorse valley. */
export const picture = { width: 1600, height: 1200, x: -0.74529, y: 0.11307, scale: 2.4e-6, iterations: 1000 }

/**
 * @param columns The flights table.
 * @param airports Names.
 */
export function makeJobs(columns, airports) {
  const delay = repeat(columns.delay, 50)
  const distance = repeat(columns.distance, 50)
  const late = delay.subarray(0, columns.count * 20)
  const profile = profiles(columns, slots, bands)
  const days = ndarray(profile, [slots, bands * bands])
  const signal = delay.subarray(0, 2 ** Math.floor(Math.log2(Math.min(delay.length, 2 ** 20))))
  const places = points(columns)
  const starts = places.slice(0, groups * 3)
  const typed = misspelt(airports, 200)
  const names = packStrings.sync(airports)
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
      name: 'quantile',
      what: '5 of 10M',
      plain: () => loops.quantiles(delay, parts),
      offloop: (options) => quantile(delay, parts, options),
      tolerance: 1e-12,
      sameBits: true,
    },
    {
      name: 'cumsum',
      what: '10M delays',
      plain: () => loops.runningSum(delay),
      offloop: (options) => cumsum(delay, options),
      tolerance: 1e-12,
      sameBits: true,
    },
    {
      name: 'histogram',
      what: `10M, ${spans} bins`,
      plain: () => loops.histogram(delay, spans, -100, 400),
      offloop: async (options) => (await histogram(delay, { ...options, bins: spans, range: [-100, 400] })).counts,
      tolerance: 0,
      sameBits: true,
    },
    {
      name: 'rfft',
      what: 'of 2^20 delays',
      plain: () => loops.spectrum(signal),
      offloop: (options) => rfft(signal, options),
      // Of sums of 2^20 numbers of about 20.
      tolerance: 1e-6,
      sameBits: false,
    },
    {
      name: 'nearest',
      what: '1024², best 5',
      plain: () => loops.best(profile, slots, bands * bands, 5),
      offloop: async (options) => (await nearest(days, days, { ...options, k: 5, metric: 'dot' })).scores,
      tolerance: (bands * bands + 2) * 2 ** -24,
      sameBits: false,
    },
    {
      name: 'kmeans',
      what: '200k, 8 groups',
      plain: () => loops.lloyd(places, columns.count, 3, groups, 10),
      async offloop(options) {
        const init = ndarray(starts, [groups, 3])
        const all = { ...options, init, maxIterations: 10, tolerance: 0 }
        return (await kmeans(ndarray(places, [columns.count, 3]), groups, all)).inertia
      },
      tolerance: 1e-9,
      sameBits: false,
    },
    {
      name: 'hash',
      what: 'CRC-32C, 80 MB',
      plain: () => loops.checksum(new Uint8Array(delay.buffer)),
      offloop: async (options) =>
        Number(`0x${await hash(new Uint8Array(delay.buffer), { ...options, algorithm: 'crc32c' })}`),
      tolerance: 0,
      sameBits: true,
    },
    {
      name: 'closest',
      what: '200 × 3,376',
      plain: () => typed.map((name) => loops.closest(name, airports)),
      offloop: async (options) => (await closest(typed, names, options)).map(([{ index }]) => index),
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
  if (ArrayBuffer.isView(result) || Array.isArray(result)) return result
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
