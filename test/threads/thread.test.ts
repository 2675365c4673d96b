import { MessageChannel, threadId } from 'node:worker_threads'

import { alloc, importTasks, ndarray, NDArray, Process, Thread } from 'offloop'
import { describe, expect, it } from 'vitest'

import { runModule } from '../helpers/child.ts'
import { until } from '../helpers/work.ts'
import type * as Work from './fixtures/work.mjs'

const work = importTasks<typeof Work>(new URL('./fixtures/work.mjs', import.meta.url))
const state = { code: 'ERR_OFFLOOP_STATE' }
const died = { code: 'ERR_OFFLOOP_WORKER_DIED' }

describe.each([
  ['Thread', Thread],
  ['Process', Process],
] as const)('%s', (kind, Class) => {
  it('runs a function once, and join gives its result, as often as it is asked', async () => {
    const unit = new Class((a: number, b: number) => a + b, { args: [1, 2] })
    expect([unit.status, unit.isAlive, unit.result]).toEqual(['new', false, undefined])
    expect(unit.start()).toBe(unit)
    expect([unit.status, unit.isAlive]).toEqual(['running', true])
    expect(await Promise.all([unit.join(), unit.join()])).toEqual([3, 3])
    expect(await unit.join({ timeout: 1 })).toBe(3)
    expect([unit.status, unit.isAlive, unit.result, unit.error]).toEqual(['done', false, 3, undefined])
  })

  it('waits for async functions, and runs members of importTasks', async () => {
    const later = new Class(
      async (n: number) => {
        await new Promise((resolve) => setTimeout(resolve, 10))
        return { n }
      },
      { args: [7] },
    )
    expect(await later.start().join()).toEqual({ n: 7 })
    expect(await new Class(work.add, { args: [2, 3] }).start().join()).toBe(5)
    const context = { level: 3 }
    expect(await new Class(work.contextOf, { context }).start().join()).toEqual(context)
  })

  it('join rejects with the error that was thrown: class, cause, own properties', async () => {
    const unit = new Class(() => {
      throw Object.assign(new RangeError('no', { cause: new TypeError('deep') }), { code: 'E_MINE' })
    }).start()
    const error = (await unit.join().catch((reason: unknown) => reason)) as RangeError & { code: string }
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'no', code: 'E_MINE', cause: { message: 'deep' } })
    expect(error.cause).toBeInstanceOf(TypeError)
    expect([unit.status, unit.error]).toEqual(['failed', error])
  })

  it('refuses what is out of turn', async () => {
    const unit = new Class(() => 1, { name: 'mine' })
    await expect(unit.join()).rejects.toMatchObject({ ...state, message: expect.stringContaining("'mine'") })
    unit.start()
    expect(() => unit.start()).toThrow(expect.objectContaining(state))
    await unit.join()
    expect(() => unit.start()).toThrow(expect.objectContaining(state))
    const never = new Class(() => 1)
    never.cancel()
    await never.terminate()
    expect(never.status).toBe('new')
  })

  it('refuses what makes no sense, with the name of the argument', () => {
    const outer = 1
    expect(() => new Class((() => outer) as () => number)).toThrow(/refers to `outer`/)
    expect(() => new Class(1 as never)).toThrow(/`fn`/)
    const bad = [{ args: 1 }, { daemon: 1 }, { name: 1 }, { signal: {} }, { graceMs: -1 }, { env: 1 }, { stdout: 'x' }]
    for (const options of bad) {
      expect(() => new Class(() => 1, options as never)).toThrow(new RegExp(`\`${Object.keys(options)[0]}\``))
    }
    expect(() => new Class(() => 1, { args: [{ f: () => 1 }] as never }).start()).toThrow(/`args\[0\]\.f`/)
  })

  it('a join that times out or is aborted leaves it running', async () => {
    const unit = new Class(async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return 'end'
    }).start()
    await expect(unit.join({ timeout: 1 })).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(unit.join({ signal: AbortSignal.abort('mind') })).rejects.toBe('mind')
    await expect(unit.join({ timeout: -1 })).rejects.toThrow(/`timeout`/)
    expect(unit.isAlive).toBe(true)
    expect(await unit.join()).toBe('end')
  })

  it('terminate ends what never yields', async () => {
    const unit = new Class(() => {
      for (;;);
    }).start()
    const joined = unit.join()
    await unit.terminate()
    expect([unit.isAlive, unit.status]).toEqual([false, 'cancelled'])
    await expect(joined).rejects.toMatchObject({ name: 'AbortError' })
    await unit.terminate()
  })

  it('cancel asks; what is not heeded within its grace is ended', async () => {
    const deaf = new Class(
      () => {
        for (;;);
      },
      { graceMs: 10 },
    ).start()
    const reason = new Error('enough')
    deaf.cancel(reason)
    await expect(deaf.join()).rejects.toBe(reason)
    expect(deaf.status).toBe('cancelled')
  })

  it('an aborted signal starts nothing, and one that aborts later is as cancel', async () => {
    const before = new Class(() => 1, { signal: AbortSignal.abort('early') }).start()
    await expect(before.join()).rejects.toBe('early')
    const controller = new AbortController()
    const unit = new Class(
      () => {
        for (;;);
      },
      { signal: controller.signal, graceMs: 10 },
    ).start()
    setTimeout(() => controller.abort('late'), 20)
    await expect(unit.join()).rejects.toBe('late')
  })

  it.each([
    ['process.exit', () => process.exit(3)],
    [
      'an error in a timer',
      () => {
        setTimeout(() => {
          throw new TypeError('loose')
        })
        return new Promise<never>(() => {})
      },
    ],
  ] as const)('dies of %s', async (how, fn) => {
    const unit = new Class<[], unknown>(fn).start()
    const error = (await unit.join().catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject(died)
    if (how !== 'process.exit') expect(error.cause).toMatchObject({ message: 'loose' })
    expect(unit.status).toBe('failed')
  })

  it('prints to where it is told, all of it', async () => {
    let text = ''
    const unit = new Class(
      () => {
        for (let i = 0; i < 100; i++) console.log(i)
      },
      { stdout: (piece) => (text += piece) },
    )
    await unit.start().join()
    expect(text).toBe(Array.from({ length: 100 }, (__, i) => `${i}\n`).join(''))
  })

  it('has an environment of its own', async () => {
    const unit = new Class(() => process.env['MINE'], { env: { ...process.env, MINE: 'yes' } })
    expect(await unit.start().join()).toBe('yes')
    expect(process.env['MINE']).toBeUndefined()
  })

  it('disposing asks it to stop and waits', async () => {
    const unit = new Class(() => new Promise(() => {}), { graceMs: 10 }).start()
    await unit[Symbol.asyncDispose]()
    expect(unit.isAlive).toBe(false)
    await new Class(() => 1)[Symbol.asyncDispose]()
  })

  it.concurrent('keeps the process alive, unless it is a daemon', async () => {
    const source = (daemon: boolean) => `
      import { ${kind} } from 'offloop'
      const unit = new ${kind}(async () => {
        await new Promise((resolve) => setTimeout(resolve, ${daemon ? 1e8 : 100}))
        console.log('end of it')
      }, { daemon: ${daemon} }).start()
      process.on('exit', () => console.log('over', unit.isAlive))`
    const [usual, daemon] = await Promise.all([runModule(source(false)), runModule(source(true))])
    expect(usual).toEqual({ code: 0, stdout: 'end of it\nover false\n', stderr: '' })
    expect(daemon).toEqual({ code: 0, stdout: 'over true\n', stderr: '' })
  })
})

