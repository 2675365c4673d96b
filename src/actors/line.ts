import { packFault, unpackFault } from '../executor/fault.ts'
import type { Fault } from '../executor/fault.ts'
import { cloneError, unpackValue } from '../executor/parcel.ts'
import type { Channel } from '../executor/parcel.ts'
import type { Call } from './call.ts'
import { verdict } from './messages.ts'
import type { Entry } from './messages.ts'
import type { Wire } from './wire.ts'

let lastCall = 0

/** One end of what joins two threads: the wire, and the calls that have gone out by it and are not over. */
export class Line {
  readonly channel: Channel
  wire!: Wire
  open = true
  /** Called once when the other end is gone. */
  readonly onGone = new Set<() => void>()
  readonly #pending = new Map<number, Call>()

  constructor(channel: Channel) {
    this.channel = channel
  }

  connect(wire: Wire): void {
    this.wire = wire
    wire.refused = (entry, error) => this.#refused(entry, error)
  }

  post(entry: Entry): void {
    if (this.open) this.wire.post(entry, false)
  }

  postNow(entry: Entry, transfer?: Parameters<Wire['post']>[2]): void {
    if (this.open) this.wire.post(entry, true, transfer)
  }

  send(call: Call): void {
    call.number = ++lastCall
    this.#pending.set(call.number, call)
    const { address, method, parcel, light, wants, transfer } = call
    const args = parcel.value as readonly unknown[]
    const entry: Entry = ['call', address.id, call.number, method, args, parcel.packed, wants]
    this.wire.post(entry, !light, transfer)
  }

  /** What is said of calls that went out here; whether it was that. */
  take(entry: Entry): boolean {
    if (entry[0] === 'taken') {
      this.#pending.get(entry[1])?.taken()
      return true
    }
    if (entry[0] !== 'reply') return false
    const [, number, kind, value] = entry
    const call = this.#pending.get(number)
    if (call === undefined) return true
    this.#pending.delete(number)
    if (kind === verdict.value) call.done(value)
    else if (kind === verdict.packed) call.done(unpackValue(value))
    else if (kind === verdict.fault) call.failed(unpackFault(value as Fault))
    else call.address.returned(call, kind === verdict.gone)
    return true
  }

  /** Takes the calls of an actor back that are not over, in order. */
  recall(actor: number): Call[] {
    const calls: Call[] = []
    for (const [number, call] of this.#pending) {
      if (call.address.id !== actor) continue
      this.#pending.delete(number)
      calls.push(call)
    }
    return calls
  }

  gone(): void {
    if (!this.open) return
    this.wire.drain()
    this.open = false
    for (const act of Array.from(this.onGone)) act()
    this.onGone.clear()
  }

  #refused(entry: Entry, error: unknown): void {
    if (entry[0] === 'call') {
      const call = this.#pending.get(entry[2])
      this.#pending.delete(entry[2])
      call?.address.unsent(call, cloneError('args', error))
    } else if (entry[0] === 'reply') {
      this.postNow(['reply', entry[1], verdict.fault, packFault(cloneError('result', error))])
    } else if (entry[0] === 'create') {
      this.onRefusedCreate?.(entry[1].id, cloneError('args', error))
    }
  }

  /** Where an actor can't be made, since its arguments can't be sent. */
  onRefusedCreate: ((actor: number, error: Error) => void) | undefined
}
