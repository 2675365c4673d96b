import { receiveMessageOnPort } from 'node:worker_threads'
import type { MessagePort, TransferListItem } from 'node:worker_threads'

import type { Entry } from './messages.ts'

type Transfer = readonly TransferListItem[]

/** Entries wait for their neighbours until the end of the turn, and no longer than this where it lasts. */
const holdMs = 0.3

/** One end of a line: entries go out together, in order. */
export abstract class Wire {
  #entries: Entry[] = []
  #since = 0
  /** Who hears of an entry that can't be cloned. */
  refused: ((entry: Entry, error: unknown) => void) | undefined

  /**
   * `now`: it is cloned before this returns, with those before it. What is no primitive has to be, since its owner may
   * write to it as soon as it has it back.
   */
  post(entry: Entry, now: boolean, transfer?: Transfer): void {
    if (this.#entries.length === 0) {
      this.#since = performance.now()
      if (!now) queueMicrotask(() => this.flush())
    }
    this.#entries.push(entry)
    if (now || transfer !== undefined || performance.now() - this.#since > holdMs) this.flush(transfer)
  }

  flush(transfer?: Transfer): void {
    const entries = this.#entries
    if (entries.length === 0) return
    this.#entries = []
    try {
      this.send(entries, transfer)
    } catch (error) {
      if (entries.length === 1) this.refused?.(entries[0], error)
      else this.#sendEach(entries, transfer)
    }
  }

  #sendEach(entries: readonly Entry[], transfer: Transfer | undefined): void {
    const last = entries.length - 1
    entries.forEach((entry, i) => {
      try {
        this.send([entry], i === last ? transfer : undefined)
      } catch (error) {
        this.refused?.(entry, error)
      }
    })
  }

  protected abstract send(entries: readonly Entry[], transfer: Transfer | undefined): void
  /** What has come, taken without waiting for an event. */
  abstract drain(): void
}

/** Between two threads. */
export class PortWire extends Wire {
  readonly #port: MessagePort
  readonly #take: (entries: readonly Entry[]) => void
  #closed = false

  constructor(port: MessagePort, take: (entries: readonly Entry[]) => void, gone: () => void) {
    super()
    this.#port = port
    this.#take = take
    port.on('message', take)
    port.on('close', () => {
      this.#closed = true
      gone()
    })
    port.unref()
  }

  protected send(entries: readonly Entry[], transfer: Transfer | undefined): void {
    this.#port.postMessage(entries, transfer)
  }

  drain(): void {
    // Node 20 crashes when a port is asked after its end.
    while (!this.#closed) {
      const got = receiveMessageOnPort(this.#port)
      if (got === undefined) return
      this.#take(got.message as Entry[])
    }
  }
}

/** Between a process and the thread that made it, as mail of its worker. */
export class MailWire extends Wire {
  readonly #mail: (content: unknown) => void

  constructor(mail: (content: unknown) => void) {
    super()
    this.#mail = mail
  }

  protected send(entries: readonly Entry[]): void {
    this.#mail(entries)
  }

  drain(): void {}
}
