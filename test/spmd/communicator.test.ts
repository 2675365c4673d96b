import { importTasks, spmd } from 'offloop'
import type { Communicator } from 'offloop'
import { describe, expect, it } from 'vitest'

import { outcome } from '../helpers/work.ts'
import { makeArray } from './fixtures/ranks.mjs'
import type * as Ranks from './fixtures/ranks.mjs'

// What a communicator's calls give, in their promise form and their blocking one.

const work = importTasks<typeof Ranks>(new URL('./fixtures/ranks.mjs', import.meta.url))
const range = (n: number) => Array.from({ length: n }, (_, i) => i)

describe('messages', () => {
  it('come in order for a tag, from whom and with what they were sent', async () => {
    const [, received] = await spmd(2, async (comm) => {
      if (comm.rank === 0) {
        for (let i = 0; i < 100; i++) comm.sendSync(i, 1, i % 2)
        await comm.send({ deep: [new Map([[1, 'x']])] }, 1, 7)
        return []
      }
      const odd = Array.from({ length: 50 }, () => comm.recvSync<number>(0, 1))
      const even: number[] = []
      for (let i = 0; i < 50; i++) even.push(await comm.recv<number>(undefined, 0))
      return [odd, even, comm.recvMessageSync()]
    })
    expect(received).toEqual([
      range(50).map((i) => 2 * i + 1),
      range(50).map((i) => 2 * i),
      { value: { deep: [new Map([[1, 'x']])] }, from: 0, tag: 7 },
    ])
  })

  it('from anybody come from everybody', async () => {
    const [from] = await spmd(4, (comm) => {
      if (comm.rank > 0) comm.sendSync(comm.rank, 0)
      return comm.rank > 0 ? [] : [1, 2, 3].map(() => comm.recvMessageSync().from).toSorted()
    })
    expect(from).toEqual([1, 2, 3])
  })

  it('are copies, and of a typed array the part that is seen; shared memory is shared', async () => {
    const [, [length, bytes, value, isBuffer]] = await spmd(2, (comm) => {
      const whole = new Float64Array(1000)
      const shared = new Int32Array(new SharedArrayBuffer(8))
      if (comm.rank === 0) {
        comm.sendSync(whole.subarray(10, 20), 1)
        comm.sendSync(shared, 1)
        comm.sendSync(Buffer.from('abc'), 1)
        comm.recvSync(1)
        return [whole.length, 0, shared[1], false]
      }
      const part = comm.recvSync<Float64Array>(0)
      const theirs = comm.recvSync<Int32Array>(0)
      const text = comm.recvSync<Uint8Array>(0)
      theirs[1] = 5
      comm.sendSync('done', 0)
      return [part.length, part.buffer.byteLength, theirs[1], text.byteLength === 3 && text[0] === 97]
    })
    expect([length, bytes, value, isBuffer]).toEqual([10, 80, 5, true])
    const [[kept, , seen]] = await spmd(2, (comm) => {
      const shared = new Int32Array(new SharedArrayBuffer(8))
      if (comm.rank === 0) {
        const array = new Float64Array(4)
        comm.sendSync(array, 1)
        comm.sendSync(shared, 1)
        comm.barrierSync()
        return [array.length, 0, shared[0]]
      }
      comm.recvSync(0)
      comm.recvSync<Int32Array>(0)[0] = 9
      comm.barrierSync()
      return []
    })
    expect([kept, seen]).toEqual([4, 9])
  })

  it('probe() tells whether one is there, and takes none', async () => {
    const [, seen] = await spmd(2, (comm) => {
      if (comm.rank === 0) {
        comm.sendSync('a', 1, 3)
        comm.sendSync('b', 1, 4)
        comm.barrierSync()
        return []
      }
      comm.barrierSync()
      return [comm.probe(), comm.probe(0, 4), comm.probe(0, 5), comm.recvSync(), comm.recvSync(), comm.probe()]
    })
    expect(seen).toEqual([true, true, false, 'a', 'b', false])
  })

  it('to oneself arrive', async () => {
    const got = await spmd(2, async (comm) => {
      const waiting = comm.recv(comm.rank)
      await comm.send({ me: comm.rank }, comm.rank)
      return waiting
    })
    expect(got).toEqual([{ me: 0 }, { me: 1 }])
  })

  it('that do not come in time reject with TimeoutError, or the reason of the signal; later ones are not lost', async () => {
    const [seen] = await spmd(2, async (comm) => {
      if (comm.rank === 1) return comm.send('late', 0, comm.recvSync(0)).then(() => [])
      const name = (error: unknown) => (error as Error).name
      const controller = new AbortController()
      setTimeout(() => controller.abort(new RangeError('stop')), 20)
      const names = [
        await comm.recv(1, undefined, { timeout: 10 }).catch(name),
        await comm.recv(1, undefined, { signal: controller.signal }).catch(name),
      ]
      try {
        comm.recvSync(1, 5, { timeout: 10 })
      } catch (error) {
        names.push(name(error))
      }
      comm.sendSync(5, 1)
      return [...names, comm.recvSync(1, 5)]
    })
    expect(seen).toEqual(['TimeoutError', 'RangeError', 'TimeoutError', 'late'])
  })
})

