// The promises of one thread that wait in one list. They share a place there, which stands for the oldest of them, so
// that any number can wait.
import { onAbort } from '../abort.ts'
import { placelessMs } from './marks.ts'
import type { Attempt, WaitList } from './wait-list.ts'
import { remaining } from './waits.ts'
import type { Wait } from './waits.ts'
import { unwatch, watch } from './watch.ts'

interface Waiter {
  readonly attempt: Attempt<unknown>
  readonly ticket: number
  readonly resolve: (value: unknown) => void
  readonly reject: (reason: unknown) => void
  timer: NodeJS.Timeout | undefined
  release: (() => void) | undefined
}

export class LocalWaiters {
  /** In the list; -1 while nobody waits here, or while all places are taken. */
  place = -1
  readonly #list: WaitList
  readonly #kind: number
  /** In order of their tickets. */
  readonly #waiters = new Set<Waiter>()
  /** Whether a promise of a wake-up is out. */
  #armed = false
  #soon = false
  /** Whether one has left that may have kept others back. */
  #gaveUp = false
  /** Set while there is no place to be woken at. */
  #retry: NodeJS.Timeout | undefined

  constructor(list: WaitList, kind: number) {
    this.#list = list
    this.#kind = kind
  }

  /** The attempt's result; undefined when the time is over; rejects with the signal's reason. */
  async wait(attempt: Attempt<unknown>, wait: Wait): Promise<unknown> {
    wait.signal?.throwIfAborted()
    const mayPass = this.#list.mayPass && !(this.#list.headOnly && this.#waiters.size > 0)
    const first = mayPass ? attempt(false) : undefined
    if (first !== undefined || remaining(wait) <= 0) return first
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        attempt,
        ticket: this.#list.ticket(),
        resolve,
        reject,
        timer: undefined,
        release: undefined,
      }
      this.#waiters.add(waiter)
      if (this.#waiters.size === 1) watch(this)
      // The time may be over by now, which takes the waiter out again.
      this.#limit(waiter, wait)
      if (this.#waiters.size === 1 || !this.#list.headOnly) this.run(false)
    })
  }

  /** Lets those go on who can; called when the place was notified, and now and then. */
  run(thorough: boolean): void {
    if (this.#waiters.size === 0) return
    if (thorough) this.#list.clean()
    do {
      const woken = this.#stand()
      const before = this.#waiters.size
      this.#drain(thorough)
      if (this.#waiters.size === 0) return this.#leave()
      this.#list.setTicket(this.place, this.#oldest.ticket)
      // The next one may be in another thread.
      const went = this.#waiters.size < before
      const handOn = this.#list.several ? went || woken || this.#gaveUp : woken && !went
      this.#gaveUp = false
      if (handOn && !this.#list.mayTry(this.place, this.#kind)) this.#list.wakeNext(this.#kind)
    } while (!this.#sleep())
  }

  /** As run(), after what is under way now. */
  runSoon(): void {
    if (this.#soon) return
    this.#soon = true
    queueMicrotask(() => {
      this.#soon = false
      this.run(false)
    })
  }

  get #oldest(): Waiter {
    return this.#waiters.values().next().value as Waiter
  }

  #stand(): boolean {
    if (this.place < 0) this.place = this.#list.take(this.#kind, this.#oldest.ticket)
    return this.#list.stand(this.place)
  }

  #drain(thorough: boolean): void {
    for (const waiter of Array.from(this.#list.headOnly ? [] : this.#waiters)) this.#try(waiter, thorough)
    if (!this.#list.headOnly) return
    for (const waiter of this.#waiters) {
      this.#list.setTicket(this.place, waiter.ticket)
      if (!this.#try(waiter, thorough)) return
    }
  }

  /** Whether the waiter is through. */
  #try(waiter: Waiter, thorough: boolean): boolean {
    if (!this.#waiters.has(waiter)) return true
    if (!this.#list.mayTry(this.place, this.#kind)) return false
    try {
      const result = waiter.attempt(thorough)
      if (result === undefined) return false
      this.#drop(waiter)
      waiter.resolve(result)
    } catch (error) {
      this.#drop(waiter)
      waiter.reject(error)
    }
    return true
  }

  /** False where a wake-up has come meanwhile. */
  #sleep(): boolean {
    if (this.place < 0) {
      if (this.#retry !== undefined) return true
      this.#retry = setTimeout(() => {
        this.#retry = undefined
        this.run(false)
      }, placelessMs)
      return true
    }
    if (this.#armed) return this.#list.isWaiting(this.place)
    const slept = this.#list.sleepAsync(this.place)
    if (slept === undefined) return false
    this.#armed = true
    void slept.then(() => {
      this.#armed = false
      this.run(false)
    })
    return true
  }

  #limit(waiter: Waiter, wait: Wait): void {
    const end = (settle: () => void): void => {
      this.#drop(waiter)
      this.#gaveUp = true
      settle()
      if (this.#waiters.size === 0) this.#leave()
      else this.runSoon()
    }
    const { signal } = wait
    if (signal !== undefined) waiter.release = onAbort(signal, () => end(() => waiter.reject(signal.reason)))
    if (wait.deadline === Infinity) return
    const tick = (): void => {
      const left = remaining(wait)
      if (left > 0) waiter.timer = setTimeout(tick, Math.min(Math.ceil(left), 2 ** 31 - 1))
      else end(() => waiter.resolve(undefined))
    }
    tick()
  }

  #drop(waiter: Waiter): void {
    this.#waiters.delete(waiter)
    clearTimeout(waiter.timer)
    waiter.release?.()
    if (this.#waiters.size === 0) unwatch(this)
  }

  #leave(): void {
    const { place } = this
    this.place = -1
    this.#list.leave(place, this.#kind)
  }
}
