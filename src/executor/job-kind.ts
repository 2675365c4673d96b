import type { TransferListItem } from 'node:worker_threads'

import type { BackendName } from '../options.ts'
import type { Kept } from './keep.ts'
import type { Member } from './member.ts'
import type { Verb } from './messages.ts'
import type { Cargo } from './ship.ts'

/** What a job is, besides its arguments; jobs of one kind share it. */
export interface JobKind {
  readonly cargo: Cargo
  readonly verb: Verb
  readonly backend: BackendName
  readonly packed: boolean
  readonly priority: number
  /** Whether it may share a message with others: its arguments are primitives. */
  readonly light: boolean
  /** Sent only to a worker that has nothing else to do, so that it starts when it arrives. */
  readonly alone: boolean
  readonly transfer: readonly TransferListItem[] | undefined
  /** How often it is tried again when its worker dies. */
  readonly retries: number
  /** Arrays among its arguments that others may have as well. */
  readonly kept: readonly (Kept | undefined)[] | undefined
  /** The one worker that can run it. */
  readonly pinned: Member | undefined
}

let last: JobKind | undefined

/** The kind of a call that has nothing special about it; of many such in a row, the same object. */
export function plainKind(cargo: Cargo, verb: Verb, backend: BackendName): JobKind {
  if (last?.cargo === cargo && last.verb === verb && last.backend === backend) return last
  last = {
    cargo,
    verb,
    backend,
    packed: false,
    priority: 1,
    light: true,
    alone: false,
    transfer: undefined,
    retries: 0,
    kept: undefined,
    pinned: undefined,
  }
  return last
}

/** Whether such a job may share a message with those of a function. */
export function isLike(kind: JobKind, cargo: Cargo, verb: Verb): boolean {
  return kind.cargo === cargo && kind.verb === verb && kind.light && !kind.alone
}

/** Whether such a job can't be moved to another worker. */
export function isBound(kind: JobKind): boolean {
  return kind.pinned !== undefined || kind.transfer !== undefined
}