describe('collective calls', () => {
  it.each([1, 2, 3, 5])('give what they are to, among %s ranks, in both forms', async (n) => {
    const calls = async (comm: Communicator, sync: boolean) => {
      const { rank, size } = comm
      const ranks = Array.from({ length: size }, (_, i) => i)
      const root = size - 1
      const list = rank === root ? ranks.map((r) => `to ${r}`) : undefined
      const all = ranks.map((to) => `${rank}>${to}`)
      if (sync) {
        comm.barrierSync()
        return [
          comm.broadcastSync(rank === root ? { a: 1 } : undefined, root),
          comm.broadcastSync(rank === root ? 1.5 : undefined, root),
          comm.scatterSync(list, root),
          comm.gatherSync(rank, root),
          comm.gatherSync(`of ${rank}`, root),
          comm.allgatherSync(rank === 0 ? 'zero' : rank),
          comm.alltoallSync(all),
          comm.reduceSync(rank + 1, 'prod', root),
          comm.allreduceSync(BigInt(rank), 'max'),
          comm.scanSync(rank + 1),
          comm.scanSync(`${rank}`, (a, b) => a + b),
        ]
      }
      await comm.barrier()
      return [
        await comm.broadcast(rank === root ? { a: 1 } : undefined, root),
        await comm.broadcast(rank === root ? 1.5 : undefined, root),
        await comm.scatter(list, root),
        await comm.gather(rank, root),
        await comm.gather(`of ${rank}`, root),
        await comm.allgather(rank === 0 ? 'zero' : rank),
        await comm.alltoall(all),
        await comm.reduce(rank + 1, 'prod', root),
        await comm.allreduce(BigInt(rank), 'max'),
        await comm.scan(rank + 1),
        await comm.scan(`${rank}`, async (a, b) => a + b),
      ]
    }
    const factorial = (k: number): number => (k < 2 ? 1 : k * factorial(k - 1))
    const expected = range(n).map((rank) => {
      const atRoot = <T>(value: T) => (rank === n - 1 ? value : undefined)
      return [
        { a: 1 },
        1.5,
        `to ${rank}`,
        atRoot(range(n)),
        atRoot(range(n).map((r) => `of ${r}`)),
        ['zero', ...range(n).slice(1)],
        range(n).map((from) => `${from}>${rank}`),
        atRoot(factorial(n)),
        BigInt(n - 1),
        ((rank + 1) * (rank + 2)) / 2,
        range(rank + 1).join(''),
      ]
    })
    expect(await spmd(n, calls, true)).toEqual(expected)
    expect(await spmd(n, calls, false)).toEqual(expected)
  })

  it('by a function combine along one tree, lower ranks first', async () => {
    const trees = ['', '0', '(01)', '((01)2)', '((01)(23))', '(((01)(23))4)']
    for (const n of [1, 3, 4, 5]) {
      const got = await spmd(n, (comm) => comm.allreduceSync(`${comm.rank}`, (a, b) => `(${a}${b})`))
      expect(got).toEqual(new Array(n).fill(trees[n]))
    }
    const scans = await spmd(4, (comm) => comm.scan(`${comm.rank}`, (a, b) => `(${a}${b})`))
    expect(scans).toEqual(['0', '(01)', '((01)2)', '(((01)2)3)'])
  })

  it('sums of numbers have the bits of that tree', async () => {
    const values = [1e16, 1, 1, 1, 1]
    const [a, b, c, d, e] = values
    const tree = a + b + (c + d) + e
    expect(tree).not.toBe(a + b + c + d + e)
    const got = await spmd(
      5,
      (comm, list: number[]) => [
        comm.allreduceSync(list[comm.rank]),
        comm.allreduceSync(new Float64Array([list[comm.rank]]))[0],
      ],
      values,
    )
    for (const each of got) expect(each).toEqual([tree, tree])
  })

  it('min and max know NaN and -0', async () => {
    const got = await spmd(2, (comm) => {
      const pairs = new Float64Array(comm.rank === 0 ? [NaN, 0, 1] : [1, -0, NaN])
      return [
        comm.allreduceSync(comm.rank === 0 ? NaN : 1, 'min'),
        ...comm.allreduceSync(pairs, 'min'),
        ...comm.allreduceSync(pairs, 'max'),
      ]
    })
    expect(got[0]).toEqual([NaN, NaN, -0, NaN, NaN, 0, NaN])
    expect(got[1]).toEqual(got[0])
  })

  it('follow one another where they are not awaited one by one', async () => {
    const got = await spmd(3, async (comm) => {
      const all = [comm.allreduce(comm.rank), comm.gather(comm.rank), comm.barrier(), comm.scan(1)]
      return Promise.all(all)
    })
    expect(got).toEqual([
      [3, [0, 1, 2], undefined, 1],
      [3, undefined, undefined, 2],
      [3, undefined, undefined, 3],
    ])
  })

  const seeds = Number(process.env['OFFLOOP_STRESS_SPMD'] ?? 3)
  it.each(range(seeds))('are right in any order and mix of forms, seed %s', async (seed) => {
    const n = 2 + (seed % 3)
    expect(await spmd(n, work.manyCalls, seed + 1, 200)).toEqual(new Array(n).fill(200))
  })
})

