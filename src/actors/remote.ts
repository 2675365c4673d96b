import { threadId } from 'node:worker_threads'
import type { TransferListItem } from 'node:worker_threads'

import { codedError } from '../errors.ts'
import { packFault } from '../executor/fault.ts'
import { Address } from './address.ts'
import type { PackedRef } from './control.ts'
import { lineTo, portBy } from './exchange.ts'
import { unpackExit } from './exit.ts'
import type { ActorExit } from './exit.ts'
import type { Line } from './line.ts'
import type { Home, PackedExit } from './messages.ts'
import { known } from './office.ts'
import type { Known } from './office.ts'

/** Those that somebody waits for, although he may hold nothing else of them. */
const watched = new Set<Remote>()

const forgotten = new FinalizationRegistry<number>((id) => {
  if (known.get(id)?.deref() === undefined) known.delete(id)
})

/** An actor that another thread made, as it is known here. */
export class Remote implements Known {
  readonly address: Address
  readonly #packed: PackedRef
  readonly #owner: Line
  #ended: Promise<ActorExit> | undefined
  #end: ((exit: ActorExit) => void) | undefined
  #homeThread: number | undefined

  private constructor(packed: PackedRef, owner: Line) {
    this.#packed = packed
    this.#owner = owner
    this.address = new Address({ ...packed, backend: 'worker', remote: true })
    // It holds this for as long as messages are under way.
    this.address.onLost = () => this.#owner.open || this.#orphaned()
  }

  /** The one of an id: what arrives again is the same. */
  static from(packed: PackedRef): Remote {
    const owner = lineTo(packed.owner, packed.ownerPort) as Line
    const home = packed.home?.port === undefined ? undefined : lineTo(packed.home.thread, packed.home.port)
    let remote = known.get(packed.id)?.deref() as Remote | undefined
    if (remote === undefined) {
      remote = new Remote(packed, owner)
      known.set(packed.id, new WeakRef(remote))
      forgotten.register(remote, packed.id)
      if (packed.home !== undefined) remote.#open(packed.home, home ?? owner)
      if (owner.open) owner.post(['follow', packed.id, packed.home?.thread])
      else remote.#orphaned()
    }
    return remote
  }

  get ended(): Promise<ActorExit> {
    if (this.#ended === undefined) {
      watched.add(this)
      this.#ended = new Promise((resolve) => (this.#end = resolve))
      if (this.address.exit !== undefined) this.#over(this.address.exit)
    }
    return this.#ended
  }

  stop(how: 'close' | 'terminate', error?: unknown): void {
    const { line } = this.address
    if (how === 'close') this.address.closing = true
    if (how === 'close' && line !== undefined && line !== this.#owner) {
      // After what has gone there before.
      line.post(['close', this.#packed.id])
      return
    }
    this.#owner.post(['stop', this.#packed.id, how, error === undefined ? undefined : packFault(error)])
  }

  observe(): void {}

  at(home: Home): void {
    const line = home.port === undefined ? this.#owner : (lineTo(home.thread, home.port) as Line)
    // The end of the one before may not have been heard of yet.
    if (this.address.line !== undefined) this.address.lost(this.#died())
    this.#open(home, line)
  }

  over(exit: PackedExit): void {
    this.#over(unpackExit(exit))
  }

  lineGone(line: Line): void {
    if (line === this.#owner) this.#orphaned()
    // Its worker has ended: who made it knows, and will tell.
    else if (this.address.line === line) this.address.lost(this.#died())
  }

  pack(): { data: PackedRef; transfer: TransferListItem[] } {
    const { line, gate } = this.address
    const ownerPort = portBy(this.#owner)
    const isDirect = line !== undefined && line !== this.#owner && this.#homeThread !== undefined
    if (!isDirect) {
      // By way of who made it, or not known just now.
      const home = line === undefined ? undefined : { thread: this.#packed.owner, port: undefined, gate: undefined }
      return { data: { ...this.#packed, ownerPort, home }, transfer: [ownerPort] }
    }
    const port = portBy(line)
    const home = { thread: this.#homeThread as number, port, gate }
    return { data: { ...this.#packed, ownerPort, home }, transfer: [ownerPort, port] }
  }

  #open(home: Home, line: Line): void {
    if (this.address.exit !== undefined) return
    this.#homeThread = home.thread
    if (!line.open) return
    this.address.open(line, home.gate)
  }

  #died(): Error {
    return codedError('ERR_OFFLOOP_WORKER_DIED', [`the one that '${this.address.name}' lived in ended`])
  }

  /** Who made it is gone, and it with him. */
  #orphaned(): void {
    const error = codedError('ERR_OFFLOOP_WORKER_DIED', [`the thread that made the actor '${this.address.name}' ended`])
    this.#over({ reason: 'died', error })
  }

  #over(exit: ActorExit): void {
    this.address.end(exit)
    this.#end?.(exit)
    watched.delete(this)
  }
}

/** The thread that code runs in; a reference that comes home is that of who made the actor. */
export const isOwn = (packed: PackedRef): boolean => packed.owner === threadId
