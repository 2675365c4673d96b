import { availableParallelism } from 'node:os'

import { codedError } from '../errors.ts'
import { lodgingKey } from '../pool/lane.ts'
import type { Lodging } from '../pool/lane.ts'
import { hold } from '../threads/alive.ts'
import type { SeatOptions } from './seat.ts'
import { Seat } from './seat.ts'

/** A worker that nobody lives in any more waits so long for the next one. */
const idleMs = 5000

/** An actor as its crew knows it. */
interface Member {
  readonly ended: Promise<unknown>
  stop(how: 'close' | 'terminate'): void
}

/** A few workers that many actors share. */
export class Crew {
  readonly #name: string
  readonly #size: number
  readonly #options: SeatOptions
  readonly #seats = new Set<Seat>()
  /** The actors, wherever they live just now. */
  readonly #actors = new Set<Member>()
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

  join(actor: Member): void {
    this.#actors.add(actor)
    void actor.ended.then(() => this.#actors.delete(actor))
  }

  /** Ends all actors, and then the workers. */
  async end(how: 'close' | 'terminate'): Promise<void> {
    const release = hold()
    const actors = [...this.#actors]
    for (const actor of actors) actor.stop(how)
    await Promise.all(actors.map(({ ended }) => ended))
    const seats = [...this.#seats]
    for (const seat of seats) {
      if (how === 'terminate') seat.end()
      else if (!seat.leaving) this.#dismiss(seat)
    }
    await Promise.all(seats.map(({ gone }) => gone))
    release()
  }

  /** An actor has left. */
  vacated(seat: Seat): void {
    if (seat.load > 0) return
    setTimeout(() => {
      if (seat.load === 0 && !seat.leaving) this.#dismiss(seat)
    }, idleMs).unref()
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

const ofPools = new WeakMap<object, Map<string, Crew>>()

/** The workers that the actors of a pool live in: as many as the pool's own, beside them, and they end with it. */
export function crewOf(pool: { readonly [lodgingKey]: Lodging }, kind: 'worker' | 'process'): Crew {
  const { closed, name, workers, add, ...options } = pool[lodgingKey]
  if (closed) throw codedError('ERR_OFFLOOP_CLOSED', [`The pool '${name}'`])
  let crews = ofPools.get(pool)
  if (crews === undefined) {
    crews = new Map()
    ofPools.set(pool, crews)
  }
  let crew = crews.get(kind)
  if (crew === undefined) {
    const made = new Crew(`${name} actors`, workers, { ...options, kind })
    add({ close: () => made.end('close'), terminate: () => made.end('terminate') })
    crews.set(kind, made)
    crew = made
  }
  return crew
}
