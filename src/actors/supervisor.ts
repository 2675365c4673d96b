import type { TransferListItem } from 'node:worker_threads'
import { threadId } from 'node:worker_threads'

import { codedError } from '../errors.ts'
import { unpackFault } from '../executor/fault.ts'
import { packArgs, unpackValue } from '../executor/parcel.ts'
import { hold } from '../threads/alive.ts'
import type { Outcome } from '../threads/strand.ts'
import { Address } from './address.ts'
import type { PackedRef } from './control.ts'
import type { Crew } from './crew.ts'
import { portBy, portHere } from './exchange.ts'
import { packExit } from './exit.ts'
import type { ActorExit } from './exit.ts'
import type { Here } from './here.ts'
import type { Line } from './line.ts'
import { verdict } from './messages.ts'
import type { Entry, Home, Kept, Phase, Recipe, ShippedClass } from './messages.ts'
import { disown, owned } from './office.ts'
import type { Owned } from './office.ts'
import { Seat } from './seat.ts'
import type { Occupant, SeatOptions } from './seat.ts'
import { Restarts } from './supervision.ts'
import type { Failure, OnError, ReadRestart, Strategy } from './supervision.ts'

/** What an actor is made of. */
export interface SupervisorOptions {
  readonly name: string
  readonly form: 'methods' | 'mailbox'
  readonly shipped: ShippedClass
  readonly args: readonly unknown[]
  readonly transfer: readonly TransferListItem[] | undefined
  readonly keep: Recipe['keep']
  readonly most: number
  readonly overflow: 'reject' | 'wait'
  readonly restart: ReadRestart
  readonly onError: OnError | undefined
  /** Workers that it shares; undefined where it has one of its own. */
  readonly crew: Crew | undefined
  readonly seat: SeatOptions
  /** The actor that made it. */
  readonly parent: Here | undefined
}

let made = 0

/** An actor as the thread that made it has it: where it lives, what is done when it fails, how it ended. */
export class Supervisor implements Owned, Occupant {
  readonly id = threadId * 2 ** 32 + ++made
  readonly address: Address
  readonly ended: Promise<ActorExit>
  readonly #options: SupervisorOptions
  readonly #restarts: Restarts
  /** Other threads that know of it. */
  readonly #followers = new Set<Line>()
  #end!: (exit: ActorExit) => void
  #seat: Seat | undefined
  #kept: Kept | undefined
  #timer: NodeJS.Timeout | undefined
  #exit: ActorExit | undefined
  /** Others may ask for it. */
  #shown = false
  #observed = false
  /** Keeps the process alive while `run` does something else than wait for messages. */
  #busy: (() => void) | undefined
  #closing: (() => void) | undefined

