import { Barrier, Condition, Latch, Lock, Once, SharedEvent, Value } from 'offloop'
import type {
  BoundedSemaphore,
  Held,
  Holder,
  LockOptions,
  NumberOf,
  Pool,
  RLock,
  RWLock,
  Semaphore,
  Task,
  ValueType,
  WaitOptions,
} from 'offloop'
import { describe, expectTypeOf, it } from 'vitest'

declare const lock: Lock
declare const rlock: RLock
declare const rwlock: RWLock
declare const semaphore: Semaphore
declare const bounded: BoundedSemaphore
declare const held: Held
declare const pool: Pool

describe('types of locks', () => {
  it('tokens come from every way to acquire', () => {
    expectTypeOf(lock.acquire()).toEqualTypeOf<Promise<Held>>()
    expectTypeOf(lock.acquireSync({ timeout: 5, signal: undefined })).toEqualTypeOf<Held>()
    expectTypeOf(lock.tryAcquire()).toEqualTypeOf<Held | undefined>()
    expectTypeOf(rlock.acquire({ held, timeout: 1 })).toEqualTypeOf<Promise<Held>>()
    expectTypeOf(rlock.tryAcquire({ held })).toEqualTypeOf<Held | undefined>()
    expectTypeOf(rwlock.read()).toEqualTypeOf<Promise<Held>>()
    expectTypeOf(rwlock.writeSync()).toEqualTypeOf<Held>()
    expectTypeOf(semaphore.acquire(2, { timeout: 1 })).toEqualTypeOf<Promise<Held>>()
    expectTypeOf(bounded.acquireSync({ timeout: 1 })).toEqualTypeOf<Held>()
    // @ts-expect-error a Lock is not entered again
    void lock.acquire({ held })
    // @ts-expect-error no number
    void lock.acquire({ timeout: '1' })
  })

  it('with gives what the function gives, awaited', () => {
    expectTypeOf(lock.with(() => 1)).toEqualTypeOf<Promise<number>>()
    expectTypeOf(lock.with(async (own) => [own.isHeld])).toEqualTypeOf<Promise<boolean[]>>()
    expectTypeOf(rlock.with(held, () => 'x')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(rwlock.withRead(() => 1n, { timeout: 5 })).toEqualTypeOf<Promise<bigint>>()
    expectTypeOf(semaphore.with(() => 1)).toEqualTypeOf<Promise<number>>()
  })

  it('tokens are disposable, and locks say who holds them', () => {
    expectTypeOf(held).toExtend<Disposable & AsyncDisposable>()
    expectTypeOf(lock.holder).toEqualTypeOf<Holder | undefined>()
    expectTypeOf(rwlock.holders).toEqualTypeOf<Holder[]>()
    expectTypeOf<LockOptions>().toExtend<{ readonly fair?: boolean | undefined }>()
    expectTypeOf<WaitOptions['signal']>().toEqualTypeOf<AbortSignal | undefined>()
    // @ts-expect-error no number of its own
    held.abandoned = true
  })
})

describe('types of what is waited for', () => {
  it('results are what there is to know', () => {
    const condition = new Condition(lock)
    expectTypeOf(condition.wait(held, { timeout: 1 })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(condition.wait({ timeout: 1 })).toEqualTypeOf<Promise<void>>()
    expectTypeOf(condition.waitFor(async () => 'x', held)).toEqualTypeOf<Promise<string>>()
    expectTypeOf(condition.waitForSync(() => 1, { timeout: 1 })).toEqualTypeOf<number>()
    expectTypeOf(condition.lock).toEqualTypeOf<Lock | RLock>()
    expectTypeOf(new Barrier(2).wait()).toEqualTypeOf<Promise<number>>()
    expectTypeOf(new SharedEvent().isSet).toEqualTypeOf<boolean>()
    expectTypeOf(new Latch(1).waitSync()).toEqualTypeOf<void>()
    expectTypeOf(new Once().run(async () => 1)).toEqualTypeOf<Promise<number | undefined>>()
    // @ts-expect-error a barrier has parties
    void new Barrier()
    // @ts-expect-error a semaphore is no lock of a condition
    void new Condition(semaphore)
  })

  it('values are numbers or bigints by their type', () => {
    expectTypeOf(new Value('i32', 1).get()).toEqualTypeOf<number>()
    expectTypeOf(new Value('u64').add(1n)).toEqualTypeOf<bigint>()
    expectTypeOf(Value.from<'f64'>({}).exchange(1)).toEqualTypeOf<number>()
    expectTypeOf<NumberOf<'i64'>>().toEqualTypeOf<bigint>()
    expectTypeOf<ValueType>().toEqualTypeOf<'i32' | 'u32' | 'i64' | 'u64' | 'f64'>()
    // @ts-expect-error no bigint
    void new Value('i32', 1n)
    // @ts-expect-error no number
    new Value('i64').set(1)
  })

  it('they arrive in a task as what they are', () => {
    expectTypeOf(pool.submit((own: Lock) => own.locked, lock)).toEqualTypeOf<Task<boolean>>()
    expectTypeOf(Lock.from(lock.handle)).toEqualTypeOf<Lock>()
  })
})
