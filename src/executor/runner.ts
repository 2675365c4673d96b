// The worker's side: takes tasks, runs them one after another, and sends back what came of them, several at a time
// where they are short.
import type { TransferListItem } from 'node:worker_threads'

import type { CurrentTask } from './current-task.ts'
import { enterTask } from './current-task.ts'
import type { TypedArray } from '../types.ts'
import { packFault, unpackFault } from './fault.ts'
import { load } from './load.ts'
import { deliver } from './mail.ts'
import { mark, verdict, word } from './messages.ts'
import type { FromRunner, RunMessage, RunnerOptions, ShippedFunction, ToRunner, Verb } from './messages.ts'
import { checkValue, cloneError, packValue, unpackValue } from './parcel.ts'
import type { Channel } from './parcel.ts'
import { Patience } from './patience.ts'
import { closeStream, isThenable, verbs } from './verbs.ts'
import type { AnyFunction, Host } from './verbs.ts'

/** What a runner needs of its thread or process. */
export interface RunnerLink {
  readonly channel: Channel
  readonly words: Int32Array | undefined
  post(message: FromRunner, transfer?: readonly TransferListItem[]): void
  /** A message that is here already. */
  receive(): ToRunner | undefined
  /** Ends the worker. */
  leave(): void
}

/** Results wait for their neighbours this long at most. */
const holdMs = 0.3
/** After its last task a worker looks for the next one this long, in turns between which its event loop goes on. */
const lookMs = 0.1
const turnMs = 0.03
/** Reading the clock takes longer than a look. */
const looksInRow = 32

interface Pending {
  readonly verb: Verb
  readonly fn: number
  readonly slot: number
  readonly args: readonly unknown[]
  readonly packed: boolean
}

export class Runner {
  readonly #link: RunnerLink
  readonly #context: unknown
  readonly #functions = new Map<number, AnyFunction | Promise<AnyFunction>>()
  /** Functions that could not be loaded; the next call tries again. */
  readonly #failed = new Map<number, ShippedFunction>()
  readonly #host: Host
  readonly #kept = new Map<number, TypedArray>()
  #pending: Pending[] = []
  #at = 0
  #busy = false
  #received = 0
  #entries: unknown[] = []
  #since = 0
  #looking = false
  readonly #patience = new Patience(lookMs)
  #running: RunningTask | undefined