  /** Throws where its arguments can't be sent or the worker can't be started. */
  constructor(options: SupervisorOptions) {
    this.#options = options
    this.#restarts = new Restarts(options.restart)
    this.ended = new Promise((resolve) => (this.#end = resolve))
    const { name, form, most, overflow } = options
    this.address = new Address({
      id: this.id,
      name,
      form,
      backend: options.seat.kind,
      most,
      overflow,
      remote: false,
      resends: options.restart.strategy !== 'stop' || options.onError !== undefined,
    })
    owned.set(this.id, this)
    if (form === 'mailbox') this.#busy = hold()
    try {
      this.#place()
    } catch (error) {
      this.#busy?.()
      owned.delete(this.id)
      throw error
    }
    options.crew?.join(this)
  }

  stop(how: 'close' | 'terminate', error?: unknown): void {
    if (this.#exit !== undefined) return
    if (how === 'terminate') {
      this.#finish(error === undefined ? { reason: 'terminated' } : { reason: 'failed', error })
      return
    }
    if (this.#closing !== undefined) return
    this.#closing = hold()
    this.address.closing = true
    if (this.address.line !== undefined) this.address.line.post(['close', this.id])
  }

  observe(): void {
    this.#observed = true
  }

  follow(line: Line, thread: number | undefined): void {
    this.#followers.add(line)
    // Where it was placed since is told by then; where its worker is about to be found dead, soon.
    if (this.address.line?.open === true && thread !== (this.#seat?.thread ?? threadId)) this.#tellHome(line)
  }

  unfollow(line: Line): void {
    this.#followers.delete(line)
  }

  #tellHome(line: Line): void {
    const home = this.#home()
    line.postNow(['at', this.id, home], home.port && [home.port])
  }

  /** A way to it for another thread. */
  #home(): Home {
    const { line, gate } = this.address
    if (this.#seat?.thread === undefined || line === undefined) {
      return { thread: threadId, port: undefined, gate: undefined }
    }
    return { thread: this.#seat.thread, port: portBy(line), gate }
  }

  pack(): { data: PackedRef; transfer: TransferListItem[] } {
    this.#shown = true
    const { id, name, form, most, overflow, resends } = this.address
    const home = this.address.line?.open === true ? this.#home() : undefined
    const ownerPort = portHere()
    const transfer = home?.port === undefined ? [ownerPort] : [ownerPort, home.port]
    return { data: { id, name, form, most, overflow, resends, owner: threadId, ownerPort, home }, transfer }
  }

  hear(entry: Entry): void {
    if (this.#exit !== undefined) return
    switch (entry[0]) {
      case 'failed':
        this.#failed(unpackFault(entry[2]), entry[3], entry[4])
        break
      case 'state':
        this.#kept = entry[2]
        break
      case 'left':
        this.#left(entry[2], entry[3])
        break
      case 'rest':
        if (!entry[2]) this.#busy ??= hold()
        else this.#rest()
        break
      default:
    }
  }

  refused(error: Error): void {
    this.#finish({ reason: 'failed', error })
  }

  seatGone(outcome: Outcome): void {
    this.#seat = undefined
    if (this.#exit !== undefined) return
    const error =
      outcome.kind === 'died' ? outcome.error : codedError('ERR_OFFLOOP_WORKER_DIED', ['it ended before its actors'])
    const told = this.address.lost(error)
    if (told > 0) this.#observed = true
    this.#decide(error, { phase: 'worker', method: undefined, restarts: this.#restarts.count })
  }

  #rest(): void {
    this.#busy?.()
    this.#busy = undefined
  }

  /** Finds it a worker, and has it made there. */
  #place(): void {
    const { name, form, shipped, args, transfer, keep, most, overflow, crew, seat: options } = this.#options
    const again = this.address.resends
    const parcel = packArgs(args, form === 'methods' ? 'args' : 'fields', options.kind, undefined)
    const seat = crew === undefined ? new Seat(name, options) : crew.seat()
    const limited = most !== Infinity && overflow === 'reject'
    const shares = options.kind === 'worker'
    const gate = limited ? new Int32Array(shares ? new SharedArrayBuffer(4) : new ArrayBuffer(4)) : undefined
    const recipe: Recipe = {
      id: this.id,
      name,
      form,
      shipped,
      args: parcel.value as readonly unknown[],
      packed: parcel.packed,
      alone: crew === undefined,
      again,
      keep,
      state: this.#kept,
      most: overflow === 'wait' ? most : Infinity,
      gate: shares ? gate : undefined,
    }
    this.#seat = seat
    seat.take(this)
    seat.line.postNow(['create', recipe], [...(transfer ?? []), ...(parcel.transfer ?? [])])
    if (this.#exit !== undefined) return
    this.address.open(seat.line, gate)
    for (const line of this.#followers) this.#tellHome(line)
    if (this.#closing !== undefined) seat.line.post(['close', this.id])
  }

  #failed(error: unknown, phase: Phase, method: string | undefined): void {
    this.#decide(error, { phase, method, restarts: this.#restarts.count })
  }

  #decide(error: unknown, failure: Failure): void {
    switch (this.#strategyFor(error, failure)) {
      case 'resume':
        if (failure.phase === 'tell') this.#seat?.line.post(['go', this.id, 'on', undefined])
        else this.#again(error, failure)
        break
      case 'restart':
        this.#again(error, failure)
        break
      case 'escalate':
        this.#finish(exitOf(error, failure))
        if (this.#options.parent !== undefined) this.#options.parent.fail(error)
        else void Promise.reject(error as Error)
        break
      default:
        this.#finish(exitOf(error, failure))
        this.#report(error)
    }
  }

  #strategyFor(error: unknown, failure: Failure): Strategy {
    const { onError, restart } = this.#options
    if (onError === undefined) return restart.strategy
    this.#observed = true
    try {
      return onError(error, failure) ?? restart.strategy
    } catch (thrown) {
      void Promise.reject(thrown as Error)
      return 'stop'
    }
  }

  #again(error: unknown, failure: Failure): void {
    const wait = this.#restarts.next()
    if (wait === undefined) {
      this.#finish(exitOf(error, failure))
      this.#report(error)
      return
    }
    const act = (): void => {
      const { line } = this.address
      if (line !== undefined && this.#seat !== undefined) {
        line.postNow(['go', this.id, 'again', this.#kept])
        return
      }
      try {
        this.#place()
      } catch (cause) {
        this.#finish({ reason: 'failed', error: cause })
        this.#report(cause)
      }
    }
    if (wait === 0) act()
    else this.#timer = setTimeout(act, wait)
    this.#timer?.unref()
  }

  /** Nobody else would hear of it. */
  #report(error: unknown): void {
    setImmediate(() => {
      if (!this.#observed) void Promise.reject(error as Error)
    })
  }

  #left(kind: number, value: unknown): void {
    this.#finish({ reason: 'closed', result: kind === verdict.packed ? unpackValue(value) : value })
  }

  #finish(exit: ActorExit): void {
    if (this.#exit !== undefined) return
    this.#exit = exit
    const packed = packExit(exit)
    for (const line of this.#followers) line.postNow(['ended', this.id, packed])
    this.#followers.clear()
    disown(this.id, packed, this.#shown)
    clearTimeout(this.#timer)
    if (this.address.end(exit) > 0) this.#observed = true
    this.#rest()
    const seat = this.#seat
    const over = (): void => {
      this.#closing?.()
      this.#end(exit)
    }
    if (seat === undefined) return over()
    seat.vacate(this)
    seat.line.post(['remove', this.id])
    if (this.#options.crew !== undefined) {
      this.#options.crew.vacated(seat)
      return over()
    }
    if (exit.reason === 'closed') seat.leave()
    else seat.end()
    void seat.gone.then(over)
  }
}

function exitOf(error: unknown, { phase }: Failure): ActorExit {
  return { reason: phase === 'worker' ? 'died' : 'failed', error }
}
