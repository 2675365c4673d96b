import * as path from 'node:path'
import { pathToFileURL } from 'node:url'
import { MessageChannel, threadId } from 'node:worker_threads'

import { importTasks } from '../executor/import-tasks.ts'
import { packContext } from '../executor/parcel.ts'
import { ship } from '../executor/ship.ts'
import { Strand } from '../threads/strand.ts'
import type { Outcome, StrandOptions } from '../threads/strand.ts'
import { dispatch, keepLine, openLine } from './exchange.ts'
import type { Line } from './line.ts'
import { Line as LineEnd } from './line.ts'
import type { Entry } from './messages.ts'
import type * as Host from './host.ts'
import { MailWire } from './wire.ts'

const host = importTasks<typeof Host>(pathToFileURL(path.join(__dirname, 'host.js')))

/** Who lives in a seat. */
export interface Occupant {
  readonly id: number
  /** What its other half says. */
  hear(entry: Entry): void
  /** It can't be sent there. */
  refused(error: Error): void
  /** The worker is gone. */
  seatGone(outcome: Outcome): void
}

/** How workers of actors are. */
export interface SeatOptions extends Pick<StrandOptions, 'kind' | 'resourceLimits' | 'env' | 'stdout' | 'stderr'> {
  readonly context: unknown
}

/** A worker that actors live in, as who started it sees it. */
export class Seat {
  readonly line: Line
  /** Undefined of a process. */
  readonly thread: number | undefined
  readonly gone: Promise<void>
  /** It is about to end. */
  leaving = false
  readonly #occupants = new Map<number, Occupant>()
  readonly #strand: Strand
  #left!: () => void

  /** Throws where the worker can't be started. */
  constructor(name: string, options: SeatOptions) {
    this.gone = new Promise((resolve) => (this.#left = resolve))
    const { kind, context } = options
    const common = {
      ...options,
      identity: { name, daemon: true },
      graceMs: Infinity,
      context: packContext(context, kind),
    }
    const hear = (entry: Entry): void => this.#hear(entry)
    const ended = (outcome: Outcome): void => this.#ended(outcome)
    if (kind === 'worker') {
      const { port1, port2 } = new MessageChannel()
      const args = { value: [port2, threadId], packed: false }
      const cargo = ship(host.hostThread)
      this.#strand = new Strand({ ...common, cargo, args, transfer: [port2] }, { ended })
      this.line = openLine(port1, hear)
      this.thread = this.#strand.link.id
      keepLine(this.thread, this.line, port1)
    } else {
      const line = new LineEnd('process')
      const args = { value: [], packed: false }
      const mail = (entries: unknown): void => {
        for (const entry of entries as Entry[]) dispatch(line, entry, hear)
      }
      const strand = new Strand(
        { ...common, cargo: ship(host.hostProcess), args, transfer: undefined },
        { ended, mail },
      )
      this.#strand = strand
      line.connect(new MailWire((entries) => strand.mail(entries)))
      this.line = line
      this.thread = undefined
    }
    this.line.onRefusedCreate = (actor, error) => this.#occupants.get(actor)?.refused(error)
  }

  get load(): number {
    return this.#occupants.size
  }

  take(occupant: Occupant): void {
    this.#occupants.set(occupant.id, occupant)
  }

  /** It lives here no more. */
  vacate(occupant: Occupant): void {
    this.#occupants.delete(occupant.id)
  }

  /** Ends the worker by itself: what it printed comes out. */
  leave(): void {
    this.leaving = true
    this.line.post(['leave'])
  }

  /** Ends it at once. */
  end(): void {
    this.leaving = true
    this.#strand.terminate(undefined)
  }

  #hear(entry: Entry): void {
    this.#occupants.get(entry[1] as number)?.hear(entry)
  }

  #ended(outcome: Outcome): void {
    this.leaving = true
    this.line.gone()
    for (const occupant of Array.from(this.#occupants.values())) occupant.seatGone(outcome)
    this.#left()
  }
}
