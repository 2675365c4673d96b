import { describe, expect, it } from 'vitest'

import { ended, nothing } from '../../src/channels/messages.ts'
import { newRing, Ring, ringList } from '../../src/channels/ring.ts'
import { open, pack } from '../../src/channels/value.ts'
import { WaitList } from '../../src/sync/wait-list.ts'
import type { Shared } from '../../src/sync/shared-words.ts'

// A ring of messages beside a plain list of them, and threads that ended inside.

const unlimited = 2 ** 31 - 1
/** Words of the ring, as ring.ts has them. */
const at = { back: 16, tail: 17, puts: 18, noteTail: 19, notePuts: 20, front: 32, head: 33, gots: 34 } as const
/** An agent that never lived: whatever it holds is abandoned. */
const dead = 12345

function openRing({ words, agents }: Shared): Ring {
  return new Ring(words, agents, new WaitList(words, ringList, agents))
}

function push(ring: Ring, value: unknown): boolean {
  return typeof value === 'number' && value % 2 === 0 ? ring.pushNumber(value) : ring.push(pack(value), 0, false)
}

function pop(ring: Ring): unknown {
  return open(ring.pop())
}

/** Numbers below `n`, the same in each run. */
function below(): (n: number) => number {
  let state = 1
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
}

const makers: readonly ((i: number, n: number) => unknown)[] = [
  (i) => i,
  (i) => i + 0.5,
  (i, n) => `text ${i} `.repeat(n % 90),
  (i, n) => `ö${i}✓`.repeat(n % 60),
  (i, n) => Float64Array.from({ length: n % 300 }, (_, k) => i + k),
  (i, n) => Uint8Array.from({ length: n % 1000 }, (_, k) => i + k),
  (i) => ({ i, list: [i, null, 'x'] }),
  () => undefined,
]

describe('a ring', () => {
  it.each([
    { name: 'without a limit', capacity: unlimited, bytes: 2 ** 22 },
    { name: 'of few messages', capacity: 5, bytes: 2 ** 20 },
    { name: 'of few bytes', capacity: unlimited, bytes: 9000 },
  ])('$name gives back what was put, in its order, as it goes round and grows', ({ capacity, bytes }) => {
    const shared = newRing(capacity, bytes)
    // Two threads: each follows what the other does to the size.
    const [there, here] = [openRing(shared), openRing(shared)]
    const next = below()
    const list: unknown[] = []
    let refused = 0
    for (let i = 0; i < 6000; i++) {
      // Now more are put, now more are taken.
      if (next(10) < (i % 1000 < 500 ? 6 : 4)) {
        const value = makers[next(makers.length)](i, next(1000))
        if (push(there, value)) list.push(value)
        else refused++
      } else {
        expect(pop(here)).toEqual(list.length === 0 ? nothing : list.shift())
      }
      expect(here.size).toBe(list.length)
    }
    expect(refused > 0).toBe(capacity !== unlimited || bytes < 10_000)
    there.close()
    expect(() => push(here, 1)).toThrow('closed')
    while (list.length > 0) expect(pop(here)).toEqual(list.shift())
    expect(here.pop()).toBe(ended)
  })

  it('counts places past 2^32 and 2^31', () => {
    for (const start of [2 ** 31 - 40, -40]) {
      const shared = newRing(unlimited, 2 ** 16)
      for (const word of [at.tail, at.noteTail, 21, at.head, 35, 37]) shared.words[word] = start
      const ring = openRing(shared)
      const sent = Array.from({ length: 3000 }, (_, i) => (i % 3 === 0 ? `number ${i}` : i))
      const got: unknown[] = []
      for (const [i, value] of sent.entries()) {
        expect(push(ring, value)).toBe(true)
        if (i % 4 === 3) got.push(pop(ring), pop(ring), pop(ring))
      }
      while (ring.size > 0) got.push(pop(ring))
      expect(got).toEqual(sent)
    }
  })

  it('holds a message of all its bytes, wherever it starts', () => {
    const ring = openRing(newRing(unlimited, 2 ** 13))
    const all = new Uint8Array(2 ** 13 - 8).map((_, i) => i * 7)
    for (let i = 0; i < 50; i++) {
      push(ring, i)
      expect(pop(ring)).toBe(i)
      expect(push(ring, all)).toBe(true)
      expect(push(ring, 0)).toBe(false)
      expect(pop(ring)).toEqual(all)
    }
    expect(ring.canHold(pack(new Uint8Array(2 ** 13 - 7)))).toBe(false)
  })
})

describe('a thread that ends', () => {
  it.each([
    { name: 'before its message counts', steps: ['notePuts', 'noteTail', 'puts'] as const, isThere: false },
    { name: 'once it counts', steps: ['notePuts', 'noteTail', 'puts', 'tail'] as const, isThere: true },
  ])('while it puts, $name, leaves the size right', ({ steps, isThere }) => {
    for (let done = isThere ? steps.length : 0; done <= steps.length; done++) {
      const shared = newRing(unlimited, 2 ** 16)
      const { words } = shared
      const ring = openRing(shared)
      push(ring, 2)
      push(ring, 4)
      pop(ring)
      const before = Int32Array.from(words)
      push(ring, 6)
      const after = Int32Array.from(words)
      // Back to where only the first of its steps were made.
      for (const step of ['notePuts', 'noteTail', 'puts', 'tail'] as const) words[at[step]] = before[at[step]]
      for (const step of steps.slice(0, done)) words[at[step]] = after[at[step]]
      words[at.back] = dead
      ring.mend()
      expect(ring.size).toBe(isThere ? 2 : 1)
      push(ring, 8)
      expect([pop(ring), ...(isThere ? [pop(ring)] : []), pop(ring), pop(ring)]).toEqual(
        isThere ? [4, 6, 8, nothing] : [4, 8, nothing],
      )
      expect([ring.size, ring.unfinished]).toEqual([0, isThere ? 4 : 3])
    }
  })

  it('while it gets leaves the size right, before its message is gone and after', () => {
    const [noteHead, noteGots] = [35, 36]
    for (let done = 0; done <= 4; done++) {
      const shared = newRing(unlimited, 2 ** 16)
      const { words } = shared
      const ring = openRing(shared)
      for (const value of [2, 4, 6]) push(ring, value)
      pop(ring)
      const before = Int32Array.from(words)
      pop(ring)
      const after = Int32Array.from(words)
      const steps = [noteHead, noteGots, at.head, at.gots]
      for (const word of steps) words[word] = before[word]
      for (const word of steps.slice(0, done)) words[word] = after[word]
      words[at.front] = dead
      const isGone = done >= 3
      expect([pop(ring), ring.size]).toEqual(isGone ? [6, 0] : [4, 1])
    }
  })

  it('before it got anything leaves an empty ring', () => {
    const shared = newRing(unlimited, 2 ** 16)
    shared.words[at.front] = dead
    shared.words[at.back] = dead
    const ring = openRing(shared)
    expect([pop(ring), ring.size]).toEqual([nothing, 0])
    push(ring, 2)
    expect([ring.size, pop(ring), ring.size]).toEqual([1, 2, 0])
  })
})
