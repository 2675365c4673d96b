import { setImmediate as nextTurn } from 'node:timers/promises'

import { closest, levenshtein, PackedStrings, packStrings } from 'offloop'
import { describe, expect, it } from 'vitest'

import { letters, unitDistance } from '../helpers/strings.ts'

describe('packed strings', () => {
  it('say how many they are, and what they count', async () => {
    const packed = await packStrings(['a', 'b'])
    expect(packed).toBeInstanceOf(PackedStrings)
    expect({ length: packed.length, codePoints: packed.codePoints }).toEqual({ length: 2, codePoints: false })
    expect((await packStrings([], { codePoints: true })).codePoints).toBe(true)
    expect(Object.keys(packed)).toEqual(['length', 'codePoints'])
  })

  it('do not change when the list does', async () => {
    const list = ['one', 'two']
    const task = packStrings(list)
    list[0] = 'other'
    list.length = 1
    expect(await closest('one', await task)).toEqual([{ index: 0, distance: 0 }])
  })

  it('let the event loop turn while a long list is packed', async () => {
    const list = Array.from({ length: 300_000 }, (_, i) => `${i} ${i * 7919}`)
    let turns = 0
    let packing = true
    const turning = (async () => {
      while (packing) {
        await nextTurn()
        turns++
      }
    })()
    const packed = await packStrings(list)
    packing = false
    await turning
    expect(packed.length).toBe(300_000)
    expect(turns).toBeGreaterThan(2)
  })

  it('hold strings of any length, in stretches that cut no pair in two', async () => {
    const make = letters(1)
    const long = make(70_000)
    const list = [long, '', 'a', `${'x'.repeat(32_767)}😀${'y'.repeat(40_000)}`, make(40_000)]
    const units = await packStrings(list)
    expect([...(await levenshtein(long, units, { cutoff: 3 }))]).toEqual([0, 4, 4, 4, 4])
    const points = await packStrings(list, { codePoints: true })
    const [match] = await closest(`${'x'.repeat(32_767)}😁${'y'.repeat(40_000)}`, points, { cutoff: 5 })
    expect(match).toEqual({ index: 3, distance: 1 })
    expect([...(await levenshtein('ab', units))]).toEqual(list.map((string) => unitDistance('ab', string)))
  })

  it('keep every unit: lone surrogates, halves of a pair in two strings, any script, nothing', async () => {
    const list = ['', '\ud83d', '\ude00', '', 'é\0\xff', 'жук', '\udc00\ud800', '\ufffd', '\uffff', '']
    for (const codePoints of [false, true]) {
      const packed = await packStrings(list, { codePoints })
      for (const query of list) {
        const expected = list.map((string) => unitDistance(query, string))
        expect([...(await levenshtein(query, packed))], JSON.stringify(query)).toEqual(expected)
      }
    }
    expect([...(await levenshtein('x', ['', '', '']))]).toEqual([1, 1, 1])
  })

  it('are of any number of strings and units', async () => {
    const make = letters(2)
    for (const [count, length] of [
      [2047, 3],
      [2048, 20],
      [2049, 33],
      [4097, 0],
      [5, 32_768],
      [3, 32_769],
    ]) {
      const list = Array.from({ length: count }, (_, i) => make(length + (i % 2)))
      const at = count - 1
      const packed = await packStrings(list)
      expect(packed.length).toBe(count)
      const same = await levenshtein(list[at], packed, { cutoff: 0 })
      expect(same[at], `${count} of ${length}`).toBe(0)
      expect([...same]).toEqual(list.map((string) => (string === list[at] ? 0 : 1)))
    }
  })

  it('can be cancelled', async () => {
    const task = packStrings(Array.from({ length: 300_000 }, (_, i) => `${i} ${i * 7919}`))
    task.cancel()
    await expect(task).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('are refused where a string is missing, or has too many different code points', async () => {
    const call = (...args: readonly unknown[]) => (packStrings as (...args: unknown[]) => Promise<unknown>)(...args)
    await expect(call(undefined)).rejects.toThrow('Expected `list` to be an array of strings')
    await expect(call(['a', 'b', 3])).rejects.toThrow('Expected `list[2]` to be a string, got `3` (number)')
    await expect(call([undefined, 'a'])).rejects.toThrow(
      'Expected `list[0]` to be a string, got `undefined` (undefined)',
    )
    const all = Array.from({ length: 65_536 }, (_, i) => String.fromCodePoint(0x10000 + i)).join('')
    await expect(call([all], { codePoints: true })).rejects.toThrow(
      'Expected `list` to be of at most 65,535 different code points, got `65536` (number)',
    )
    const fewer = all.slice(2)
    const packed = await packStrings([fewer], { codePoints: true })
    expect([...(await levenshtein(fewer, packed))]).toEqual([0])
    expect([...(await levenshtein('zz', await packStrings(['z'], { codePoints: true })))]).toEqual([1])
  })
})