  constructor(link: RunnerLink, options: RunnerOptions) {
    this.#link = link
    this.#context = options.contextPacked ? unpackValue(options.context) : options.context
    this.#host = {
      task: () => this.#running as RunningTask,
      streams: new Map(),
      cancelled: () => this.#running?.cancelled === true,
      check: (value) => checkValue(value, 'result', link.channel),
    }
    this.#busy = true
    void this.#begin(options.initializer)
  }

  take(message: ToRunner): void {
    this.#received++
    this.#patience.came()
    switch (message[0]) {
      case 'run':
        this.#enqueue(message)
        break
      case 'cancel':
        if (this.#running?.slot === message[1]) this.#running.abort(message[2] && unpackFault(message[2]))
        else this.#drop(message[1])
        break
      case 'end':
        this.#link.leave()
        break
      case 'mail':
        deliver(message[1])
        break
      default:
        if (message[2] === undefined) this.#kept.delete(message[1])
        else this.#kept.set(message[1], message[2] as TypedArray)
    }
    if (!this.#busy) this.#work()
  }

  /** Sends what is ready; called when the worker is about to end as well. */
  flush(): void {
    if (this.#entries.length === 0) return
    const entries = this.#entries
    this.#entries = []
    try {
      this.#post(['done', entries])
    } catch {
      for (let i = 0; i < entries.length; i += 4) this.#postAlone(entries.slice(i, i + 4))
    }
  }

  async #begin(initializer: ShippedFunction | undefined): Promise<void> {
    let fault: unknown
    try {
      if (initializer !== undefined) await (await load(initializer))(this.#context)
    } catch (error) {
      fault = packFault(error)
    }
    this.#post(['ready', fault])
    if (fault !== undefined) return
    this.#busy = false
    this.#work()
  }

  #enqueue([, verb, fn, shipped, slots, args, packed]: RunMessage): void {
    if (shipped !== undefined) this.#define(shipped)
    for (let i = 0; i < slots.length; i++) this.#pending.push({ verb, fn, slot: slots[i], args: args[i], packed })
  }

  #define(shipped: ShippedFunction): void {
    let loaded: AnyFunction | Promise<AnyFunction>
    try {
      loaded = load(shipped)
    } catch (error) {
      loaded = Promise.reject(error)
    }
    this.#functions.set(shipped.id, loaded)
    if (!(loaded instanceof Promise)) return
    // Whoever calls it hears of its failure.
    loaded.then(
      (fn) => this.#functions.set(shipped.id, fn),
      () => this.#failed.set(shipped.id, shipped),
    )
  }

  /** Forgets a task that has not begun. */
  #drop(slot: number): void {
    const index = this.#pending.findIndex((pending, i) => i >= this.#at && pending.slot === slot)
    if (index === -1) return
    this.#pending.splice(index, 1)
    this.#reply(slot, verdict.withdrawn, undefined, 0)
    this.flush()
  }

  #find(id: number): AnyFunction | Promise<AnyFunction> {
    const failed = this.#failed.get(id)
    if (failed !== undefined) {
      this.#failed.delete(id)
      this.#define(failed)
    }
    return this.#functions.get(id) as AnyFunction | Promise<AnyFunction>
  }

  #work(): void {
    for (;;) {
      while (this.#at < this.#pending.length) {
        const pending = this.#pending[this.#at++]
        if (!this.#claim(pending.slot)) {
          this.#reply(pending.slot, verdict.withdrawn, undefined, 0)
          continue
        }
        if (this.#run(pending)) return
      }
      this.#pending = []
      this.#at = 0
      this.flush()
      if (!this.#drain() && !this.#expect()) return
    }
  }

  /** Whether the task is still ours: the main thread may have taken it back. */
  #claim(slot: number): boolean {
    const { words } = this.#link
    return (
      words === undefined || Atomics.compareExchange(words, word.slots + slot, mark.sent, mark.running) === mark.sent
    )
  }

  /** Runs a task; whether it goes on, and #work is called again when it is over. */
  #run({ verb, fn: id, slot, args: given, packed }: Pending): boolean {
    const started = performance.now()
    const report = (fraction: number): void => this.#post(['progress', slot, fraction])
    const task = new RunningTask(slot, this.#context, this.#link.words, report)
    this.#running = task
    enterTask(task)
    const finish = (kind: 'value' | 'fault', value: unknown): void => {
      this.#running = undefined
      enterTask(undefined)
      const sent = this.#finish(slot, kind, value, performance.now() - started)
      // Nobody will ask a generator for more after a step that could not be sent.
      if (!sent && verb === 'resume') void Promise.resolve(closeStream(this.#host, given[0] as number)).catch(() => {})
    }
    let value: unknown
    try {
      const fn = this.#find(id)
      const args = packed ? (unpackValue(given, this.#kept) as unknown[]) : given
      value = fn instanceof Promise ? fn.then((loaded) => this.#apply(verb, loaded, args)) : this.#apply(verb, fn, args)
    } catch (error) {
      finish('fault', error)
      return false
    }
    if (!isThenable(value)) {
      finish('value', value)
      return false
    }
    this.#busy = true
    this.flush()
    const goOn = (): void => {
      this.#busy = false
      this.#work()
    }
    Promise.resolve(value).then(
      (settled) => {
        finish('value', settled)
        goOn()
      },
      (error: unknown) => {
        finish('fault', error)
        goOn()
      },
    )
    return true
  }

  #apply(verb: Verb, fn: AnyFunction, args: readonly unknown[]): unknown {
    if (verb !== 'reduce') return verbs[verb](this.#host, fn, args)
    const [shipped, ...rest] = args as [ShippedFunction | undefined, ...unknown[]]
    if (shipped === undefined) return verbs.reduce(this.#host, fn, [undefined, ...rest])
    if (!this.#functions.has(shipped.id)) this.#define(shipped)
    const map = this.#find(shipped.id)
    if (!(map instanceof Promise)) return verbs.reduce(this.#host, fn, [map, ...rest])
    return map.then((loaded) => verbs.reduce(this.#host, fn, [loaded, ...rest]))
  }

  /** Replies with what came of a task; whether it could be sent. */
  #finish(slot: number, kind: 'value' | 'fault', value: unknown, ms: number): boolean {
    const { words, channel } = this.#link
    if (words !== undefined) Atomics.store(words, word.slots + slot, mark.finished)
    if (kind === 'fault') {
      this.#reply(slot, verdict.fault, packFault(value), ms)
      return true
    }
    try {
      const parcel = packValue(value, 'result', channel)
      if (parcel.transfer !== undefined) {
        this.flush()
        this.#post(['done', [slot, verdict.packed, parcel.value, ms]], parcel.transfer)
      } else {
        this.#reply(slot, parcel.packed ? verdict.packed : verdict.value, parcel.value, ms)
      }
      return true
    } catch (error) {
      this.#reply(slot, verdict.fault, packFault(error), ms)
      return false
    }
  }

  #reply(slot: number, kind: number, value: unknown, ms: number): void {
    const now = performance.now()
    if (this.#entries.length === 0) this.#since = now
    this.#entries.push(slot, kind, value, ms)
    if (now - this.#since > holdMs) this.flush()
  }

  #postAlone(entry: unknown[]): void {
    try {
      this.#post(['done', entry])
    } catch (error) {
      this.#post(['done', [entry[0], verdict.fault, packFault(cloneError('result', error)), entry[3]]])
    }
  }

  #post(message: FromRunner, transfer?: readonly TransferListItem[]): void {
    this.#link.post(message, transfer)
    const { words } = this.#link
    if (words !== undefined) Atomics.add(words, word.replied, 1)
  }

  /** Takes what has come; whether anything has. */
  #drain(): boolean {
    const { words } = this.#link
    if (words === undefined || Atomics.load(words, word.posted) === this.#received) return false
    let any = false
    this.#busy = true
    for (let message = this.#link.receive(); message !== undefined; message = this.#link.receive()) {
      any = true
      this.take(message)
    }
    this.#busy = false
    return any
  }

  /** Looks for the next message for a while; whether one has come. */
  #expect(): boolean {
    return this.#patience.begin() && !this.#looking && this.#look()
  }

  /** Looks for one turn, and goes on after others have had theirs. */
  #look(): boolean {
    const { words } = this.#link
    if (words === undefined) return false
    const until = performance.now() + turnMs
    do {
      for (let look = 0; look < looksInRow; look++) {
        if (Atomics.load(words, word.posted) !== this.#received) return this.#drain()
      }
    } while (performance.now() < until)
    if (this.#patience.lasts) {
      this.#looking = true
      setImmediate(() => {
        this.#looking = false
        if (!this.#busy && this.#pending.length === 0 && this.#look()) this.#work()
      })
    } else {
      this.#patience.gone()
    }
    return false
  }
}

class RunningTask implements CurrentTask {
  readonly slot: number
  readonly context: unknown
  readonly report: (fraction: number) => void
  readonly #words: Int32Array | undefined
  #controller: AbortController | undefined
  #cancelled = false
  #reason: unknown

  constructor(slot: number, context: unknown, words: Int32Array | undefined, report: (fraction: number) => void) {
    this.slot = slot
    this.context = context
    this.report = report
    this.#words = words
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#cancelled) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  get cancelled(): boolean {
    const words = this.#words
    return this.#cancelled || (words !== undefined && Atomics.load(words, word.slots + this.slot) === mark.cancelled)
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw this.#reason ?? new DOMException('This operation was aborted', 'AbortError')
  }

  abort(reason: unknown): void {
    this.#cancelled = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
