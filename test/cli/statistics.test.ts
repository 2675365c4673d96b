import { createRequire } from 'node:module'
import * as path from 'node:path'

import { describe, expect, it } from 'vitest'

import type * as StatisticsModule from '../../src/cli/bench/statistics.ts'
import { root } from '../helpers/child.ts'

const { holm, mannWhitney, median, medianError, quantile } = createRequire(path.join(root, 'package.json'))(
  './dist/cli/bench/statistics.js',
) as typeof StatisticsModule

const range = (from: number, length: number): number[] => Array.from({ length }, (_, i) => from + i)

/** By the definition: of all ways to deal the values out, how many have a U as far from the middle, or farther. */
function byEnumeration(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b]
  const uOf = (mine: readonly number[], others: readonly number[]): number =>
    mine.reduce((sum, x) => sum + others.filter((y) => y < x).length, 0)
  const middle = (a.length * b.length) / 2
  const seen = Math.abs(uOf(a, b) - middle)
  let [extreme, total] = [0, 0]
  for (let bits = 0; bits < 2 ** all.length; bits++) {
    const mine = all.filter((_, i) => (bits >> i) % 2 === 1)
    if (mine.length !== a.length) continue
    total++
    const u = uOf(
      mine,
      all.filter((_, i) => (bits >> i) % 2 === 0),
    )
    if (Math.abs(u - middle) >= seen) extreme++
  }
  return extreme / total
}

describe('the U test of Mann and Whitney', () => {
  it.each([
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [1, 4, 5],
      [2, 3, 6, 7],
    ],
    [
      [1, 2, 4, 8],
      [3, 5, 6, 7, 9],
    ],
    [[10], [1, 2, 3, 4]],
  ])('is exact for few samples: %j and %j', (a, b) => {
    expect(mannWhitney(a, b)).toBeCloseTo(byEnumeration(a, b), 12)
    expect(mannWhitney(b, a)).toBeCloseTo(byEnumeration(a, b), 12)
  })

  // Table of critical values: U = 23 at 10 and 10 samples is the last that is significant at 0.05, two-sided.
  it('agrees with the table of critical values', () => {
    const shifted = (u: number): number => {
      // 10 values, of which the first set wins u comparisons.
      const b = range(0, 10)
      const a = range(0, 10).map((_, i) => {
        const wins = Math.min(10, Math.max(0, u - 10 * i))
        return wins - 0.5 + i / 100
      })
      return mannWhitney(a, b)
    }
    expect(shifted(23)).toBeLessThan(0.05)
    expect(shifted(24)).toBeGreaterThan(0.05)
  })

  it('goes over to the normal approximation without a jump', () => {
    const chance = (n: number): number =>
      mannWhitney(
        range(0, n),
        range(5, n).map((x) => x + 0.5),
      )
    expect(Math.abs(chance(20) - chance(21))).toBeLessThan(0.02)
  })

  it('finds nothing between equal samples, or none', () => {
    expect(mannWhitney([1, 1, 1, 1], [1, 1, 1])).toBe(1)
    expect(mannWhitney(range(0, 50), range(0, 50))).toBeCloseTo(1, 6)
    expect(mannWhitney([], [1])).toBe(1)
  })
})

describe('other statistics', () => {
  it('corrects for many tests as Holm does', () => {
    // The example of his paper's method by hand: 4 · 0.005, 3 · 0.01, 2 · 0.03, and never less than the one before.
    const adjusted = holm([0.01, 0.04, 0.03, 0.005])
    ;[0.03, 0.06, 0.06, 0.02].forEach((value, i) => expect(adjusted[i]).toBeCloseTo(value, 12))
  })

  it('takes quantiles between neighbours', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2.5)
    expect(quantile([0, 10], 0.25)).toBe(2.5)
  })

  it('knows nothing of a median from five samples', () => {
    expect(medianError(range(1, 5))).toBe(Infinity)
    expect(medianError(range(1, 6))).toBeLessThan(Infinity)
  })
})
