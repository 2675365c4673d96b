// What passes between the main thread and a worker that runs functions. A worker thread shares words with it as well:
// two counters, and a word for each slot, which is where a task that was sent to it lives until its reply.

import type { Fault } from './fault.ts'

/** Words of the shared block. */
export const word = {
  /** Messages posted to the worker; it may look here instead of waiting for an event. */
  posted: 0,
  /** Replies posted by the worker. */
  replied: 1,
  /** First of the slots' words. */
  slots: 2,
} as const

/** Tasks that a worker may have at once. */
export const slotCount = 1024

/**
 * A slot's word. The worker claims a task by sent → running, the main thread takes it back by sent → withdrawn: one of
 * the two happens. running → cancelled asks the function to stop; running → finished, or cancelled → finished, is the
 * worker's.
 */
export const mark = { sent: 0, running: 1, withdrawn: 2, cancelled: 3, finished: 4 } as const

/** What a worker does with a function and its arguments; executor/verbs.ts has each. */
export type Verb = 'call' | 'items' | 'numbers' | 'reduce' | 'open' | 'resume'

/** A function as it is shipped, once a worker. */
export interface ShippedFunction {
  readonly id: number
  readonly name: string
  /** Of an inline function. */
  readonly source?: string | undefined
  readonly strict?: boolean | undefined
  /** Free names in the source that the worker supplies. */
  readonly supplied?: readonly string[] | undefined
  /** Of an exported one. */
  readonly module?: string | undefined
  readonly export?: string | undefined
}

/** Tasks of one function. The function comes with its first. */
export type RunMessage = readonly [
  kind: 'run',
  verb: Verb,
  fn: number,
  shipped: ShippedFunction | undefined,
  slots: readonly number[],
  args: readonly (readonly unknown[])[],
  /** Whether there are handles among the arguments, to be brought back to what they are. */
  packed: boolean,
]
/** Asks the function in a slot to stop, or not to begin. */
export type CancelMessage = readonly [kind: 'cancel', slot: number, reason: Fault | undefined]

/** A large array that tasks refer to by number from now on; without the array they no longer do. */
export type KeepMessage = readonly [kind: 'keep', id: number, array: unknown]

/** The worker ends by itself, once what it printed is through. */
export type EndMessage = readonly [kind: 'end']

/** What is said to a function that runs, or by it, beside its arguments and its result; see executor/mail.ts. */
export type MailMessage = readonly [kind: 'mail', content: unknown]

export type ToRunner = RunMessage | CancelMessage | KeepMessage | EndMessage | MailMessage

/** What became of a task. */
export const verdict = { value: 0, packed: 1, fault: 2, withdrawn: 3 } as const

/** For each task four entries: its slot, a verdict, the value or the fault, and milliseconds. */
export type FromRunner =
  | readonly [kind: 'done', entries: readonly unknown[]]
  /** The worker runs, its initializer included; or the initializer failed. */
  | readonly [kind: 'ready', fault: unknown]
  /** A process is about to end because of what nobody caught. */
  | readonly [kind: 'died', fault: unknown]
  /** A fraction of a task. */
  | readonly [kind: 'progress', slot: number, fraction: number]
  | MailMessage

/** What a worker starts with. */
export interface RunnerOptions {
  readonly initializer: ShippedFunction | undefined
  readonly context: unknown
  readonly contextPacked: boolean
  readonly number: number
  /** What a thread or a process of its own is called; undefined of a pool's workers. */
  readonly identity?: Identity | undefined
}

/** What a worker knows of itself. */
export interface Identity {
  readonly name: string
  readonly daemon: boolean
}
