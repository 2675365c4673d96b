import { checkInteger } from '../check.ts'
import { defineKernel } from '../kernel.ts'
import type { TaskOptions } from '../options.ts'
import { viewOf } from '../plan.ts'
import type { Planned } from '../plan.ts'
import type { Task } from '../pool/task.ts'
import { run } from '../steps.ts'
import type { Steps } from '../steps.ts'
import { newArray } from '../typed-array.ts'
import type { TypedArray } from '../types.ts'

/** The type of {@link primes}. */
export interface Primes {
  (limit: number, options?: TaskOptions): Task<Uint32Array>
  /** The same on the calling thread. */
  sync(limit: number, options?: TaskOptions): Uint32Array
}

/**
 * The primes below `limit`, in ascending order. A segmented sieve of Eratosthenes (Bays and Hudson 1977) on a wheel of
 * 30 (Pritchard 1982), a bit for each number that 2, 3 and 5 do not divide: n log log n steps, limit / 30 bytes of
 * working memory. Segments go to all threads; then they are written, each to the place that the counts before it give.
 *
 * @param limit An integer from 0 to 2^32.
 * @returns Uint32Array.
 * @throws TypeError or RangeError for a limit that is not as described; ERR_OFFLOOP_MEMORY.
 * @example await primes(12) // [2, 3, 5, 7, 11]
 * @function
 */
export const primes: Primes = defineKernel({ name: 'primes', arity: 1, plan: ([limit]) => steps(limit) })

/** Numbers of a period of the wheel. */
const wheel = 30
/** What the pattern has crossed out already. */
const patterned = [7, 11, 13, 17]

function* steps(value: unknown): Steps<Uint32Array> {
  const limit = checkInteger('limit', value, 0, 2 ** 32)
  const first = Uint32Array.from([2, 3, 5].filter((prime) => prime < limit))
  if (limit <= 7) return first
  const bytes = Math.ceil(limit / wheel)
  // Small segments stay in the first-level cache; large ones spare the many primes of large limits their starts.
  const segment = limit > 2 ** 29 ? 2 ** 18 : 2 ** 15
  const map = newArray('uint8', bytes, 'primes')
  const counts = newArray('float64', Math.ceil(bytes / segment), 'primes') as Float64Array
  yield* run(planSieve(limit, segment, map, counts))
  const starts = new Float64Array(counts.length + 1)
  starts[0] = first.length
  counts.forEach((count, i) => (starts[i + 1] = starts[i] + count))
  const result = newArray('uint32', starts[counts.length], 'primes') as Uint32Array
  yield* run(planWrite(limit, segment, map, starts, result))
  result.set(first)
  return result
}

function planSieve(limit: number, segment: number, map: TypedArray, counts: Float64Array): Planned<undefined> {
  const base = basePrimes(Math.floor(Math.sqrt(limit)))
  const pattern = limit > 2 ** 16 ? longPattern() : shortPattern
  const more = pattern === shortPattern ? patterned : []
  const primesOfBase = Uint32Array.from([...more, ...base])
  return {
    plan: {
      kernel: 'primes',
      inputs: [viewOf(primesOfBase, 'uint32', [primesOfBase.length]), viewOf(pattern, 'uint8', [pattern.length])],
      outputs: [viewOf(map, 'uint8', [map.length]), viewOf(counts, 'float64', [counts.length])],
      scalars: [0, limit, segment],
      freshOutputs: true,
      cost: 500 + limit * 0.12,
    },
    part: [0, 0.7],
    value: () => undefined,
  }
}

function planWrite(
  limit: number,
  segment: number,
  map: TypedArray,
  starts: Float64Array,
  result: Uint32Array,
): Planned<undefined> {
  return {
    plan: {
      kernel: 'primes',
      inputs: [viewOf(map, 'uint8', [map.length]), viewOf(starts, 'float64', [starts.length])],
      outputs: [viewOf(result, 'uint32', [result.length])],
      scalars: [1, limit, segment],
      freshOutputs: true,
      cost: 500 + limit * 0.04,
    },
    part: [0.7, 1],
    value: () => undefined,
  }
}

/** The primes from 19 up to `root`, of which there are at most 6,535. */
function basePrimes(root: number): number[] {
  const composite = new Uint8Array(root + 1)
  const found: number[] = []
  for (let i = 3; i <= root; i += 2) {
    if (composite[i] === 1) continue
    if (i > 17) found.push(i)
    for (let multiple = i * i; multiple <= root; multiple += 2 * i) composite[multiple] = 1
  }
  return found
}

/** For small limits, where nothing but the wheel is crossed out beforehand. */
const shortPattern = new Uint8Array(1).fill(255)
let pattern: Uint8Array | undefined

/** The numbers on the wheel that none of 7, 11, 13 and 17 divides, for a period of all four. */
function longPattern(): Uint8Array {
  if (pattern !== undefined) return pattern
  const period = patterned.reduce((product, prime) => product * prime, 1)
  const map = new Uint8Array(period).fill(255)
  const residues = [1, 7, 11, 13, 17, 19, 23, 29]
  for (const prime of patterned) {
    for (let cofactor = 1; cofactor < wheel * period; cofactor += 2) {
      const number = prime * cofactor
      if (number >= wheel * period) break
      const bit = residues.indexOf(number % wheel)
      if (bit >= 0) map[Math.floor(number / wheel)] &= ~(1 << bit)
    }
  }
  pattern = map
  return map
}
