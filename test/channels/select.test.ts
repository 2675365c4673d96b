import { Channel, Pool, select } from 'offloop'
import type * as offloop from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

const pool = new Pool({ workers: 2, backend: 'worker' })
afterAll(() => pool.close())

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const channels = (count: number, capacity = 0): Channel<number>[] =>
  Array.from({ length: count }, () => new Channel<number>(capacity))

describe('select', () => {
  it('receives from the channel that has something', async () => {
    const [a, b] = channels(2, 1)
    await b.send(7)
    expect(await select([a.receiving(), b.receiving()])).toEqual({ index: 1, value: 7, done: false })
  })

  it('waits for the first that can happen, and then leaves the others', async () => {
    const [a, b] = channels(2)
    const chosen = select([a.receiving(), b.sending(5)])
    await turn()
    expect(await b.receive()).toBe(5)
    expect(await chosen).toEqual({ index: 1, value: undefined, done: false })
    expect(a.trySend(1)).toBe(false)
    expect(b.tryReceive()).toBeUndefined()
  })

  it('takes one of what can happen, each as likely', async () => {
    const list = channels(3, 1)
    const counts = [0, 0, 0]
    for (const channel of list) await channel.send(0)
    for (let i = 0; i < 3000; i++) {
      const { index } = await select(list.map((channel) => channel.receiving()))
      counts[index]++
      await list[index].send(i)
    }
    // 1000 each, with a standard deviation of 26.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(6 * 26)
  })

  it('says that a channel is closed', async () => {
    const [a, b] = channels(2)
    const waiting = select([a.receiving(), b.receiving()])
    await turn()
    b.close()
    expect(await waiting).toEqual({ index: 1, value: undefined, done: true })
    await expect(select([b.sending(1)])).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    const sending = select([a.sending(1), a.sending(2)])
    await turn()
    a.close()
    await expect(sending).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
  })

  it('does not wait where there is something else to do', async () => {
    const [a, b] = channels(2)
    const otherwise = 'nothing'
    expect(await select([a.receiving(), b.sending(1)], { otherwise })).toEqual({
      index: -1,
      value: 'nothing',
      done: false,
    })
    const receive = b.receive()
    expect((await select([a.receiving(), b.sending(1)], { otherwise })).index).toBe(1)
    expect(await receive).toBe(1)
  })

  it('ends by a timeout or a signal, and then nothing has happened', async () => {
    const [a, b] = channels(2)
    await expect(select([a.receiving(), b.sending(1)], { timeout: 3 })).rejects.toMatchObject({ name: 'TimeoutError' })
    const controller = new AbortController()
    const waiting = select([a.receiving(), b.sending(1)], controller)
    controller.abort('why')
    await expect(waiting).rejects.toBe('why')
    expect([a.trySend(1), b.tryReceive()]).toEqual([false, undefined])
  })

  it('meets another select, but never itself', async () => {
    const [a, b] = channels(2)
    const one = select([a.sending(1), a.receiving(), b.sending(1)])
    await turn()
    const other = select([b.receiving(), a.sending(2)])
    const [mine, theirs] = [await one, await other]
    expect([
      [mine.index, theirs.index, theirs.value],
      [mine.index, mine.value, theirs.index],
    ]).toSatisfy(([x, y]: unknown[][]) => `${x}` === '2,0,1' || `${y}` === '1,2,1')
    expect(await select([a.sending(1), a.receiving()], { otherwise: 0 })).toMatchObject({ index: -1 })
  })

  it('takes the same channel as often as one likes, opened twice as well', async () => {
    const channel = new Channel<number>(1)
    const again = Channel.from<number>(channel.handle)
    expect((await select([channel.sending(1), again.sending(2)])).done).toBe(false)
    const { value } = await select([channel.receiving(), again.receiving(), channel.receiving()])
    expect([1, 2]).toContain(value)
    const waiting = select([again.receiving(), channel.receiving()])
    await turn()
    await channel.send(9)
    expect((await waiting).value).toBe(9)
    expect(channel.size).toBe(0)
  })

  it('blocks in workers', async () => {
    const [a, b, results] = channels(3)
    const task = pool.submit(
      (one: Channel<number>, other: Channel<number>, to: Channel<number>) => {
        const { selectSync } = require('offloop') as typeof offloop
        for (let open = 2; open > 0;) {
          const { index, value, done } = selectSync([one.receiving(), other.receiving()])
          if (done) {
            open = 0
            break
          }
          to.sendSync(index * 1000 + value)
        }
        return selectSync([to.sending(1)], { otherwise: 'none' }).value
      },
      a,
      b,
      results,
    )
    for (let i = 0; i < 50; i++) {
      await (i % 2 === 0 ? a : b).send(i)
      expect(await results.receive()).toBe((i % 2) * 1000 + i)
    }
    a.close()
    expect(await task).toBe('none')
  })

  it('refuses what are no cases', async () => {
    await expect(select([])).rejects.toThrow(RangeError)
    await expect(select('no' as never)).rejects.toThrow(TypeError)
    await expect(select([new Channel()] as never)).rejects.toThrow('`cases[0]`')
    await expect(select([null] as never)).rejects.toThrow(TypeError)
    await expect(select([new Channel().receiving()], { timeout: -1 })).rejects.toThrow(RangeError)
    expect(() => new Channel().sending(() => 1)).toThrow(TypeError)
  })
})
