import { asCompleted, delay } from 'offloop'
import { describe, expect, it } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

describe('asCompleted', () => {
  it('gives each as it completes, with its place, what was given, and its outcome', async () => {
    const parts = [deferred<string>(), deferred<string>(), deferred<string>()]
    const promises = parts.map(({ promise }) => promise)
    const error = new Error('of one')
    const seen: unknown[] = []
    const order = [2, 0, 1]
    parts[2].resolve('c')
    for await (const t of asCompleted(promises)) {
      expect(t).toBeInstanceOf(Promise)
      expect(t.task).toBe(promises[t.index])
      // JavaScript may wait for it.
      const promise = t as unknown as Promise<string>
      if (t.status === 'fulfilled') seen.push([t.index, t.value, t.result(), await promise])
      else {
        expect(() => t.result()).toThrow(error)
        seen.push([t.index, t.reason, t.reason, await reasonOf(promise)])
      }
      const next = order[seen.length]
      if (next === 0) parts[0].reject(error)
      if (next === 1) parts[1].resolve('b')
    }
    expect(seen).toEqual([
      [2, 'c', 'c', 'c'],
      [0, error, error, error],
      [1, 'b', 'b', 'b'],
    ])
  })

  it('takes Tasks, values, functions, sources, and nothing', async () => {
    async function* source() {
      yield () => 'called'
      yield 'there'
    }
    const values = async (items: Parameters<typeof asCompleted>[0]) => {
      const all: unknown[] = []
      for await (const t of asCompleted(items)) all.push(t.result())
      return all.toSorted()
    }
    expect(await values([delay(1, { value: 1 }), 2, () => 3])).toEqual([1, 2, 3])
    expect(await values(source())).toEqual(['called', 'there'])
    expect(await values([])).toEqual([])
  })

  it('begins at the call, and no more than the limit; what is not taken counts', async () => {
    const gates = Array.from({ length: 5 }, () => deferred())
    let begun = 0
    const iterator = asCompleted(
      gates.map(({ promise }) => () => {
        begun++
        return promise
      }),
      { limit: 2 },
    )
    expect(begun).toBe(2)
    gates[1].resolve(undefined)
    await settle()
    expect(begun).toBe(2)
    const first = await iterator.next()
    expect(first.value?.index).toBe(1)
    expect(begun).toBe(3)
    await iterator.return()
  })

  it('cancels the rest when the loop is left, or leaves it', async () => {
    const run = async (cancelRest?: boolean) => {
      const task = delay(1e9, { ref: false })
      let aborted = false
      const items = [1, task, (signal: AbortSignal) => signal.addEventListener('abort', () => (aborted = true))]
      for await (const t of asCompleted(items, { cancelRest })) if (t.index === 0) break
      return [task.status, aborted]
    }
    expect(await run()).toEqual(['cancelled', true])
    expect(await run(true)).toEqual(['cancelled', true])
    expect(await run(false)).toEqual(['running', false])
  })

  it('throws the reason of its signal, its timeout and its source, and cancels the rest', async () => {
    const controller = new AbortController()
    const task = delay(1e9)
    const iterator = asCompleted([task, untilAborted, 1], { signal: controller.signal })
    expect((await iterator.next()).value?.index).toBe(2)
    const waiting = [iterator.next(), iterator.next()]
    controller.abort('enough')
    expect(await reasonOf(waiting[0])).toBe('enough')
    expect(await waiting[1]).toEqual({ done: true, value: undefined })
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    expect(await reasonOf(task)).toBe('enough')
    expect(listeners(controller.signal)).toBe(0)

    expect(await reasonOf(asCompleted([untilAborted], { timeout: 1 }).next())).toMatchObject({ name: 'TimeoutError' })
    const error = new Error('of the source')
    const broken = {
      [Symbol.iterator]: () => ({
        next() {
          throw error
        },
      }),
    }
    expect(await reasonOf(asCompleted(broken).next())).toBe(error)
    expect(await reasonOf(asCompleted([1], { signal: AbortSignal.abort('before') }).next())).toBe('before')
  })

  it('leaves nothing behind when nobody looks at it', async () => {
    const { signal } = new AbortController()
    asCompleted([Promise.reject(new Error('nobody looks')), 1], { signal, timeout: 1e9 })
    await settle()
    expect(listeners(signal)).toBe(0)
    const iterator = asCompleted([delay(1e9)], { signal })
    await iterator[Symbol.asyncDispose]()
    expect(listeners(signal)).toBe(0)
  })

  it('refuses misuse by rejecting', async () => {
    for (const bad of [5, undefined, 'abc']) {
      expect(await reasonOf(asCompleted(bad as never).next())).toBeInstanceOf(TypeError)
    }
    expect(await reasonOf(asCompleted([], { limit: -1 }).next())).toBeInstanceOf(RangeError)
    expect(await reasonOf(asCompleted([], { cancelRest: 'x' as never }).next())).toBeInstanceOf(TypeError)
  })
})