describe('reductions of typed arrays', () => {
  const ops = {
    sum: (a: never, b: never) => (a as number) + (b as number),
    prod: (a: never, b: never) => (a as number) * (b as number),
    min: (a: never, b: never) => (b < a ? b : a),
    max: (a: never, b: never) => (b > a ? b : a),
  }
  const names = [
    'Int8Array',
    'Uint8Array',
    'Uint8ClampedArray',
    'Int16Array',
    'Uint16Array',
    'Int32Array',
    'Uint32Array',
    'Float32Array',
    'Float64Array',
    'BigInt64Array',
    'BigUint64Array',
  ] as const
  const classes = globalThis as unknown as Record<string, new (n: number) => Float64Array>

  /** What comes of the arrays of ranks `from` to `to`, element by element as the class stores them. */
  const fold = (arrays: readonly Float64Array[], op: keyof typeof ops, scan: boolean): Float64Array => {
    const all = arrays.map((array) => array.slice())
    const put = (into: Float64Array, a: Float64Array, b: Float64Array) => {
      for (let i = 0; i < into.length; i++) into[i] = ops[op](a[i] as never, b[i] as never)
    }
    if (scan) for (let r = 1; r < all.length; r++) put(all[r], all[r - 1], all[r])
    else
      for (let d = 1; d < all.length; d *= 2)
        for (let r = 0; r + d < all.length; r += 2 * d) put(all[r], all[r], all[r + d])
    return scan ? (all.at(-1) as Float64Array) : all[0]
  }

  it.each(names)('of %s, of any length', async (name) => {
    const n = name.length % 2 === 0 ? 2 : 3
    // An area holds 256 KiB.
    const perArea = 2 ** 18 / new classes[name](1).BYTES_PER_ELEMENT
    const lengths = [0, 1, 5, 3000, ...(n === 2 ? [perArea + 3] : [perArea * 2 + 1])]
    const got = await spmd(n, work.reduceArrays, name, lengths, name.includes('6'))
    const wanted = range(n).map((rank) =>
      lengths.flatMap((length) =>
        (['sum', 'prod', 'min', 'max'] as const).flatMap((op) => {
          const arrays = range(n).map((r) => makeArray(classes[name], length, r) as Float64Array)
          const whole = fold(arrays, op, false)
          return [whole, rank === length % n ? whole : undefined, fold(arrays.slice(0, rank + 1), op, true)]
        }),
      ),
    )
    for (const rank of range(n)) {
      got[rank].forEach((array: unknown, i: number) => {
        const right = wanted[rank][i]
        if (right === undefined) expect(array).toBeUndefined()
        else expect(Buffer.compare(bytesOf(array), bytesOf(right)), `rank ${rank}, result ${i}`).toBe(0)
      })
    }
  })

  const bytesOf = (array: unknown): Buffer => {
    const { buffer, byteOffset, byteLength } = array as Float64Array
    return Buffer.from(buffer, byteOffset, byteLength)
  }

  it('wrap as integers do, to the last bit', async () => {
    const [got] = await spmd(2, (comm) => comm.allreduceSync(new Int32Array([2 ** 31 - 1 - comm.rank]), 'prod'))
    expect(Array.from(got)).toEqual([Math.imul(2 ** 31 - 1, 2 ** 31 - 2)])
  })

  it('write to `out`, which may be the array itself', async () => {
    const [[same, sum, other]] = await spmd(2, (comm) => {
      const array = new Float64Array(50_000).fill(comm.rank + 1)
      const result = comm.allreduceSync(array, 'sum', { out: array })
      const out = new Float64Array(50_000)
      return [result === array, array.every((x) => x === 3), comm.scanSync(array, 'sum', { out }) === out && out[0]]
    })
    expect([same, sum, other]).toEqual([true, true, 3])
  })
})

