// What a queue asks of the structure that its messages are in.
import type { Packed, Raw } from './value.ts'

/** Stands for no message, as any value may be one. */
export const nothing = Symbol('nothing')
/** Stands for the end: no message, and none will come. */
export const ended = Symbol('ended')

/** What one can wait for, as kinds of a WaitList. */
export const kind = { item: 0, room: 1, allDone: 2 } as const

/** Where the messages of a queue are, in memory that all threads see. It wakes who can go on by what was done. */
export interface Messages {
  /** How many there may be; `unbounded` where there is no limit. */
  readonly capacity: number
  /** How many there are. */
  readonly size: number
  /** How many were put that nobody has called done. */
  readonly unfinished: number
  readonly isClosed: boolean
  /** Bytes that all may take together. */
  readonly mostBytes: number

  /** Bytes that a message takes. */
  bytesOf(packed: Packed): number
  /** Whether a message fits when there is no other. */
  canHold(packed: Packed): boolean
  /**
   * Adds a message; false where there is no room. `thorough` looks for what a thread has left undone that ended inside.
   * @throws ERR_OFFLOOP_CLOSED
   */
  push(packed: Packed, priority: number, thorough: boolean): boolean
  /** The same for a number of no priority. */
  pushNumber(value: number): boolean
  /** Takes a message out, or gives `nothing` or `ended`. */
  pop(thorough: boolean): Raw
  close(): void
  /** One that was got is done. @throws RangeError where all were before. */
  finish(): void
  /** Puts right what a thread has left undone that ended inside. */
  mend(): void
}

/** A capacity without a limit. */
export const unbounded = 2 ** 31 - 1

export function tooManyDone(): RangeError {
  return new RangeError('Expected one call of `taskDone` for each item, got more of them')
}
