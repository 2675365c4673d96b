import { levenshtein, ndarray, packStrings } from 'offloop'
import { describe, expect, it } from 'vitest'

import { checkKernel } from '../helpers/lanes.ts'
import type { Case } from '../helpers/lanes.ts'
import { letters, pointDistance, unitDistance } from '../helpers/strings.ts'

function distances(query: string, list: readonly string[], options: object = {}, define = unitDistance): Case {
  const { cutoff = Infinity } = options as { cutoff?: number }
  return {
    name: `${query.length} units against ${list.length} strings ${JSON.stringify(options)}`,
    args: () => [query, list],
    options: () => options,
    expected: { values: list.map((string) => Math.min(define(query, string), cutoff + 1)) },
  }
}

/** Around the widths of words and vectors, and where short strings end. */
const lengths = [0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129] as const

describe('edit distances', () => {
  it('are those of published examples', async () => {
    const list = ['sitting', 'kitten', '', 'kitchen', 'mitten']
    expect([...(await levenshtein('kitten', list))]).toEqual([3, 0, 6, 2, 1])
    expect([...levenshtein.sync('Saturday', ['Sunday', 'Saturday'])]).toEqual([3, 0])
    expect([...levenshtein.sync('rosettacode', ['raisethysword'])]).toEqual([8])
  })

  it('are right for queries and strings of every length around words and vectors', async () => {
    const make = letters(1)
    const list = [...lengths, 253, 254, 255, 256, 257, 300].map((length) => make(length))
    await checkKernel(
      levenshtein,
      lengths.map((length) => distances(make(length), list)),
    )
  })

  it('are right for lists of every length around groups and blocks', async () => {
    const make = letters(2)
    const list = Array.from({ length: 2100 }, (_, i) => make((i * 7) % 23))
    await checkKernel(
      levenshtein,
      [0, 1, 2, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 2049, 2100].map((count) =>
        distances('abcdefgha', list.slice(0, count)),
      ),
    )
  })

  it('are right for long queries and strings', async () => {
    const make = letters(3)
    const list = [make(1500), make(2), '', make(1024), make(255), make(256), make(700)]
    await checkKernel(levenshtein, [distances(make(1024), list), distances(make(1025), list), distances('abc', list)])
  })

  it('are right where every unit differs, and where one is repeated', async () => {
    const all = Array.from({ length: 300 }, (_, i) => String.fromCharCode(200 * i)).join('')
    await checkKernel(levenshtein, [
      distances(all, [all, all.slice(1), 'x'.repeat(300), '']),
      distances('x'.repeat(40), ['x'.repeat(39), 'y'.repeat(40), 'xy'.repeat(30)]),
      distances('\0\uffff', ['\0', '\uffff', '\uffff\0', '\0\0\uffff\uffff']),
    ])
  })

  it('stop at the cutoff', async () => {
    const make = letters(4)
    const list = Array.from({ length: 500 }, (_, i) => make(i % 40))
    for (const query of [make(12), make(50), make(70)]) {
      await checkKernel(
        levenshtein,
        [0, 1, 5, 39, 1e9].map((cutoff) => distances(query, list, { cutoff })),
      )
    }
    expect([...levenshtein.sync('kitten', ['sitting', 'mitten'], { cutoff: Infinity })]).toEqual([3, 1])
  })

  it('count code units, or code points on request', async () => {
    const list = ['😀', '😀😁', 'a😀b', '', '\ud83d', '\ude00\ud83d', 'é', 'é']
    const queries = ['😁', 'a😁b', '\ud83d', 'é', 'ab']
    await checkKernel(levenshtein, [
      ...queries.map((query) => distances(query, list)),
      ...queries.map((query) => distances(query, list, { codePoints: true }, pointDistance)),
    ])
    expect([...levenshtein.sync('😀', ['x'])]).toEqual([2])
    expect([...levenshtein.sync('😀', ['x'], { codePoints: true })]).toEqual([1])
  })

  it('go to `out`, with gaps as well', async () => {
    const out = new Uint32Array(3)
    expect(await levenshtein('ab', ['ab', 'b', ''], { out })).toBe(out)
    expect([...out]).toEqual([0, 1, 2])
    const gaps = ndarray(new Uint32Array(9).fill(7), [3], [3], 1)
    expect(await levenshtein('ab', ['ab', 'b', ''], { out: gaps })).toBe(gaps)
    expect([...gaps.data]).toEqual([7, 0, 7, 7, 1, 7, 7, 2, 7])
  })

  it('take a packed list, and one that is still being packed', async () => {
    const list = ['one', 'two', 'three']
    const packed = await packStrings(list)
    expect(await levenshtein('tree', packed)).toEqual(await levenshtein('tree', list))
    expect(await levenshtein('tree', packStrings(list))).toEqual(await levenshtein('tree', list))
    expect(levenshtein.sync('tree', packed)).toEqual(levenshtein.sync('tree', list))
  })

  it('can be cancelled in the middle of two long strings', async () => {
    const make = letters(5)
    const task = levenshtein(make(200_000), [make(400_000)], { backend: 'native' })
    setTimeout(() => task.cancel(), 20)
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('are refused for what is not strings', async () => {
    const call = (...args: readonly unknown[]) => (levenshtein as (...args: unknown[]) => Promise<unknown>)(...args)
    await expect(call(5, [])).rejects.toThrow('Expected `query` to be a string, got `5` (number)')
    await expect(call('a', 'b')).rejects.toThrow(
      "Expected `list` to be an array of strings, or what packStrings() gave, got `'b'` (string)",
    )
    await expect(call('a', ['b', null])).rejects.toThrow('Expected `list[1]` to be a string, got `null` (null)')
    await expect(call('a', ['b'], { cutoff: -1 })).rejects.toThrow(
      'Expected `cutoff` to be an integer from 0 to 4294967294, got `-1` (number)',
    )
    await expect(call('a', ['b'], { cutoff: '1' })).rejects.toThrow(TypeError)
    await expect(call('a', ['b'], { codePoints: 1 })).rejects.toThrow(
      'Expected `codePoints` to be a boolean, got `1` (number)',
    )
    const packed = await packStrings(['b'])
    await expect(call('a', packed, { codePoints: true })).rejects.toThrow(
      'Expected `codePoints` to be false, as the list was packed, got `true` (boolean)',
    )
    await expect(call('a', ['b'], { out: new Uint32Array(2) })).rejects.toThrow(
      'Expected `out.length` to be 1, as the result has, got `2` (number)',
    )
    expect(() => levenshtein.sync('a', packStrings(['b']))).toThrow(TypeError)
  })
})
