import { describe, expect, it } from 'vitest'

import { newGrowable } from '../../src/channels/memory.ts'
import { ByPriority, Lifo } from '../../src/channels/order.ts'
import type { Order } from '../../src/channels/order.ts'
import { Store, storeWords } from '../../src/channels/store.ts'

// Threads that end in the middle of a change, at every step of it.

const controlWords = storeWords + 12

class Ended extends Error {}

/** A store whose thread can be made to end after some more changes of words. */
class Mortal extends Store {
  stepsLeft = Infinity

  override set(word: number, value: number): void {
    if (this.stepsLeft-- <= 0) throw new Ended()
    super.set(word, value)
  }
}

function open(bytes: number): Mortal {
  const { words, agents } = newGrowable(controlWords, bytes, 'a test')
  const store = new Mortal(words, controlWords, agents, 'a test')
  store.setUp(bytes)
  return store
}

/** Does a change; where the thread is to end in it, the guard is as if broken open and all else left as it is. */
function change(store: Mortal, steps: number, act: () => void): boolean {
  store.enter()
  store.stepsLeft = steps
  try {
    act()
    store.stepsLeft = Infinity
    store.commit()
    store.leave()
    return true
  } catch (error) {
    store.stepsLeft = Infinity
    if (!(error instanceof Ended)) throw error
    store.words[0] = 0
    return false
  }
}

interface Item {
  readonly id: number
  readonly priority: number
}

const orders: Record<string, [make: (store: Store) => Order, next: (items: Item[]) => number]> = {
  Lifo: [(store) => new Lifo(store, storeWords), (items) => items.length - 1],
  ByPriority: [
    (store) => new ByPriority(store, storeWords),
    (items) => items.findIndex(({ priority }) => priority === Math.min(...items.map((item) => item.priority))),
  ],
}

describe.each(Object.keys(orders))('%s', (name) => {
  it('is as before, or as after, wherever a thread ends', () => {
    const [make, next] = orders[name]
    const store = open(2 ** 18)
    const order = make(store)
    const model: Item[] = []
    let ended = 0
    for (let id = 0; id < 2500; id++) {
      const isPush = model.length === 0 || (model.length < 100 && Math.random() < 0.52)
      const steps = Math.random() < 0.6 ? Math.floor(Math.random() * 14) : Infinity
      const item = { id, priority: Math.floor(Math.random() * 10) }
      const isDone = change(store, steps, () => {
        if (isPush) {
          const record = store.allocate((order.header + 1) * 4 + (id % 7) * 40)
          expect(record).not.toBe(0)
          store.words[record + order.header] = id
          order.push(record, item.priority)
        } else {
          const record = order.first()
          expect(store.words[record + order.header]).toBe(model[next(model)].id)
          order.pop()
          store.free(record)
        }
      })
      if (!isDone) ended++
      else if (isPush) model.push(item)
      else model.splice(next(model), 1)
    }
    expect(ended).toBeGreaterThan(200)
    while (model.length > 0) {
      change(store, Infinity, () => {
        const record = order.first()
        expect(store.words[record + order.header]).toBe(model.splice(next(model), 1)[0].id)
        order.pop()
        store.free(record)
      })
    }
    expect(order.first()).toBe(0)
  })
})

describe('records', () => {
  it('do not overlap, have the size that was asked for, and are used again', () => {
    const store = open(2 ** 20)
    const records = new Map<number, { bytes: number; mark: number }>()
    for (let round = 0; round < 1500; round++) {
      change(store, Infinity, () => {
        const bytes = Math.floor(16 * 2 ** (Math.random() * 9))
        const record = store.allocate(bytes)
        if (record === 0 || records.size > 40) {
          const [first, { bytes: size, mark }] = [...records][Math.floor(Math.random() * records.size)]
          expect(store.bytes.subarray(first * 4 + 8, first * 4 + size).every((byte) => byte === mark)).toBe(true)
          records.delete(first)
          store.free(first)
          if (record !== 0) store.free(record)
          return
        }
        expect(record % 2).toBe(0)
        store.bytes.fill(round % 251, record * 4 + 8, record * 4 + bytes)
        records.set(record, { bytes, mark: round % 251 })
      })
    }
    expect(records.size).toBeGreaterThan(10)
  })

  it('fit when they are alone, up to the limit', () => {
    const store = open(2 ** 16)
    expect([store.mostBytes, store.canHold(2 ** 16), store.canHold(2 ** 16 + 1)]).toEqual([2 ** 16, true, false])
    for (const bytes of [40, 2 ** 16, 1000, 2 ** 15, 2 ** 16]) {
      change(store, Infinity, () => {
        let record = store.allocate(bytes)
        if (record === 0) {
          store.clear()
          record = store.allocate(bytes)
        }
        expect(record).not.toBe(0)
        expect(store.bytes.length).toBeGreaterThanOrEqual(record * 4 + bytes)
        store.free(record)
      })
    }
  })
})
