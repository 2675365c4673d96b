import { MessageChannel } from 'node:worker_threads'

import { alloc, Channel, Lock, ndarray, NDArray, Pipe, Pool, Queue } from 'offloop'
import { afterAll, describe, expect, it } from 'vitest'

const pool = new Pool({ workers: 1, backend: 'worker' })
afterAll(() => pool.close())

/** To a worker and back, by two queues. */
async function echo(values: readonly unknown[]): Promise<unknown[]> {
  const [there, back] = [new Queue(), new Queue()]
  const task = pool.submit(
    (from: Queue, to: Queue) => {
      for (const value of from) to.putSync(value)
      to.close()
    },
    there,
    back,
  )
  for (const value of values) await there.put(value)
  there.close()
  const returned = []
  for await (const value of back) returned.push(value)
  await task
  return returned
}

const long = 'abcdefghijklmnopqrstuvwxyz'.repeat(1000)
const cyclic: Record<string, unknown> = { name: 'cyclic' }
cyclic.self = cyclic
const twice = { x: 1 }

const values: Record<string, readonly unknown[]> = {
  'small and large numbers': [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 1.5, Number.MAX_VALUE, 5e-324, Infinity, -Infinity],
  'numbers that are easily lost': [NaN, -0],
  bigints: [0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), 2n ** 63n, -(10n ** 40n)],
  'what is no object': [undefined, null, true, false],
  strings: ['', 'a', 'straße', '\0', 'ÿĀ', '€uro', '😀', '\ud800', long, `${long}€`],
  'plain data': [{}, [], { a: [1, 'two', null, { b: true }] }, [[[]]], { 'ключ €': '\udc00' }],
  'data that JSON would not bring back': [
    { a: undefined },
    [undefined, -0, NaN],
    [1, , 3], // oxlint-disable-line no-sparse-arrays
    { toJSON: 1, a: 2 },
    JSON.parse('{"__proto__":1}'),
    Object.assign([1], { extra: 2 }),
    { when: new Date(5), what: /x/gi, map: new Map([[1, new Set(['a'])]]), big: 3n },
  ],
  'more data than a little': [Array.from({ length: 1000 }, (_, i) => ({ i, text: `${i}` }))],
  errors: [new RangeError('out'), new TypeError('wrong', { cause: 'that' })],
}

describe('values arrive in another thread as they are', () => {
  it.each(Object.keys(values))('%s', async (name) => {
    expect(await echo(values[name])).toStrictEqual(values[name])
  })

  it('typed arrays of all kinds, also of part of a buffer', async () => {
    const base = new ArrayBuffer(64)
    new Uint8Array(base).forEach((_, i, all) => (all[i] = i))
    const arrays = [
      new Int8Array([-1]),
      new Uint8Array(0),
      new Uint8ClampedArray([255]),
      new Int16Array(base, 2, 3),
      new Uint16Array([65535]),
      new Int32Array(base, 4, 5),
      new Uint32Array([2 ** 32 - 1]),
      new Float32Array([1.5, NaN]),
      new Float64Array(base, 8, 2),
      new BigInt64Array([-5n]),
      new BigUint64Array([2n ** 64n - 1n]),
      new Uint8Array(3000).fill(7),
    ]
    const returned = (await echo(arrays)) as Uint8Array[]
    expect(returned).toStrictEqual(arrays)
    // Their memory is their own.
    expect(returned.map(({ buffer }) => buffer.byteLength)).toEqual(arrays.map(({ byteLength }) => byteLength))
    expect(returned.every(({ buffer }) => buffer instanceof ArrayBuffer)).toBe(true)
    expect(await echo([Buffer.from('bytes')])).toStrictEqual([new Uint8Array(Buffer.from('bytes'))])
  })

  it('identity and cycles within one message', async () => {
    const [returned, pair] = (await echo([cyclic, [twice, twice]])) as [typeof cyclic, (typeof twice)[]]
    expect(returned.self).toBe(returned)
    expect(pair[0]).toBe(pair[1])
  })

  it('NDArrays, also within other data', async () => {
    const matrix = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3])
    const [same, inside] = (await echo([matrix.T, { list: [matrix] }])) as [NDArray, { list: NDArray[] }]
    expect(same).toBeInstanceOf(NDArray)
    expect(same.toNested()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ])
    expect(inside.list[0].toNested()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
  })
})

describe('a value is copied', () => {
  it('at the call, also where it has to wait for room', async () => {
    const queue = new Queue<Float64Array>({ capacity: 1 })
    const array = Float64Array.of(1)
    await queue.put(array)
    const second = queue.put(array)
    array[0] = 2
    expect(await queue.get()).toEqual(Float64Array.of(1))
    await second
    expect(await queue.get()).toEqual(Float64Array.of(1))
    const channel = new Channel<Float64Array>()
    const sent = channel.send(array)
    array[0] = 3
    expect(await channel.receive()).toEqual(Float64Array.of(2))
    await sent
  })
})

describe('what can not be copied into a message is refused, with the path to it', () => {
  const refused: Record<string, readonly [value: unknown, path: string]> = {
    'a function': [() => 1, '`value`'],
    'a method': [{ deep: [{ run() {} }] }, '`value.deep[0].run`'],
    'a symbol': [Symbol('s'), '`value`'],
    'a promise': [[Promise.resolve()], '`value[0]`'],
    'shared memory': [new SharedArrayBuffer(8), '`value`'],
    'an array over shared memory': [alloc(Float64Array, 4), '`value`'],
    'an array over shared memory inside': [{ list: alloc(Int32Array, 4) }, '`value.list`'],
    'an object over shared memory': [{ lock: new Lock() }, '`value.lock`'],
    'a queue': [new Queue(), '`value`'],
    'the end of a pipe': [[Pipe()[0]], '`value[0]`'],
    'a port': [{ port: new MessageChannel().port1 }, '`value.port`'],
  }

  it.each(Object.keys(refused))('%s', async (name) => {
    const [value, path] = refused[name]
    const queue = new Queue()
    const wanted = { name: 'TypeError', message: expect.stringContaining(`Expected ${path} to be`) as string }
    await expect(queue.put(value)).rejects.toMatchObject(wanted)
    expect(() => queue.tryPut(value)).toThrow(TypeError)
    await expect(new Channel().send(value)).rejects.toMatchObject(wanted)
    await expect(Pipe()[0].send(value)).rejects.toMatchObject(wanted)
    expect(queue.size).toBe(0)
  })

  it('a detached array', async () => {
    const array = new Float64Array(4)
    structuredClone(array, { transfer: [array.buffer] })
    await expect(new Queue().put(array)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DETACHED' })
  })

  it('an error that a getter throws passes through', async () => {
    const value = {
      get trap(): number {
        throw new Error('mine')
      },
    }
    await expect(new Queue().put(value)).rejects.toThrow('mine')
  })
})
