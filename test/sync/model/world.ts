/** A generator that stops before every atomic operation. */
export type Code<T = unknown> = Generator<undefined, T, undefined>

interface Blocked {
  readonly words: Int32Array
  readonly index: number
  /** Undefined where no time ends it. */
  readonly until: number | undefined
}

interface Timer {
  readonly at: number
  readonly fire: () => unknown
}

/** One thread: what runs, what is queued behind it, and what it waits for. */
export class SimThread {
  readonly name: string
  job: Code | undefined
  readonly queue: (() => unknown)[] = []
  readonly timers = new Set<Timer>()
  blocked: Blocked | undefined
  woken: 'ok' | 'timed-out' = 'ok'
  terminated = false

  constructor(name: string) {
    this.name = name
  }

  get isIdle(): boolean {
    return this.job === undefined && this.queue.length === 0 && this.blocked === undefined
  }
}

/** What can happen next. */
export interface Action {
  readonly thread: SimThread
  readonly kind: 'run' | 'timeout' | 'timer'
}

type Settled = { readonly value: unknown } | { readonly error: unknown }

/** A promise whose reactions run in the simulated thread that registered them. */
class SimPromise {
  #settled: Settled | undefined
  readonly #reactions: ((settled: Settled) => void)[] = []
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  settle(settled: Settled): void {
    if (this.#settled !== undefined) return
    const inner = 'value' in settled ? settled.value : undefined
    if (inner instanceof SimPromise) return inner.react((each) => this.settle(each))
    this.#settled = settled
    for (const reaction of this.#reactions) reaction(settled)
  }

  react(reaction: (settled: Settled) => void): void {
    if (this.#settled === undefined) this.#reactions.push(reaction)
    else reaction(this.#settled)
  }

  // A thenable on purpose, for `promise.then` in the code that is explored.
  // oxlint-disable-next-line unicorn/no-thenable
  then(onValue?: (value: unknown) => unknown, onError?: (error: unknown) => unknown): SimPromise {
    const next = new SimPromise(this.#world)
    const thread = this.#world.current
    this.react((settled) => {
      const run = 'value' in settled ? onValue : onError
      thread.queue.push(() => {
        if (run === undefined) next.settle(settled)
        else return this.#world.settleBy(next, run('value' in settled ? settled.value : settled.error))
        return undefined
      })
    })
    return next
  }
}

interface AsyncWaiter {
  readonly words: Int32Array
  readonly index: number
  readonly promise: SimPromise
}

/** Several threads over one memory, which go on one step at a time, by whoever calls `take`. */
export class World {
  readonly threads: SimThread[] = []
  current: SimThread = new SimThread('nobody')
  time = 0
  #asyncWaiters: AsyncWaiter[] = []
  #seed = 1

  spawn(name: string, start: () => unknown): SimThread {
    const thread = new SimThread(name)
    thread.queue.push(start)
    this.threads.push(thread)
    return thread
  }

  /** Ends a thread where it stands. */
  terminate(thread: SimThread): void {
    thread.terminated = true
    thread.job = undefined
    thread.blocked = undefined
    thread.queue.length = 0
    thread.timers.clear()
  }

  actions(): Action[] {
    const actions: Action[] = []
    for (const thread of this.threads) {
      if (thread.blocked !== undefined) {
        if (thread.blocked.until !== undefined) actions.push({ thread, kind: 'timeout' })
      } else if (thread.job !== undefined || thread.queue.length > 0) actions.push({ thread, kind: 'run' })
      else if (thread.timers.size > 0) actions.push({ thread, kind: 'timer' })
    }
    return actions
  }

  take({ thread, kind }: Action): void {
    this.current = thread
    if (kind === 'timeout') {
      this.time = Math.max(this.time, thread.blocked?.until ?? 0)
      thread.blocked = undefined
      thread.woken = 'timed-out'
    } else if (kind === 'timer') {
      const [first] = [...thread.timers].toSorted((a, b) => a.at - b.at)
      thread.timers.delete(first)
      this.time = Math.max(this.time, first.at)
      thread.queue.push(first.fire)
    }
    this.#step(thread)
  }

  #step(thread: SimThread): void {
    for (;;) {
      if (thread.job === undefined) {
        const next = thread.queue.shift()
        if (next === undefined) return
        const started = next()
        if (!isCode(started)) continue
        thread.job = started
      }
      const { done } = thread.job.next()
      if (!done) return
      thread.job = undefined
    }
  }

  /** Settles a promise with what a reaction gave, which may be code that has to run first. */
  settleBy(promise: SimPromise, given: unknown): unknown {
    if (!isCode(given)) return promise.settle({ value: given })
    return (function* (): Code {
      try {
        promise.settle({ value: yield* given })
      } catch (error) {
        promise.settle({ error })
      }
      return undefined
    })()
  }

  // --- what transformed code calls

  /** The same numbers in every world: an order that is tried again has to go the same way. */
  random(): number {
    this.#seed = (Math.imul(this.#seed, 1664525) + 1013904223) >>> 0
    return this.#seed / 2 ** 32
  }

  *unwrap(value: unknown): Code {
    return isCode(value) ? yield* value : value
  }

  /** A native method that calls a function back: the function runs as code that can't stop. */
  native(receiver: object, name: string, args: readonly unknown[]): unknown {
    const plain = args.map((arg) =>
      typeof arg === 'function' ? (...given: unknown[]) => this.now(arg(...given)) : arg,
    )
    return (receiver as Record<string, (...all: unknown[]) => unknown>)[name](...plain)
  }

  /** Runs code to its end at once, where it can't stop. */
  now(value: unknown): unknown {
    if (!isCode(value)) return value
    for (;;) {
      const { done, value: result } = value.next()
      if (done) return result
    }
  }

  *atomic(name: string, args: unknown[]): Code {
    yield
    if (name === 'wait') return yield* this.#wait(...(args as [Int32Array, number, number, number]))
    return this.atomicNow(name, args)
  }

  atomicNow(name: string, args: unknown[]): unknown {
    if (name === 'notify') return this.#notify(...(args as [Int32Array, number, number | undefined]))
    if (name === 'waitAsync') return this.#waitAsync(...(args as [Int32Array, number, number]))
    return (Atomics as unknown as Record<string, (...all: unknown[]) => unknown>)[name](...args)
  }

  /** Promise.resolve() */
  resolved(value: unknown): SimPromise {
    if (value instanceof SimPromise) return value
    const promise = new SimPromise(this)
    promise.settle({ value })
    return promise
  }

  *newPromise(executor: (...settle: unknown[]) => unknown): Code {
    const promise = new SimPromise(this)
    try {
      yield* this.unwrap(
        executor(
          (value: unknown) => promise.settle({ value }),
          (error: unknown) => promise.settle({ error }),
        ),
      )
    } catch (error) {
      promise.settle({ error })
    }
    return promise
  }

  /** The rest of an async function, when what it awaits has settled. */
  *await(value: unknown): Code {
    const request = new Await(value)
    yield request as never
    if (request.settled !== undefined && 'error' in request.settled) throw request.settled.error
    return request.settled?.value
  }

  /** Runs an async function up to its first await, and gives its promise. */
  *async(code: Code): Code {
    const promise = new SimPromise(this)
    yield* this.#resume(code, promise)
    return promise
  }

  *#resume(code: Code, promise: SimPromise): Code {
    try {
      for (;;) {
        const { done, value } = code.next() as IteratorResult<unknown, unknown>
        if (done) return promise.settle({ value })
        if (!(value instanceof Await)) yield
        else {
          const thread = this.current
          const go = (settled: Settled): void => {
            value.settled = settled
            thread.queue.push(() => this.#resume(code, promise))
          }
          if (value.on instanceof SimPromise) value.on.react(go)
          else go({ value: value.on })
          return undefined
        }
      }
    } catch (error) {
      return promise.settle({ error })
    }
  }

  queueMicrotask(act: () => unknown): void {
    this.current.queue.push(act)
  }

  /** It fires when no step of its thread is left, whenever the explorer wants. */
  setTimeout(fire: () => unknown, ms: number): Timer {
    const timer = { at: this.time + ms, fire }
    if (ms !== Infinity) this.current.timers.add(timer)
    return timer
  }

  clearTimeout(timer: Timer): void {
    this.current.timers.delete(timer)
  }

  *#wait(words: Int32Array, index: number, value: number, ms = Infinity): Code {
    if (words[index] !== value) return 'not-equal'
    const thread = this.current
    thread.woken = 'ok'
    thread.blocked = { words, index, until: ms === Infinity ? undefined : this.time + ms }
    yield
    return thread.woken
  }

  #waitAsync(words: Int32Array, index: number, value: number): unknown {
    if (words[index] !== value) return { async: false, value: 'not-equal' }
    const promise = new SimPromise(this)
    this.#asyncWaiters.push({ words, index, promise })
    return { async: true, value: promise }
  }

  #notify(words: Int32Array, index: number, count = Infinity): number {
    let woken = 0
    for (const thread of this.threads) {
      const { blocked } = thread
      if (woken >= count || blocked?.index !== index || blocked.words.buffer !== words.buffer) continue
      thread.blocked = undefined
      woken++
    }
    this.#asyncWaiters = this.#asyncWaiters.filter((waiter) => {
      if (woken >= count || waiter.index !== index || waiter.words.buffer !== words.buffer) return true
      waiter.promise.settle({ value: 'ok' })
      woken++
      return false
    })
    return woken
  }
}

class Await {
  readonly on: unknown
  settled: Settled | undefined

  constructor(on: unknown) {
    this.on = on
  }
}

function isCode(value: unknown): value is Code {
  return typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Generator]'
}
