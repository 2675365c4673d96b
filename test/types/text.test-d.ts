import { describe, expectTypeOf, it } from 'vitest'

import { closest, levenshtein, packStrings } from 'offloop'
import type { Match, PackedStrings, Task } from 'offloop'

declare const list: readonly string[]

describe('text', () => {
  it('gives distances and matches', () => {
    expectTypeOf(levenshtein('a', list)).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(levenshtein.sync('a', packStrings.sync(list), { cutoff: 2 })).toEqualTypeOf<Uint32Array>()
    expectTypeOf(levenshtein('a', packStrings(list))).toEqualTypeOf<Task<Uint32Array>>()
    expectTypeOf(closest('a', list)).toEqualTypeOf<Task<Match[]>>()
    expectTypeOf(closest(['a'], list, { k: 3 })).toEqualTypeOf<Task<Match[][]>>()
    expectTypeOf(packStrings(list)).toEqualTypeOf<Task<PackedStrings>>()
  })

  it('takes strings alone', () => {
    // @ts-expect-error a number is not a string
    void levenshtein(5, list)
    // @ts-expect-error a list of numbers
    void closest('a', [1, 2])
    // @ts-expect-error k is a number
    void closest('a', list, { k: '3' })
  })
})
