// How a rank waits: it looks whether what it needs is there, a while without sleeping where every rank can have a CPU,
// then asleep on its bell, which is rung whenever something may have changed for it.
import { availableParallelism } from 'node:os'

import { onAbort } from '../abort.ts'
import { abortError } from '../errors.ts'
import { lookMs } from '../sync/marks.ts'
import { remaining } from '../sync/waits.ts'
import type { Wait } from '../sync/waits.ts'
import { unwatch, watch } from '../sync/watch.ts'
import { state } from './world.ts'
import type { World } from './world.ts'

/** Whether what is waited for is there; throws where it can't come any more. */
export type Poll = () => boolean

/** Waking a thread takes longer than this many looks. */
const mostLooks = 2000
/** Where looking has been in vain, as the others have no CPU meanwhile. */
const leastLooks = 8
/** Now and then it is tried again. */
const retryEvery = 100

interface Waiter {
  readonly poll: Poll
  readonly resolve: (came: boolean) => void
  readonly reject: (reason: unknown) => void
  timer: NodeJS.Timeout | undefined
  release: (() => void) | undefined
}

export class Bell {
  readonly #world: World
  readonly #rank: number
  readonly #at: number
  readonly #most: number
  #looks: number
  #waits = 0
  readonly #waiters = new Set<Waiter>()
  /** Whether a promise of the next ring is out. */
  #armed = false

  constructor(world: World, rank: number) {
    this.#world = world
    this.#rank = rank
    this.#at = world.bellAt(rank)
    this.#most = world.size <= availableParallelism() ? mostLooks : 1
    this.#looks = this.#most
  }

  /** Blocks until it is there; false when the time is over. */
  waitSync(poll: Poll, wait: Wait): boolean {
    if (this.#spin(poll)) return true
    const { words } = this.#world
    this.#world.setAsleep(this.#rank, true)
    try {
      for (;;) {
        const rung = Atomics.load(words, this.#at)
        if (poll()) return true
        if (this.#world.state !== state.running) throw abortError()
        wait.signal?.throwIfAborted()
        const left = remaining(wait)
        if (left <= 0) return false
        Atomics.wait(words, this.#at, rung, Math.min(left, lookMs))
      }
    } finally {
      this.#world.setAsleep(this.#rank, this.#waiters.size > 0)
    }
  }

  /** The same as a promise. */
  async wait(poll: Poll, wait: Wait): Promise<boolean> {
    wait.signal?.throwIfAborted()
    if (this.#spin(poll)) return true
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { poll, resolve, reject, timer: undefined, release: undefined }
      this.#limit(waiter, wait)
      this.#waiters.add(waiter)
      if (this.#waiters.size === 1) watch(this)
      this.run()
    })
  }

  /** Lets those go on who can. */
  run(): void {
    const { words } = this.#world
    while (this.#waiters.size > 0) {
      this.#world.setAsleep(this.#rank, true)
      const rung = Atomics.load(words, this.#at)
      for (const waiter of Array.from(this.#waiters)) this.#try(waiter)
      if (this.#waiters.size === 0 || (this.#armed && Atomics.load(words, this.#at) === rung)) break
      if (this.#armed) continue
      const slept = Atomics.waitAsync(words, this.#at, rung)
      if (!slept.async) continue
      this.#armed = true
      void slept.value.then(() => {
        this.#armed = false
        this.run()
      })
      break
    }
    if (this.#waiters.size === 0) this.#world.setAsleep(this.#rank, false)
  }

  /** Looks for a while, the longer the more often that was enough. */
  #spin(poll: Poll): boolean {
    if (poll()) return true
    const looks = this.#waits++ % retryEvery === 0 ? this.#most : this.#looks
    for (let i = 1; i < looks; i++) {
      if (!poll()) continue
      this.#looks = Math.min(this.#most, Math.max(leastLooks, looks) * 2)
      return true
    }
    this.#looks = Math.min(this.#most, Math.max(leastLooks, this.#looks >> 1))
    return false
  }

  #try(waiter: Waiter): void {
    // What a function left behind when it returned has nobody to tell.
    if (this.#world.hasReturned(this.#rank)) return this.#drop(waiter)
    try {
      if (waiter.poll()) {
        this.#drop(waiter)
        waiter.resolve(true)
      } else if (this.#world.state !== state.running) {
        this.#drop(waiter)
        waiter.reject(abortError())
      }
    } catch (error) {
      this.#drop(waiter)
      waiter.reject(error)
    }
  }

  #limit(waiter: Waiter, wait: Wait): void {
    const { signal } = wait
    if (signal !== undefined) {
      waiter.release = onAbort(signal, () => {
        this.#drop(waiter)
        waiter.reject(signal.reason)
      })
    }
    if (wait.deadline === Infinity) return
    const tick = (): void => {
      const left = remaining(wait)
      if (left > 0) {
        waiter.timer = setTimeout(tick, Math.min(Math.ceil(left), 2 ** 31 - 1))
      } else {
        this.#drop(waiter)
        waiter.resolve(false)
      }
    }
    tick()
  }

  #drop(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    clearTimeout(waiter.timer)
    waiter.release?.()
    if (this.#waiters.size === 0) unwatch(this)
  }
}
