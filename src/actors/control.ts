import type { MessagePort, TransferListItem } from 'node:worker_threads'

import type { Address } from './address.ts'
import type { ActorExit } from './exit.ts'
import type { Home } from './messages.ts'

/** What a reference to an actor has in its hands, be it the thread's own or another's. */
export interface Control {
  readonly address: Address
  /** Never rejects. */
  readonly ended: Promise<ActorExit>
  /** `error`: it ends as failed by that. */
  stop(how: 'close' | 'terminate', error?: unknown): void
  /** Somebody hears of its end. */
  observe(): void
  /** For another thread. */
  pack(): { readonly data: PackedRef; readonly transfer: readonly TransferListItem[] }
}

/** A reference on its way. */
export interface PackedRef {
  readonly id: number
  readonly name: string
  readonly form: 'methods' | 'mailbox'
  readonly most: number
  readonly overflow: 'reject' | 'wait'
  readonly resends: boolean
  /** The thread that made the actor, and a way to it. */
  readonly owner: number
  readonly ownerPort: MessagePort
  /** A way to where it lives; undefined where that is not known just now. */
  readonly home: Home | undefined
}