describe('Thread', () => {
  it('has a thread of its own, that knows its name', async () => {
    const thread = new Thread(work.whoAmI, { name: 'known', daemon: true }).start()
    const { threadId: id } = thread
    expect(id).toBeGreaterThan(threadId)
    expect(await thread.join()).toEqual({ name: 'known', daemon: true, id, code: 'ERR_OFFLOOP_STATE' })
    expect(Thread.current).toMatchObject({ daemon: false, isAlive: true, id: threadId })
    expect(new Thread(() => 1).name).toMatch(/^thread \d+$/)
  })

  it('shares memory, brings NDArrays back, and takes what is transferred', async () => {
    const shared = alloc(Int32Array, 1)
    const matrix = ndarray(new Float64Array([1, 2, 3, 4]), [2, 2])
    const buffer = new ArrayBuffer(8)
    const fn = (words: Int32Array, array: NDArray, moved: ArrayBuffer) => {
      Atomics.add(words, 0, array.at(1, 1) as number)
      return [array.T, moved.byteLength]
    }
    const thread = new Thread(fn, { args: [shared, matrix, buffer], transfer: [buffer] }).start()
    expect(buffer.byteLength).toBe(0)
    const [turned, bytes] = (await thread.join()) as [NDArray, number]
    expect(turned).toBeInstanceOf(NDArray)
    expect(turned.toNested()).toEqual([
      [1, 3],
      [2, 4],
    ])
    expect(bytes).toBe(8)
    expect(shared[0]).toBe(4)
  })

  it('heeds cancel in a loop that never yields, and may still give a result', async () => {
    const words = alloc(Int32Array, 1)
    const thread = new Thread(work.spinUntilCancelled, { args: [words], graceMs: Infinity }).start()
    await until(() => words[0] === 1)
    thread.cancel()
    expect(await thread.join()).toBe('heeded')
    expect(thread.status).toBe('done')
  })

  it('rejects with what the function makes of its signal', async () => {
    const { port1, port2 } = new MessageChannel()
    const thread = new Thread(work.waitForSignal, { args: [port2], transfer: [port2], graceMs: Infinity }).start()
    await new Promise((resolve) => port1.once('message', resolve))
    port1.close()
    const reason = new RangeError('stop it')
    thread.cancel(reason)
    const error = await thread.join().catch((why: unknown) => why)
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'stop it' })
    expect(thread.status).toBe('cancelled')
  })

  it('may have threads of its own', async () => {
    expect(await new Thread(work.nested, { args: [20] }).start().join()).toBe(41)
  })

  it('ends although timers and handles are left in it', async () => {
    const thread = new Thread(() => {
      setInterval(() => {}, 1)
      return 'done'
    }).start()
    expect(await thread.join()).toBe('done')
  })

  it('dies of too much memory alone', async () => {
    const thread = new Thread(
      () => {
        const all: unknown[] = []
        for (;;) all.push(new Array(1e5).fill(1.5))
      },
      { resourceLimits: { maxOldGenerationSizeMb: 16 } },
    ).start()
    await expect(thread.join()).rejects.toMatchObject({ ...died, cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
  })

  it('that can not start says so at once', () => {
    expect(() => new Thread(() => 1, { env: { BAD: Symbol('x') } as never }).start()).toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_WORKER_START' }),
    )
  })

  it.concurrent('that fails unjoined is reported as an unhandled rejection; one that was stopped is not', async () => {
    const { stdout, stderr, code } = await runModule(`
      import { Thread } from 'offloop'
      process.on('unhandledRejection', (error) => console.log('unhandled', error.message))
      new Thread(() => { throw new TypeError('nobody') }).start()
      const joined = new Thread(() => { throw new TypeError('somebody') }).start()
      joined.join().catch(() => {})
      const stopped = new Thread(() => { for (;;); }).start()
      stopped.join()
      await stopped.terminate()
    `)
    expect({ stdout, stderr, code }).toEqual({ stdout: 'unhandled nobody\n', stderr: '', code: 0 })
  })

  it.concurrent('that is left running is named with OFFLOOP_DEBUG=threads', async () => {
    const source = `
      import { Thread } from 'offloop'
      const leave = (options) => new Thread(() => new Promise(() => {}), options).start()
      leave({ name: 'forgotten' })
      leave({ name: 'server', daemon: true })
      setTimeout(() => process.exit(), 50)`
    const told = await runModule(source, { OFFLOOP_DEBUG: 'threads' })
    expect(told.stderr).toMatch(/OffloopThreadWarning: The thread 'forgotten' still runs.*\n\s+at leave/)
    expect(told.stderr).not.toContain('server')
    expect((await runModule(source)).stderr).toBe('')
  })

  it.concurrent('that nobody holds any more is named as well', async () => {
    const { stderr } = await runModule(
      `
      import { setFlagsFromString } from 'node:v8'
      import { runInNewContext } from 'node:vm'
      import { Thread } from 'offloop'
      setFlagsFromString('--expose-gc')
      const gc = runInNewContext('gc')
      ;(() => void new Thread(() => new Promise(() => {}), { name: 'lost' }).start())()
      process.on('warning', () => process.reallyExit(0))
      for (let i = 0; i < 200; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10))
        gc()
      }`,
      { OFFLOOP_DEBUG: 'threads' },
    )
    expect(stderr).toMatch(/'lost' still runs, and nobody can join it/)
  })

  it('starts many and joins all', async () => {
    const threads = Array.from({ length: 6 }, (_, i) => new Thread((n: number) => n * n, { args: [i] }).start())
    expect(await Promise.all(threads.map((thread) => thread.join()))).toEqual([0, 1, 4, 9, 16, 25])
    await until(() => threads.every(({ isAlive }) => !isAlive))
  })
})

describe('Process', () => {
  it('has a process of its own, that knows its name', async () => {
    const child = new Process(() => [process.pid, process.ppid], { name: 'known' }).start()
    expect(await child.join()).toEqual([child.pid, process.pid])
  })

  it('refuses shared memory before it starts', () => {
    const child = new Process((x: Int32Array) => x.length, { args: [alloc(Int32Array, 1)] })
    expect(() => child.start()).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_BACKEND' }))
    expect(child.isAlive).toBe(false)
  })
})
