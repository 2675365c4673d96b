import type { View } from '../types.ts'

/** Words of a job's control block, shared by the main thread and the workers on it. */
export const control = {
  /** Next block to claim, by Atomics.add. Back to 0 between phases, when no worker is in one. */
  cursor: 0,
  /** 1 when workers should claim no more. */
  cancelled: 1,
  /** Blocks done, over all phases. */
  done: 2,
  words: 4,
} as const

/** Everything a worker needs to run blocks of a job: all memory is shared, so this costs the same for any size. */
export interface WorkerJob {
  readonly id: number
  readonly kernel: string
  readonly inputs: readonly View[]
  readonly outputs: readonly View[]
  readonly scalars: readonly number[]
  readonly results: SharedArrayBuffer
  readonly scratch: SharedArrayBuffer
  readonly partials: SharedArrayBuffer
  readonly control: SharedArrayBuffer
}

/** To a worker: run blocks of this phase until there are none left. The job comes with its first phase. */
export interface PhaseMessage {
  readonly id: number
  readonly job: WorkerJob | undefined
  readonly phase: number
}

/** To a worker: the job is over, forget it. */
export interface ForgetMessage {
  readonly id: number
  readonly forget: true
}

export type ToWorker = PhaseMessage | ForgetMessage

/** From a worker: it left the phase, with an error where a block threw. */
export interface LeftMessage {
  readonly id: number
  readonly error?: unknown
}
