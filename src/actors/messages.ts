// What passes along a line, which joins two threads, or a process and the thread that made it. Each end may have actors,
// and may have made actors that live elsewhere. Messages travel as arrays of these, in order.
import type { MessagePort } from 'node:worker_threads'

import type { Fault } from '../executor/fault.ts'
import type { ShippedFunction } from '../executor/messages.ts'

/** An actor's class on its way. */
export type ShippedClass =
  | { readonly kind: 'export'; readonly shipped: ShippedFunction }
  | {
      readonly kind: 'source'
      readonly name: string
      readonly source: string
      readonly supplied: readonly string[]
      /** What it extends, which is given to the source as `superName`. */
      readonly base: ShippedClass | undefined
    }
  /** The class Actor itself. */
  | { readonly kind: 'actor' }

/** How an actor is made. */
export interface Recipe {
  readonly id: number
  readonly name: string
  readonly form: 'methods' | 'mailbox'
  readonly shipped: ShippedClass
  /** Of the constructor; of the mailbox form one: the fields. */
  readonly args: readonly unknown[]
  readonly packed: boolean
  /** What is kept of its state after each message. */
  /** Whether nobody else lives in its worker. */
  readonly alone: boolean
  /** Whether it may be made more than once. */
  readonly again: boolean
  readonly keep: 'nothing' | 'fields' | 'snapshot'
  /** What was kept of the one before it. */
  readonly state: Kept | undefined
  /** Messages that may wait or be under way, where senders are held back beyond it. */
  readonly most: number
  /** Counts them, where senders are refused beyond it; a word that all of them share. */
  readonly gate: Int32Array | undefined
}

export interface Kept {
  readonly value: unknown
  readonly packed: boolean
}

/** How an actor ended, as data. */
export interface PackedExit {
  readonly reason: 'closed' | 'terminated' | 'failed' | 'died'
  readonly error: Fault | undefined
  readonly result: unknown
}

/** A way to an actor that lives in a thread. */
export interface Home {
  readonly thread: number
  readonly port: MessagePort | undefined
  readonly gate: Int32Array | undefined
}

/** What a sender wants to hear of a message beside its end. */
export const wants = { nothing: 0, result: 1, taken: 2 } as const

export const verdict = { value: 0, packed: 1, fault: 2, dropped: 3, gone: 4 } as const

export type Entry =
  // To where an actor lives.
  | readonly [
      kind: 'call',
      actor: number,
      call: number,
      method: string | undefined,
      args: readonly unknown[],
      packed: boolean,
      wants: number,
    ]
  | readonly [kind: 'cancel', actor: number, call: number, reason: Fault | undefined]
  /** Counts the messages of this line to an actor that have begun, so that others can be sent again where it dies. */
  | readonly [kind: 'count', actor: number, begun: Int32Array]
  // Back from there.
  | readonly [kind: 'reply', call: number, verdict: number, value: unknown]
  | readonly [kind: 'taken', call: number]
  // To who made an actor.
  /** Tells where it is, unless that is known, where it goes, and how it ends. */
  | readonly [kind: 'follow', actor: number, thread: number | undefined]
  | readonly [kind: 'stop', actor: number, how: 'close' | 'terminate', fault: Fault | undefined]
  // Back from there.
  | readonly [kind: 'at', actor: number, home: Home]
  | readonly [kind: 'ended', actor: number, exit: PackedExit]
  /** To anybody: the other end of a port that somebody else gets. */
  | readonly [kind: 'connect', port: MessagePort]
  // From who made an actor to where it lives.
  | readonly [kind: 'create', recipe: Recipe]
  | readonly [kind: 'go', actor: number, how: 'on' | 'again', state: Kept | undefined]
  | readonly [kind: 'close', actor: number]
  | readonly [kind: 'remove', actor: number]
  | readonly [kind: 'leave']
  // And back.
  | readonly [kind: 'ready', actor: number]
  | readonly [kind: 'failed', actor: number, fault: Fault, phase: Phase, method: string | undefined]
  | readonly [kind: 'state', actor: number, state: Kept]
  | readonly [kind: 'left', actor: number, verdict: number, value: unknown]
  | readonly [kind: 'rest', actor: number, resting: boolean]

/**
 * What an actor was doing when it failed.
 * @inline
 */
export type Phase = 'start' | 'tell' | 'run'
