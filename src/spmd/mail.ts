// Messages between ranks. Each pair has a channel, so that a message needs no third thread, any data goes through it,
// and the order of a pair is kept. Shared counters say where something has come, and what comes wakes the receiver.
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'

import { cloneError, packValue, unpackValue } from '../executor/parcel.ts'
import { isShared } from '../typed-array.ts'
import type { World } from './world.ts'

export interface Message {
  /** The rank in the world that it came from. */
  readonly from: number
  readonly tag: number
  readonly value: unknown
}

/** What a port carries: the communicator, the tag, the value, and whether it has to be unpacked. */
type Envelope = readonly [context: number, tag: number, value: unknown, packed: boolean]

export class Mail {
  readonly #world: World
  readonly #rank: number
  readonly #ports: (MessagePort | undefined)[]
  /** To this rank itself. */
  #own: MessagePort | undefined
  /** How many were taken out of each port. */
  readonly #taken: number[]
  /** Out of their ports, but not what was asked for then: by communicator. */
  readonly #kept = new Map<number, Message[]>()
  #turn = 0

  constructor(world: World, rank: number, ports: readonly (MessagePort | undefined)[]) {
    this.#world = world
    this.#rank = rank
    this.#ports = ports.slice()
    this.#taken = new Array<number>(world.size).fill(0)
  }

  /** Sends a copy; what is on shared memory is shared. */
  post(to: number, context: number, tag: number, value: unknown): void {
    const port = to === this.#rank ? this.#toSelf() : (this.#ports[to] as MessagePort)
    const { value: data, packed } = packValue(value, 'value', 'worker')
    try {
      if (isOwnMemory(data)) {
        // The part that is seen and no more, copied once: what is copied moves.
        const copy = copyOf(data)
        port.postMessage([context, tag, copy, packed] satisfies Envelope, [copy.buffer as ArrayBuffer])
      } else {
        port.postMessage([context, tag, data, packed] satisfies Envelope)
      }
    } catch (error) {
      throw cloneError('value', error)
    }
    this.#world.notePost(this.#rank, to)
  }

  /** The oldest message of a communicator from one of the ranks that fits a tag, or any tag from 0 up. */
  take(context: number, from: readonly number[], tag: number | undefined): Message | undefined {
    const kept = this.#kept.get(context)
    if (kept !== undefined) {
      const index = kept.findIndex((message) => fits(message.tag, tag) && from.includes(message.from))
      if (index !== -1) return index === 0 ? kept.shift() : kept.splice(index, 1)[0]
    }
    // Each rank in turn, so that one that sends much does not hide the others.
    const start = from.length === 1 ? 0 : this.#turn++ % from.length
    for (let i = 0; i < from.length; i++) {
      const found = this.#pull(from[(start + i) % from.length], context, tag)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Whether take() would find one. */
  has(context: number, from: readonly number[], tag: number | undefined): boolean {
    for (const rank of from) this.#pull(rank, context, nothing)
    const kept = this.#kept.get(context)
    return kept !== undefined && kept.some((message) => fits(message.tag, tag) && from.includes(message.from))
  }

  #pull(from: number, context: number, tag: number | undefined): Message | undefined {
    while (this.#taken[from] !== this.#world.posted(from, this.#rank)) {
      const got = receiveMessageOnPort(this.#ports[from] as MessagePort) as { message: Envelope } | undefined
      if (got === undefined) return undefined
      this.#taken[from] = (this.#taken[from] + 1) | 0
      const [itsContext, itsTag, data, packed] = got.message
      const message = { from, tag: itsTag, value: packed ? unpackValue(data) : data }
      if (itsContext === context && fits(itsTag, tag)) return message
      this.#keptOf(itsContext).push(message)
    }
    return undefined
  }

  #keptOf(context: number): Message[] {
    let kept = this.#kept.get(context)
    if (kept === undefined) {
      kept = []
      this.#kept.set(context, kept)
    }
    return kept
  }

  #toSelf(): MessagePort {
    if (this.#own === undefined) {
      const { port1, port2 } = new MessageChannel()
      this.#own = port1
      this.#ports[this.#rank] = port2
    }
    return this.#own
  }
}

/** A tag that no message has. */
const nothing = -Infinity

/** Tags of collective steps are negative, and are asked for by name alone. */
function fits(tag: number, wanted: number | undefined): boolean {
  return wanted === undefined ? tag >= 0 : tag === wanted
}

function isOwnMemory(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView) && !isShared(value.buffer)
}

/** The elements alone. A Buffer, whose slice() copies nothing, becomes the Uint8Array that it would arrive as. */
function copyOf(array: Uint8Array): Uint8Array {
  return Buffer.isBuffer(array) ? Uint8Array.prototype.slice.call(array) : array.slice()
}
