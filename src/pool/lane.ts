import type { ResourceLimits } from 'node:worker_threads'

import type { Backend } from '../backends/backend.ts'
import type { Output } from '../executor/link.ts'
import type { BackendName } from '../options.ts'
import type { Task } from './task.ts'

/** Where a Pool keeps its Lane, so that calls can use it without knowing the class. */
export const laneKey: unique symbol = Symbol('offloop.lane')

/** What a Pool adds to a call: its backends, a queue of its own on them, and its books. */
export interface Lane {
  readonly defaultBackend: 'auto' | BackendName
  /** The backend and the pool's queue on it; undefined where there is none of that name. */
  backend(name: BackendName): { readonly backend: Backend; readonly queue: number } | undefined
  /** Throws where the pool takes no more. */
  enter(): void
  started(task: Task<unknown>): void
  settled(task: Task<unknown>, outcome: 'done' | 'failed' | 'cancelled'): void
}

/** Where a Pool keeps its Lodging. */
export const lodgingKey: unique symbol = Symbol('offloop.lodging')

/** What lives with a Pool beside its tasks: it ends with it. */
export interface Guest {
  close(): Promise<void>
  terminate(): Promise<void>
}

/** What a Pool has for guests: how its workers are, and a place in its end. */
export interface Lodging {
  readonly name: string
  readonly workers: number
  readonly context: unknown
  readonly resourceLimits: ResourceLimits | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly stdout: Output
  readonly stderr: Output
  readonly closed: boolean
  add(guest: Guest): void
}
