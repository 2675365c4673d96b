import { importTasks, Lock, ndarray, spmd } from 'offloop'
import type * as Offloop from 'offloop'
import type { NDArray } from 'offloop'
import { describe, expect, it } from 'vitest'

import { jsonFrom } from '../helpers/child.ts'
import { outcome, until } from '../helpers/work.ts'
import type * as Ranks from './fixtures/ranks.mjs'

// A call of spmd from its start to its end: what ranks get and give, and what becomes of them when one fails.

const work = importTasks<typeof Ranks>(new URL('./fixtures/ranks.mjs', import.meta.url))

describe('ranks', () => {
  it('run one function with the arguments and give their results in order', async () => {
    const task = spmd(3, (comm, a: number, b: { c: string }) => [comm.rank, comm.size, a, b.c], 5, { c: 'x' })
    expect(await task).toEqual([
      [0, 3, 5, 'x'],
      [1, 3, 5, 'x'],
      [2, 3, 5, 'x'],
    ])
    expect(task.status).toBe('done')
    expect(task.backend).toBe('worker')
    expect(task.timing.threads).toBe(3)
    expect(task.progress).toBe(1)
  })

  it('are of workers of their own, all at once', async () => {
    const ids = await spmd(3, (comm) => {
      comm.barrierSync()
      return require('node:worker_threads').threadId as number
    })
    expect(new Set(ids).size).toBe(3)
    expect(ids).not.toContain(0)
  })

  it('are members of importTasks as well', async () => {
    expect(await spmd(2, work.greet, 'hello')).toEqual(['hello from 0 of 2', 'hello from 1 of 2'])
  })

  it('of two calls at once do not meet', async () => {
    const sums = await Promise.all([1, 2, 3].map((k) => spmd(2, (comm, by: number) => comm.allreduce(by), k)))
    expect(sums).toEqual([
      [2, 2],
      [4, 4],
      [6, 6],
    ])
  })

  it('get handles and arrays as what they are, and may use kernels', async () => {
    const lock = new Lock()
    const shared = new Float64Array(new SharedArrayBuffer(16))
    const counts = await spmd(
      2,
      async (comm, theirs: Lock, total: Float64Array, matrix: NDArray) => {
        const { sum: add } = require('offloop') as typeof Offloop
        await theirs.with(() => {
          total[0] += comm.rank + 1
        })
        return add.sync(matrix) as number
      },
      lock,
      shared,
      ndarray(new Float64Array([1, 2, 3, 4]), [2, 2]),
    )
    expect(counts).toEqual([10, 10])
    expect(shared[0]).toBe(3)
  })

  it('of the same workers begin with nothing left of the call before', async () => {
    await spmd(2, (comm) => {
      comm.sendSync('left over', 1 - comm.rank)
      for (const from of [0, 1]) void comm.recv(from, 99).catch(() => {})
    })
    expect(await spmd(2, (comm) => [comm.probe(), comm.allreduceSync(1)])).toEqual([
      [false, 2],
      [false, 2],
    ])
  })
})