describe('split', () => {
  it('gives a communicator for each color, in the order of the keys', async () => {
    const got = await spmd(5, async (comm) => {
      const half = await comm.split(comm.rank % 2, -comm.rank)
      const none = comm.splitSync(comm.rank === 0 ? undefined : 7)
      if (half === undefined) return []
      half.sendSync(`from ${comm.rank}`, (half.rank + 1) % half.size)
      comm.sendSync(`past ${comm.rank}`, (comm.rank + 1) % 5)
      return [half.rank, half.size, await half.allreduce(comm.rank), half.recvSync(), comm.recvSync(), none?.size]
    })
    expect(got).toEqual([
      [2, 3, 6, 'from 2', 'past 4', undefined],
      [1, 2, 4, 'from 3', 'past 0', 4],
      [1, 3, 6, 'from 4', 'past 1', 4],
      [0, 2, 4, 'from 1', 'past 2', 4],
      [0, 3, 6, 'from 0', 'past 3', 4],
    ])
  })

  it('of a part can be split and reduced again', async () => {
    const got = await spmd(4, (comm) => {
      const half = comm.splitSync(comm.rank >> 1) as typeof comm
      const one = half.splitSync(half.rank) as typeof comm
      return [half.allreduceSync(new Float64Array(20_000).fill(comm.rank))[19_999], one.size, one.allreduceSync(5)]
    })
    expect(got).toEqual([
      [1, 1, 5],
      [1, 1, 5],
      [5, 1, 5],
      [5, 1, 5],
    ])
  })
})

