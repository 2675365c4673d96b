// Actors that this thread has made, as others ask for them; and those that others have made, as this thread knows them.
import { unpackFault } from '../executor/fault.ts'
import type { Control } from './control.ts'
import type { Line } from './line.ts'
import type { Entry, Home, PackedExit } from './messages.ts'

/** One that was made here. */
export interface Owned extends Control {
  /** Tells by a line where it is, where it goes, and how it ends; `thread` is where it is known to be. */
  follow(line: Line, thread: number | undefined): void
  /** A follower is gone. */
  unfollow(line: Line): void
}

/** One that was made elsewhere. */
export interface Known extends Control {
  at(home: Home): void
  over(exit: PackedExit): void
  /** Somebody is gone, maybe who made it, maybe where it lived. */
  lineGone(line: Line): void
}

export const owned = new Map<number, Owned>()
/** How those ended that others may ask for: the last ones, as there is no end of them. */
const exits = new Map<number, PackedExit>()
const mostExits = 1000
export const known = new Map<number, WeakRef<Known>>()

/** What is asked of who made an actor, and what he answers; whether it was that. */
export function hearAsOwner(line: Line, entry: Entry): boolean {
  switch (entry[0]) {
    case 'follow':
      follow(line, entry[1], entry[2])
      return true
    case 'stop':
      owned.get(entry[1])?.stop(entry[2], entry[3] && unpackFault(entry[3]))
      return true
    case 'at':
      known.get(entry[1])?.deref()?.at(entry[2])
      return true
    case 'ended':
      known.get(entry[1])?.deref()?.over(entry[2])
      return true
    default:
      return false
  }
}

/** One that was made here has ended; `shown` where others may know of it. */
export function disown(id: number, exit: PackedExit, shown: boolean): void {
  owned.delete(id)
  if (!shown) return
  exits.set(id, exit)
  if (exits.size > mostExits) exits.delete(exits.keys().next().value as number)
}

export function lineGone(line: Line): void {
  for (const actor of owned.values()) actor.unfollow(line)
  for (const actor of known.values()) actor.deref()?.lineGone(line)
}

function follow(line: Line, id: number, thread: number | undefined): void {
  const actor = owned.get(id)
  if (actor !== undefined) actor.follow(line, thread)
  else line.postNow(['ended', id, exits.get(id) ?? { reason: 'closed', error: undefined, result: undefined }])
}
