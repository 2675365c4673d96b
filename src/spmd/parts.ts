import { Exchange } from './exchange.ts'
import type { Mail } from './mail.ts'
import { Meeting } from './meeting.ts'
import type { World } from './world.ts'

/** What a communicator is made of, in one rank. */
export interface Parts {
  readonly world: World
  readonly mail: Mail
  readonly meeting: Meeting
  readonly exchange: Exchange
  /** Of its ranks, those of the world. */
  readonly members: readonly number[]
  /** Its number, by which messages are told apart. */
  readonly context: number
  readonly rank: number
}

/** The shared memory of a communicator, and its number. */
export interface Place {
  readonly block: SharedArrayBuffer
  readonly areas: SharedArrayBuffer
  readonly context: number
}

export function newPlace(size: number, context: number): Place {
  const block = new SharedArrayBuffer(Meeting.bytes(size))
  return { block, areas: new SharedArrayBuffer(Exchange.bytes(size)), context }
}

export function openPlace(place: Place, world: World, mail: Mail, members: readonly number[], rank: number): Parts {
  const meeting = new Meeting(place.block, world, members, rank)
  const exchange = new Exchange(place.areas, meeting, members.length, rank)
  return { world, mail, meeting, exchange, members, context: place.context, rank }
}
