import { availableParallelism } from 'node:os'

import type { SeatOptions } from './seat.ts'
import { Seat } from './seat.ts'

/** A worker that nobody lives in any more waits so long for the next one. */
const idleMs = 5000

/** A few workers that many actors share. */
export class Crew {
  readonly #name: string
  readonly #size: number
  readonly #options: SeatOptions
  readonly #seats = new Set<Seat>()
  #started = 0

  constructor(name: string, size: number, options: SeatOptions) {
    this.#name = name
    this.#size = size
    this.#options = options
  }

  /** The one with the fewest, or a new one. */
  seat(): Seat {
    let best: Seat | undefined
    for (const seat of this.#seats) if (!seat.leaving && (best === undefined || seat.load < best.load)) best = seat
    if (best !== undefined && (best.load === 0 || this.#seats.size >= this.#size)) return best
    const seat = new Seat(`${this.#name} ${++this.#started}`, this.#options)
    this.#seats.add(seat)
    void seat.gone.then(() => this.#seats.delete(seat))
    return seat
  }

  /** An actor has left. */
  vacated(seat: Seat): void {
    if (seat.load > 0) return
    setTimeout(() => {
      if (seat.load === 0 && !seat.leaving) this.#dismiss(seat)
    }, idleMs).unref()
  }

  /** Ends the workers that nobody lives in; resolves when they are gone. */
  async end(): Promise<void> {
    const seats = [...this.#seats]
    for (const seat of seats) if (!seat.leaving) this.#dismiss(seat)
    await Promise.all(seats.map(({ gone }) => gone))
  }

  #dismiss(seat: Seat): void {
    this.#seats.delete(seat)
    seat.leave()
  }
}

const shared = new Map<string, Crew>()

/** The workers that all `{ worker: 'shared' }` actors of this thread live in. */
export function sharedCrew(kind: 'worker' | 'process'): Crew {
  let crew = shared.get(kind)
  if (crew === undefined) {
    const plain = { resourceLimits: undefined, env: undefined, stdout: 'inherit', stderr: 'inherit' } as const
    crew = new Crew('actors', availableParallelism(), { kind, context: undefined, ...plain })
    shared.set(kind, crew)
  }
  return crew
}