describe('misuse', () => {
  it.each([0, -1, 1.5, 129, NaN])('a number of ranks that can not be: %s', async (n) => {
    const { reason } = await outcome(spmd(n, () => 1))
    expect(reason).toBeInstanceOf(RangeError)
    expect((reason as Error).message).toMatch(/Expected `n` to be an integer from 1 to 128, got/)
  })

  it('arguments and functions that can not be sent', async () => {
    expect((await outcome(spmd(1, (_, f) => f, (() => 1) as unknown))).reason).toBeInstanceOf(TypeError)
    expect(String((await outcome(spmd(1, (_, f) => f, { a: Symbol('x') } as unknown))).reason)).toMatch(
      /`args\[0\]\.a`/,
    )
    const outer = 1
    expect((await outcome(spmd(1, () => outer))).reason).toMatchObject({ code: 'ERR_OFFLOOP_FUNCTION' })
    expect((await outcome(spmd('2' as never, () => 1))).reason).toBeInstanceOf(TypeError)
    expect((await outcome(spmd.run(1, () => 1, 5 as never))).reason).toBeInstanceOf(TypeError)
    expect((await outcome(spmd.run(1, () => 1, [], { timeout: -1 }))).reason).toBeInstanceOf(RangeError)
  })

  it('a communicator as a result', async () => {
    const { reason } = await outcome(spmd(1, (comm) => comm as unknown))
    expect((reason as Error).message).toMatch(/can't be sent/)
  })
})

describe('the end', () => {
  const stopped = async (act: (words: Int32Array) => { task: Promise<unknown>; stop?: () => void }) => {
    const words = new Int32Array(new SharedArrayBuffer(12))
    const { task, stop } = act(words)
    const settled = outcome(task)
    await until(() => Atomics.load(words, 0) === 2)
    stop?.()
    const { reason } = await settled
    await until(() => Atomics.load(words, 2) === 2)
    expect(Atomics.load(words, 1)).toBe(2)
    return reason
  }

  it('cancel() ends waiting ranks, which hear of it', async () => {
    const reason = await stopped((words) => {
      const task = spmd.run(2, work.waitForStop, [words], { graceMs: Infinity })
      return { task, stop: () => task.cancel(new Error('enough')) }
    })
    expect(reason).toEqual(new Error('enough'))
  })

  it('a signal does', async () => {
    const controller = new AbortController()
    const reason = await stopped((words) => ({
      task: spmd.run(2, work.waitForStop, [words], { signal: controller.signal, graceMs: Infinity }),
      stop: () => controller.abort('why'),
    }))
    expect(reason).toBe('why')
  })

  it('a signal that has aborted before lets nothing begin', async () => {
    const task = spmd.run(2, () => 1, [], { signal: AbortSignal.abort('before') })
    expect((await outcome(task)).reason).toBe('before')
    expect(task.status).toBe('cancelled')
  })

  it('a timeout ends ranks that block', async () => {
    const task = spmd.run(2, (comm) => comm.recvSync(1 - comm.rank), [], { timeout: 100 })
    expect((await outcome(task)).reason).toMatchObject({ name: 'TimeoutError' })
    expect(task.status).toBe('cancelled')
  })

  it('cancel() ends ranks that never look', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8))
    const task = spmd(
      2,
      (_, counts: Int32Array) => {
        for (;;) Atomics.add(counts, 0, 1)
      },
      words,
    )
    await until(() => Atomics.load(words, 0) > 0)
    task.cancel()
    expect((await outcome(task)).reason).toMatchObject({ name: 'AbortError' })
    let last = -1
    await until(() => {
      const still = last === Atomics.load(words, 0)
      last = Atomics.load(words, 0)
      return still
    })
  })

  it('the first that throws is the rejection, as it was thrown, and the others end', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8))
    const task = spmd.run(
      3,
      (comm, counts: Int32Array) => {
        comm.barrierSync()
        if (comm.rank === 1) throw Object.assign(new RangeError('of rank 1'), { detail: { a: 1 } })
        try {
          comm.barrierSync()
        } finally {
          Atomics.add(counts, 0, 1)
        }
      },
      [words],
      { graceMs: Infinity },
    )
    const { reason } = await outcome(task)
    expect(reason).toBeInstanceOf(RangeError)
    expect(reason).toMatchObject({ message: 'of rank 1', detail: { a: 1 } })
    await until(() => Atomics.load(words, 0) === 2)
  })

  it('a worker that dies is the rejection, and the others end', async () => {
    const words = new Int32Array(new SharedArrayBuffer(8))
    const task = spmd.run(
      2,
      async (comm, counts: Int32Array) => {
        comm.barrierSync()
        if (comm.rank === 0) process.exit(3)
        await comm.barrier().finally(() => Atomics.add(counts, 0, 1))
      },
      [words],
      { graceMs: Infinity },
    )
    expect((await outcome(task)).reason).toMatchObject({ code: 'ERR_OFFLOOP_WORKER_DIED' })
    await until(() => Atomics.load(words, 0) === 1)
    expect(await spmd(2, (comm) => comm.allreduceSync(1))).toEqual([2, 2])
  })

  it('progress is what ranks report, on the whole', async () => {
    const seen: number[] = []
    await spmd.run(
      2,
      async (comm) => {
        const { currentTask } = require('offloop') as typeof Offloop
        currentTask().report(comm.rank === 0 ? 0.5 : 0.25)
        await new Promise((resolve) => setTimeout(resolve, 100))
        await comm.barrier()
      },
      [],
      { onProgress: (fraction) => seen.push(fraction) },
    )
    expect(seen.at(-1)).toBe(1)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })
})

describe('a process', () => {
  it('ends by itself after calls that were done, failed or cancelled', async () => {
    const source = `
      import { spmd } from 'offloop'
      const done = await spmd(2, (comm) => comm.allreduce(comm.rank))
      const failed = await spmd(2, (comm) => { if (comm.rank === 1) throw new Error('no'); comm.barrierSync() }).catch((error) => error.message)
      const task = spmd(2, () => { for (;;); })
      setTimeout(() => task.cancel(), 50)
      const cancelled = await task.catch((error) => error.name)
      console.log(JSON.stringify([done, failed, cancelled]))
    `
    expect(await jsonFrom(source)).toEqual([[1, 1], 'no', 'AbortError'])
  })

  it('is kept alive by a call that goes on', async () => {
    const source = `
      import { spmd } from 'offloop'
      spmd(2, async (comm) => { await new Promise((resolve) => setTimeout(resolve, 300)); return comm.allreduceSync(1) })
        .then((sums) => console.log(JSON.stringify(sums)))
    `
    expect(await jsonFrom(source)).toEqual([2, 2])
  })

  it('may call it in a worker', async () => {
    const source = `
      import { Pool } from 'offloop'
      const pool = new Pool({ workers: 1 })
      const sums = await pool.submit(() => require('offloop').spmd(2, (comm) => comm.allreduceSync(comm.rank + 1)))
      console.log(JSON.stringify(sums))
    `
    expect(await jsonFrom(source)).toEqual([3, 3])
  })
})
