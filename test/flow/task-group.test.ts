import { AsyncLocalStorage } from 'node:async_hooks'

import { delay, Pool, Task, TaskGroup } from 'offloop'
import { afterEach, describe, expect, it, vi } from 'vitest'

import { deferred, listeners, reasonOf, settle, untilAborted } from './helpers.ts'

afterEach(() => vi.useRealTimers())

describe('a group', () => {
  it('is over when all of its children are, and gives what its function gave', async () => {
    const gate = deferred()
    const child = deferred<string>()
    let grandchild = false
    const run = TaskGroup.run(async (group) => {
      expect(group.signal.aborted).toBe(false)
      group.spawn(async () => {
        await gate.promise
        // A child may spawn when the function is long over.
        group.spawn(async () => {
          await settle()
          grandchild = true
        })
      })
      group.spawn(child.promise)
      return group.spawn(() => 'given')
    })
    expect(run).toBeInstanceOf(Task)
    await settle()
    expect(run.status).toBe('running')
    gate.resolve(undefined)
    child.resolve('x')
    expect(await run).toBe('given')
    expect(grandchild).toBe(true)
  })

  it('gives Tasks of its children', async () => {
    await TaskGroup.run(async (group) => {
      const begun: number[] = []
      const tasks = [group.spawn(() => begun.push(1)), group.spawn(async () => 'x'), group.spawn(Promise.resolve(3))]
      expect(begun).toEqual([1])
      for (const task of tasks) expect(task).toBeInstanceOf(Task)
      expect(await Promise.all(tasks)).toEqual([1, 'x', 3])
    })
    expect(await TaskGroup.run(() => 5)).toBe(5)
  })

  it('lets no more functions run at once than its limit, first come, first served', async () => {
    let running = 0
    let most = 0
    const order: number[] = []
    await TaskGroup.run(
      (group) => {
        for (let i = 0; i < 10; i++) {
          group.spawn(async () => {
            order.push(i)
            most = Math.max(most, ++running)
            await settle()
            running--
          })
        }
        // What runs already needs no place.
        group.spawn(settle())
      },
      { limit: 2 },
    )
    expect(most).toBe(2)
    expect(order).toEqual(Array.from({ length: 10 }, (_, i) => i))
  })

  it('is left when it is over', async () => {
    let left!: TaskGroup
    await TaskGroup.run((group) => (left = group))
    let called = false
    expect(await reasonOf(left.spawn(() => (called = true)))).toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' })
    expect(called).toBe(false)
    left.cancel()
    expect(left.signal.aborted).toBe(false)
  })
})

describe('the first error', () => {
  it('aborts the signal, cancels the others, and is the rejection once all have settled', async () => {
    const error = new Error('first')
    const cleaned = deferred()
    let reason: unknown
    let waiting = false
    let task!: Task<unknown>
    const run = TaskGroup.run(
      (group) => {
        task = group.spawn(delay(1e9))
        group.spawn(async (signal) => {
          reason = await reasonOf(untilAborted(signal))
          await cleaned.promise
        })
        group.spawn(async () => {
          await settle()
          throw error
        })
        group.spawn(() => (waiting = true))
      },
      { limit: 2 },
    )
    expect(await reasonOf(task)).toMatchObject({ name: 'AbortError', cause: error })
    await settle()
    expect(reason).toMatchObject({ name: 'AbortError', cause: error })
    expect(run.status).toBe('running')
    cleaned.resolve(undefined)
    expect(await reasonOf(run)).toBe(error)
    expect(run.status).toBe('failed')
    expect(waiting).toBe(false)
  })

  it('may be that of the function itself, or thrown at once', async () => {
    const error = new Error('of the function')
    const task = delay(1e9)
    const failing = (group: TaskGroup) => {
      group.spawn(task)
      throw error
    }
    expect(await reasonOf(TaskGroup.run(failing))).toBe(error)
    expect(task.status).toBe('cancelled')
    const child = TaskGroup.run((group) => {
      const failed = group.spawn(() => {
        throw error
      })
      // The group fails, also when somebody deals with it.
      return failed.catch(() => 'dealt with')
    })
    expect(await reasonOf(child)).toBe(error)
  })

  it('is followed by others, which are there to be read', async () => {
    const [first, second] = [new Error('first'), new Error('in the cleanup')]
    let group!: TaskGroup
    const run = TaskGroup.run(async (own) => {
      group = own
      own.spawn(async (signal) => {
        await reasonOf(untilAborted(signal))
        throw second
      })
      own.spawn(untilAborted)
      await own.spawn(() => Promise.reject(first))
    })
    expect(await reasonOf(run)).toBe(first)
    expect(group.errors).toEqual([first, second])
  })

  it('begins nothing more', async () => {
    let called = false
    let late!: Task<unknown>
    const run = TaskGroup.run(async (group) => {
      group.spawn(() => Promise.reject(new Error('x')))
      await settle()
      expect(group.signal.aborted).toBe(true)
      late = group.spawn(() => (called = true))
      await reasonOf(late)
    })
    expect(await reasonOf(run)).toEqual(new Error('x'))
    expect(late.status).toBe('cancelled')
    expect(called).toBe(false)
  })

  it('cancels tasks of a Pool, spawned or given by a function', async () => {
    const pool = new Pool({ workers: 2 })
    const endless = () => {
      for (;;);
    }
    const tasks = [pool.submit(endless), pool.submit(endless)]
    const run = TaskGroup.run((group) => {
      group.spawn(tasks[0])
      group.spawn(() => tasks[1])
      group.spawn(() => delay(5).then(() => Promise.reject(new Error('x'))))
    })
    expect(await reasonOf(run)).toEqual(new Error('x'))
    expect(tasks.map(({ status }) => status)).toEqual(['cancelled', 'cancelled'])
    await pool.terminate()
  })
})

