// Objects that stand for something elsewhere, and arrive over there as what they are, each time by a way of its own: with
// ports that move. What is nothing but shared memory is a Shareable (shareable.ts), whose handle can be sent at will.
import * as path from 'node:path'
import type { TransferListItem } from 'node:worker_threads'

/** What makes an object a traveller. */
export const travelKey: unique symbol = Symbol('offloop.travel')

/** The modules that bring travellers back: no other is loaded for one. */
const arrivals: ReadonlySet<string> = new Set(['actors/arrive.js'])

/** What is sent in place of it. */
export interface PackedTraveller {
  readonly '@offloop': 'traveller'
  /** The module of offloop that brings it back, by its path in dist: it has a function `unpack`. */
  readonly module: string
  readonly data: unknown
}

export interface Traveller {
  /** What it is called in errors: 'an actor'. */
  readonly [travelKey]: TravelKind
}

export interface TravelKind {
  readonly what: string
  readonly module: string
  /** Its data for another thread, and what moves there with them. */
  pack(traveller: object): { readonly data: unknown; readonly transfer: readonly TransferListItem[] }
}

export function kindOf(value: object): TravelKind | undefined {
  return (value as Partial<Traveller>)[travelKey]
}

/** Brings it back. Modules are loaded when the first of theirs arrives. */
export function unpackTraveller({ module, data }: PackedTraveller): unknown {
  // What looks like one may be a caller's own data, and come from anywhere.
  if (!arrivals.has(module)) throw new TypeError('Expected an object of offloop, got data that look like one')
  return (require(path.join(__dirname, '..', module)) as { unpack(data: unknown): unknown }).unpack(data)
}