describe('ranks that do not meet', () => {
  const failure = async (fn: (comm: Communicator) => unknown) => (await outcome(spmd(2, fn))).reason as Error

  it.each([
    [
      'other calls',
      (comm) => (comm.rank === 0 ? comm.barrier() : comm.gather(1)),
      /rank 0 calls barrier, but rank 1 calls gather with root 0/,
    ],
    [
      'other calls that block',
      (comm) => (comm.rank === 0 ? comm.allgatherSync('x') : comm.scanSync(1)),
      /rank 0 calls allgather, but rank 1 calls scan by 'sum' of a number/,
    ],
    [
      'other roots',
      (comm) => comm.broadcast(1, comm.rank),
      /rank 0 calls broadcast with root 0, but rank 1 calls broadcast with root 1/,
    ],
    [
      'other operations',
      (comm) => comm.allreduce(1, comm.rank === 0 ? 'min' : (a, b) => a + b),
      /by 'min' of a number, but rank 1 calls allreduce by a function/,
    ],
    [
      'other kinds',
      (comm) => comm.allreduceSync<unknown>(comm.rank === 0 ? 1 : 1n),
      /of a number, but rank 1 calls allreduce by 'sum' of a bigint/,
    ],
    [
      'other classes',
      (comm) => comm.scan<unknown>(comm.rank === 0 ? new Float32Array(2) : new Float64Array(2)),
      /of 2 float32, but rank 1 calls scan by 'sum' of 2 float64/,
    ],
    [
      'other lengths',
      (comm) => comm.reduceSync(new Int8Array(comm.rank)),
      /of 0 int8 with root 0, but rank 1 calls reduce by 'sum' of 1 int8/,
    ],
    [
      'one has returned',
      (comm) => (comm.rank === 0 ? comm.barrierSync() : 1),
      /rank 1 has returned, while rank 0 waits for it in barrier/,
    ],
    [
      'one has returned, and its message is awaited',
      (comm) => (comm.rank === 1 ? comm.recv(0) : 1),
      /rank 0 has returned, while rank 1 waits for a message/,
    ],
    [
      'all others have returned',
      (comm) => (comm.rank === 1 ? comm.recvSync() : 1),
      /all others have returned, while rank 1 waits/,
    ],
    [
      'one waits for itself alone',
      (comm) => comm.rank === 1 && comm.recvSync(1),
      /rank 1 waits for a message that only it could send/,
    ],
  ] as [string, (comm: Communicator) => unknown, RegExp][])('%s', async (_, fn, message) => {
    const reason = await failure(fn)
    expect(reason).toMatchObject({ name: 'OffloopError', code: 'ERR_OFFLOOP_COLLECTIVE' })
    expect(reason.message).toMatch(message)
  })

  it('as one left early, where the others can not go on either', async () => {
    const reason = await failure(async (comm) => {
      if (comm.rank === 0) {
        comm.recvSync(1)
        return comm.barrier()
      }
      await comm.barrier({ timeout: 10 }).catch(() => comm.send('left', 0))
      return comm.recv(0)
    })
    expect(reason.message).toMatch(/rank 1 left barrier before its end, so rank 0 can't go on with barrier/)
  })

  it('as a call that blocks came before one that was not awaited has ended', async () => {
    const reason = await failure((comm) => {
      if (comm.rank === 1) return comm.recv(0)
      void comm.barrier().catch(() => {})
      return comm.barrierSync()
    })
    expect(reason.message).toMatch(/rank 0 calls barrierSync while a call that it has not awaited is under way/)
  })

  it('what was refused before it met the others concerns nobody else', async () => {
    const got = await spmd(2, async (comm) => {
      const name = await comm.broadcast(1, 5).catch((error: Error) => error.name)
      const other = await comm.allreduce('x' as never).catch((error: Error) => error.message)
      return [name, other, comm.allreduceSync(1)]
    })
    expect(got[0]).toEqual([
      'RangeError',
      expect.stringMatching(/Expected `value` to be a number, a bigint or a typed array/),
      2,
    ])
  })
})

describe('misuse', () => {
  it.each([
    ['a rank that is none', (comm) => comm.sendSync(1, 2), /Expected `to` to be an integer from 0 to 1, got `2`/],
    ['a tag that is none', (comm) => comm.recv(0, -1), /Expected `tag` to be an integer from 0 and up/],
    ['a root that is none', (comm) => comm.gather(1, -1), /Expected `root`/],
    [
      'an operation that is none',
      (comm) => comm.allreduce(1, 'plus' as never),
      /Expected `op` to be 'sum', 'prod', 'min', 'max' or a function, got `'plus'`/,
    ],
    [
      'a list of another length',
      (comm) => comm.scatter([1]),
      /Expected `values.length` to be 2, one for each rank, got `1`/,
    ],
    ['no list', (comm) => comm.alltoallSync(5 as never), /Expected `values` to be an array with a value for each rank/],
    [
      'an `out` of another class',
      (comm) => comm.allreduce(new Int8Array(1), 'sum', { out: new Uint8Array(1) as never }),
      /Expected `out` to be a typed array of the class of `value`/,
    ],
    ['what can not be sent', (comm) => comm.send({ f: () => 1 }, 0), /Expected `value\.f` to be data/],
    [
      'a promise where the call blocks',
      (comm) => comm.allreduceSync(1, (a) => Promise.resolve(a)),
      /Expected `op` to give a value where the call blocks, got a promise/,
    ],
    ['options that are none', (comm) => comm.barrier(5 as never), /Expected `options` to be an object/],
  ] as [string, (comm: Communicator) => unknown, RegExp][])('%s', async (_, fn, message) => {
    expect(String((await outcome(spmd(2, fn))).reason)).toMatch(message)
  })
})
