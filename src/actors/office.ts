// Actors that this thread has made, as others ask for them; and those that others have made, as this thread knows them.
import { unpackFault } from '../executor/fault.ts'
import type { Control } from './control.ts'
import type { Line } from './line.ts'
import type { Entry, Home, PackedExit } from './messages.ts'

/** One that was made here. */
export interface Owned extends Control {
  /** Tells by a line where it is, where it goes, and how it ends; `thread` is where it is known to be. */
  follow(line: Line, thread: number | undefined): void
}

/** One that was made elsewhere. */
export interface Known extends Control {
  at(home: Home): void
  over(exit: PackedExit): void
}

export const owned = new Map<number, Owned>()
export const known = new Map<number, WeakRef<Known>>()

/** What is asked of who made an actor, and what he answers; whether it was that. */
export function hearAsOwner(line: Line, entry: Entry): boolean {
  switch (entry[0]) {
    case 'follow':
      owned.get(entry[1])?.follow(line, entry[2])
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
