import { primes } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'

/** The sieve of Eratosthenes as it is told. */
function define(limit: number): number[] {
  const composite = new Uint8Array(Math.max(limit, 2))
  const found: number[] = []
  for (let i = 2; i < limit; i++) {
    if (composite[i] === 1) continue
    found.push(i)
    for (let multiple = i * i; multiple < limit; multiple += i) composite[multiple] = 1
  }
  return found
}

const below = (limit: number) => ({ name: `below ${limit}`, args: () => [limit], expected: { values: define(limit) } })

describe('primes', () => {
  it('are right for every small limit', async () => {
    const all = define(1000)
    for (let limit = 0; limit < 1000; limit++) {
      expect([...primes.sync(limit)], `${limit}`).toEqual(all.filter((prime) => prime < limit))
    }
  })

  it('are right around segments, patterns and squares, on every lane', async () => {
    const limits = [8, 30, 31, 49, 50, 121, 122, 289, 290, 361, 362, 65535, 65536, 65537, 65538, 510_511]
    const segments = [30 * 32768 - 1, 30 * 32768, 30 * 32768 + 8, 2 * 30 * 32768 + 2, 3_000_017]
    await checkKernel(primes, [...limits, ...segments].map(below))
  })

  it('are as many as have been counted before', async () => {
    // OEIS A006880, and the last ones before the powers of ten.
    for (const [limit, count, last] of [
      [1e6, 78_498, 999_983],
      [1e7, 664_579, 9_999_991],
      [1e8, 5_761_455, 99_999_989],
      [6e8, 31_324_703, 599_999_971],
    ]) {
      const found = await primes(limit)
      expect(found.length).toBe(count)
      expect(found[count - 1]).toBe(last)
    }
  })

  it('refuse limits that are none, in words', async () => {
    const what = 'Expected `limit` to be an integer from 0 to 4294967296, got'
    for (const limit of [-1, 1.5, NaN, 2 ** 33])
      await expect(primes(limit)).rejects.toThrow(`${what} \`${limit}\` (number)`)
    await expect(primes('7' as never)).rejects.toThrow(TypeError)
    expect(() => primes.sync(undefined as never)).toThrow(`${what} \`undefined\` (undefined)`)
  })
})
