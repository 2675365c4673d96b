import { closest, packStrings } from 'offloop'
import type { Match } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { letters, unitDistance } from '../helpers/strings.ts'

function nearest(query: string, list: readonly string[], k: number, cutoff = Infinity): Match[] {
  return list
    .map((string, index) => ({ index, distance: unitDistance(query, string) }))
    .filter(({ distance }) => distance <= cutoff)
    .toSorted((a, b) => a.distance - b.distance || a.index - b.index)
    .slice(0, k)
}

function matches(queries: readonly string[], list: readonly string[], k: number, cutoff?: number): Case {
  const expected = queries.flatMap((query) => nearest(query, list, k, cutoff))
  return {
    name: `${queries.length} queries, ${list.length} strings, k ${k}, cutoff ${cutoff}`,
    args: () => [queries, list],
    options: () => ({ k, cutoff }),
    expected: { values: expected.flatMap(({ index, distance }) => [index, distance]) },
  }
}

describe('the closest strings', () => {
  it('come nearest first, then in the order of the list', async () => {
    const list = ['hello', 'help', 'yellow', 'hallo', 'hello']
    expect(await closest('hello', list, { k: 3 })).toEqual([
      { index: 0, distance: 0 },
      { index: 4, distance: 0 },
      { index: 3, distance: 1 },
    ])
    expect(await closest('helo', list)).toEqual([{ index: 0, distance: 1 }])
    expect(closest.sync(['hallo', 'yello'], list)).toEqual([[{ index: 3, distance: 0 }], [{ index: 0, distance: 1 }]])
  })

  it('are right for any number of queries, strings and results', async () => {
    const make = letters(1)
    const list = Array.from({ length: 2500 }, (_, i) => make(i % 500 === 3 ? 300 : (i * 7) % 20))
    const queries = Array.from({ length: 40 }, (_, i) => make((i * 5) % 37))
    await checkKernel(closest, [
      matches(queries.slice(0, 1), list, 1),
      matches(queries.slice(0, 15), list, 3),
      matches(queries.slice(0, 16), list, 2500),
      matches(queries.slice(0, 17), list.slice(0, 33), 40),
      matches(queries, list.slice(0, 1100), 10, 4),
      matches(['', ''], list.slice(0, 50), 5),
    ])
  })

  it('are fewer where the list is short or the cutoff near', async () => {
    expect(await closest('abc', ['abd', 'xyz'], { k: 10, cutoff: 1 })).toEqual([{ index: 0, distance: 1 }])
    expect(await closest('abc', ['xyz'], { cutoff: 0 })).toEqual([])
    expect(await closest('abc', [], { k: 5 })).toEqual([])
    expect(await closest([], ['abc'])).toEqual([])
    expect(await closest(['a', 'b'], [])).toEqual([[], []])
  })

  it('are the same from a packed list', async () => {
    const list = ['naïve', 'native', '😀', '😁x']
    const packed = await packStrings(list, { codePoints: true })
    expect(await closest('😁', packed, { k: 2 })).toEqual([
      { index: 2, distance: 1 },
      { index: 3, distance: 1 },
    ])
    expect(await closest(['naive'], list, { k: 1 })).toEqual([[{ index: 0, distance: 1 }]])
  })

  it('are refused for what is not strings', async () => {
    const call = (...args: readonly unknown[]) => (closest as (...args: unknown[]) => Promise<unknown>)(...args)
    await expect(call(5, [])).rejects.toThrow(
      'Expected `queries` to be a string or an array of strings, got `5` (number)',
    )
    await expect(call(['a', 5], [])).rejects.toThrow('Expected `queries[1]` to be a string, got `5` (number)')
    await expect(call('a', ['b'], { k: 0 })).rejects.toThrow(
      'Expected `k` to be an integer from 1 and up, got `0` (number)',
    )
  })
})
