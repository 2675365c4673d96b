import type { ResourceLimits } from 'node:worker_threads'

import type { Output } from './link.ts'
import type { Parcel } from './parcel.ts'
import type { Cargo } from './ship.ts'

/** What workers are. */
export type Kind = 'worker' | 'process' | 'inline'

/** How an executor's workers are. */
export interface ExecutorOptions {
  readonly kind: Kind
  readonly name: string
  /** The most workers, and those that stay. */
  readonly size: number
  readonly minimum: number
  readonly idleTimeout: number
  readonly graceMs: number
  readonly maxTasksPerWorker: number
  readonly resourceLimits: ResourceLimits | undefined
  readonly env: NodeJS.ProcessEnv | undefined
  readonly initializer: Cargo | undefined
  readonly context: Parcel
  readonly stdout: Output
  readonly stderr: Output
  /** Called whenever a job is over. */
  readonly settled: () => void
}