describe('a group is cancelled', () => {
  it('from outside, by a signal', async () => {
    const controller = new AbortController()
    let told: unknown
    const run = TaskGroup.run(
      async (group) => {
        group.spawn(async (signal) => {
          told = await reasonOf(untilAborted(signal))
        })
        await untilAborted(group.signal)
      },
      { signal: controller.signal },
    )
    expect(listeners(controller.signal)).toBe(1)
    controller.abort('enough')
    expect(await reasonOf(run)).toBe('enough')
    expect(run.status).toBe('cancelled')
    expect(told).toBe('enough')
    expect(listeners(controller.signal)).toBe(0)
    let called = false
    expect(await reasonOf(TaskGroup.run(() => (called = true), { signal: controller.signal }))).toBe('enough')
    expect(called).toBe(false)
  })

  it('by its timeout, by itself, and by cancel of its Task', async () => {
    const endless = (group: TaskGroup) => void group.spawn(untilAborted)
    expect(await reasonOf(TaskGroup.run(endless, { timeout: 1 }))).toMatchObject({ name: 'TimeoutError' })
    const selfish = (group: TaskGroup) => {
      endless(group)
      group.cancel('mine')
    }
    expect(await reasonOf(TaskGroup.run(selfish))).toBe('mine')
    const run = TaskGroup.run(endless)
    run.cancel()
    expect(await reasonOf(run)).toMatchObject({ name: 'AbortError' })
  })

  it('with the groups inside of it', async () => {
    const inner: Task<unknown>[] = []
    const leaf = delay(1e9)
    const run = TaskGroup.run((outer) => {
      const nested = (group: TaskGroup) => {
        inner.push(group.spawn(untilAborted))
        group.spawn(leaf)
      }
      // A Task that a function gives is cancelled; a function that waits for it passes the signal on.
      outer.spawn(() => TaskGroup.run(nested))
      outer.spawn(async (signal) => {
        await TaskGroup.run((group) => void inner.push(group.spawn(untilAborted)), { signal })
      })
    })
    run.cancel('all of it')
    expect(await reasonOf(run)).toBe('all of it')
    expect([...inner, leaf].map(({ status }) => status)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })

  it('not with one child, which may be cancelled alone', async () => {
    const run = TaskGroup.run(
      async (group) => {
        const children = [group.spawn(untilAborted), group.spawn(delay(1e9)), group.spawn(() => 'never')]
        for (const child of children) child.cancel('alone')
        for (const child of children) expect(await reasonOf(child)).toBe('alone')
        expect(group.signal.aborted).toBe(false)
        return 'well'
      },
      { limit: 1 },
    )
    expect(await run).toBe('well')
  })
})

describe('TaskGroup', () => {
  it('runs functions in the context that they were spawned in', async () => {
    const storage = new AsyncLocalStorage<string>()
    const stores: unknown[] = []
    await TaskGroup.run(
      (group) => {
        for (const name of ['a', 'b', 'c']) {
          storage.run(name, () => {
            group.spawn(async () => {
              await settle()
              stores.push(storage.getStore())
            })
          })
        }
      },
      { limit: 1 },
    )
    expect(stores).toEqual(['a', 'b', 'c'])
  })

  it('warns of no leak where many children listen', async () => {
    const warn = vi.spyOn(process, 'emitWarning')
    await TaskGroup.run((group) => {
      for (let i = 0; i < 30; i++) {
        group.spawn(async () => {
          group.signal.addEventListener('abort', () => {})
          await settle()
        })
      }
    })
    expect(warn).not.toHaveBeenCalled()
    warn.mockRestore()
  })

  it('leaves no timer and no listener', async () => {
    vi.useFakeTimers()
    const { signal } = new AbortController()
    await TaskGroup.run((group) => void group.spawn(() => 1), { signal, timeout: 1e9 })
    await reasonOf(TaskGroup.run(() => Promise.reject(new Error('x')), { signal, timeout: 1e9 }))
    expect(vi.getTimerCount()).toBe(0)
    expect(listeners(signal)).toBe(0)
  })

  it('refuses misuse', async () => {
    expect(await reasonOf(TaskGroup.run(5 as never))).toBeInstanceOf(TypeError)
    expect(await reasonOf(TaskGroup.run(() => 1, { limit: 0 }))).toBeInstanceOf(RangeError)
    const Constructor = TaskGroup as unknown as new () => unknown
    expect(() => new Constructor()).toThrow(TypeError)
    await TaskGroup.run(async (group) => {
      expect(await reasonOf(group.spawn(5 as never))).toBeInstanceOf(TypeError)
      expect(await reasonOf(group.spawn(undefined as never))).toBeInstanceOf(TypeError)
    })
  })
})
