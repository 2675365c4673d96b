import type { CurrentTask } from '../executor/current-task.ts'
import { packFault } from '../executor/fault.ts'
import type { Fault } from '../executor/fault.ts'
import { packValue } from '../executor/parcel.ts'
import { Fifo } from './fifo.ts'
import type { Line } from './line.ts'
import { verdict, wants } from './messages.ts'
import type { Kept, Recipe } from './messages.ts'

/** A message that has come to an actor, until it is over. */
export interface Letter {
  readonly line: Line
  readonly call: number
  readonly method: string | undefined
  readonly args: readonly unknown[]
  readonly packed: boolean
  readonly wants: number
  /** Its sender has no use for it any more. */
  cancelled: boolean
}

/** An actor where it lives: its mailbox, and what both forms do with it. */
export abstract class Inhabitant {
  readonly recipe: Recipe
  /** To who made it. */
  protected readonly boss: Line
  protected readonly context: unknown
  protected readonly queue = new Fifo<Letter>()
  /** Takes no more; ends when it has nothing left. */
  protected closing = false
  /** It is no more. */
  protected over = false
  /** Those that the mailbox has no room for, where senders wait. */
  readonly #outside = new Fifo<Letter>()
  /** Words that count what has begun, for each line. */
  readonly #begun = new Map<Line, Int32Array>()
  #inside = 0

  constructor(boss: Line, recipe: Recipe, context: unknown) {
    this.boss = boss
    this.recipe = recipe
    this.context = context
  }

  get id(): number {
    return this.recipe.id
  }

  /** Something may be done now. */
  protected abstract work(): void
  /** Its messages are no longer wanted: what is under way is asked to stop. */
  protected abstract stop(): void
  /** The message that is under way, if it is this one, is asked to stop. */
  protected abstract interrupt(line: Line, call: number, reason: Fault | undefined): void
  /** Goes on after a failure: as it is, or from the start. */
  abstract go(how: 'on' | 'again', state: Kept | undefined): void

  deliver(letter: Letter): void {
    if (this.closing || this.over) {
      letter.line.post(['reply', letter.call, verdict.gone, undefined])
      return
    }
    if ((letter.wants & wants.taken) !== 0 && this.#inside >= this.recipe.most) this.#outside.push(letter)
    else this.#admit(letter)
    this.work()
  }

  cancel(line: Line, call: number, reason: Fault | undefined): void {
    for (const letters of [this.queue, this.#outside]) {
      for (const letter of letters) if (letter.line === line && letter.call === call) letter.cancelled = true
    }
    this.interrupt(line, call, reason)
  }

  count(line: Line, begun: Int32Array): void {
    this.#begun.set(line, begun)
  }

  /** A sender is gone. */
  forget(line: Line): void {
    this.#begun.delete(line)
  }

  close(): void {
    this.closing = true
    this.work()
  }

  /** Ends at once. */
  remove(): void {
    if (this.over) return
    this.over = true
    this.stop()
    this.#returnAll()
  }

  /** The next message to begin; those that nobody wants any more are passed over. */
  protected next(): Letter | undefined {
    for (let letter = this.queue.shift(); letter !== undefined; letter = this.queue.shift()) {
      const begun = this.#begun.get(letter.line)
      if (begun !== undefined) Atomics.add(begun, 0, 1)
      if (!letter.cancelled) return letter
      this.reply(letter, verdict.dropped, undefined)
    }
    return undefined
  }

  /** A message is over. */
  protected settle(letter: Letter, kind: 'value' | 'fault', value: unknown): void {
    if (kind === 'fault') return this.reply(letter, verdict.fault, packFault(value))
    if ((letter.wants & wants.result) === 0 || value === undefined) return this.reply(letter, verdict.value, undefined)
    try {
      const parcel = packValue(value, 'result', letter.line.channel)
      this.reply(letter, parcel.packed ? verdict.packed : verdict.value, parcel.value, parcel.transfer)
    } catch (error) {
      this.reply(letter, verdict.fault, packFault(error))
    }
  }

  protected reply(letter: Letter, kind: number, value: unknown, transfer?: Parameters<Line['postNow']>[1]): void {
    this.#inside--
    const { gate } = this.recipe
    if (gate !== undefined) Atomics.sub(gate, 0, 1)
    const entry = ['reply', letter.call, kind, value] as const
    if (typeof value === 'object' && value !== null) letter.line.postNow(entry, transfer)
    else letter.line.post(entry)
    const next = this.#inside < this.recipe.most ? this.#outside.shift() : undefined
    if (next !== undefined) this.#admit(next)
  }

  /** It has ended by itself. */
  protected leave(kind: number, value: unknown, transfer?: Parameters<Line['postNow']>[1]): void {
    if (this.over) return
    this.over = true
    this.#returnAll()
    this.boss.postNow(['left', this.id, kind, value], transfer)
  }

  protected taskFor(letter: Letter | undefined): ActorTask {
    return new ActorTask(this.context, letter?.line)
  }

  #admit(letter: Letter): void {
    this.#inside++
    this.queue.push(letter)
    if ((letter.wants & wants.taken) !== 0) letter.line.post(['taken', letter.call])
  }

  #returnAll(): void {
    for (const letter of [...this.queue.drain(), ...this.#outside.drain()]) {
      letter.line.post(['reply', letter.call, letter.cancelled ? verdict.dropped : verdict.gone, undefined])
    }
  }
}

/** What `currentTask()` gives inside an actor. */
export class ActorTask implements CurrentTask {
  readonly context: unknown
  readonly #line: Line | undefined
  #controller: AbortController | undefined
  #cancelled = false
  #reason: unknown
  #lookedAt = 0

  constructor(context: unknown, line: Line | undefined) {
    this.context = context
    this.#line = line
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#cancelled) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  /** A loop that never yields looks by itself, now and then, for what has come. */
  get cancelled(): boolean {
    if (!this.#cancelled && this.#line !== undefined) {
      const now = performance.now()
      if (now - this.#lookedAt > 1) {
        this.#lookedAt = now
        this.#line.wire.drain()
      }
    }
    return this.#cancelled
  }

  throwIfCancelled(): void {
    if (this.cancelled) throw this.#reason ?? new DOMException('This operation was aborted', 'AbortError')
  }

  report(): void {}

  abort(reason: unknown): void {
    this.#cancelled = true
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
