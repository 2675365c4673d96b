import { createHistogram } from 'node:perf_hooks'
import type { RecordableHistogram } from 'node:perf_hooks'

/** A spread of times, in milliseconds. */
export interface Spread {
  /** How many there are in it. */
  readonly count: number
  /** Their mean. */
  readonly mean: number
  /** The shortest. */
  readonly min: number
  /** The median. */
  readonly p50: number
  /** Nine of ten are not above it. */
  readonly p90: number
  /** 99 of 100 are not above it. */
  readonly p99: number
  /** The longest. */
  readonly max: number
}

/** What `pool.stats()` gives. */
export interface PoolStats {
  /** As the options name it. */
  readonly name: string
  /** As the options choose it. */
  readonly backend: 'auto' | 'native' | 'worker' | 'process' | 'inline'
  /** The most threads it uses. */
  readonly threads: number
  /** Tasks that wait for a thread. */
  readonly queued: number
  /** Tasks that run. */
  readonly running: number
  /** Tasks that gave a result. */
  readonly done: number
  /** Tasks that gave an error. */
  readonly failed: number
  /** Tasks that were cancelled, aborted or out of time. */
  readonly cancelled: number
  /** Threads' busy time over threads' time since the pool was made, 0..1, of tasks that have settled. */
  readonly utilization: number
  /** From the call until a thread took it. */
  readonly wait: Spread
  /** From then until it had settled. */
  readonly run: Spread
  /** Those for functions that there are now. */
  readonly workers: readonly WorkerStats[]
}

/** A worker of a pool. */
export interface WorkerStats {
  /** From 1, never used again within the pool. */
  readonly number: number
  /** A thread's id, or a process's. */
  readonly id: number
  /** Its initializer is through. */
  readonly ready: boolean
  /** That it has and that have not settled. */
  readonly tasks: number
  /** That it was ever sent. */
  readonly taken: number
  /** Of a thread's event loop, 0..1, since it started. */
  readonly utilization: number | undefined
}

/** The times that settled tasks took. */
export class TimeStats {
  readonly #histogram: RecordableHistogram = createHistogram()
  #count = 0

  record(milliseconds: number): void {
    this.#count++
    this.#histogram.record(Math.max(1, Math.round(milliseconds * 1e6)))
  }

  get count(): number {
    return this.#count
  }

  /** The spread of several together. */
  static spreadOf(all: readonly TimeStats[]): Spread {
    const used = all.filter((stats) => stats.#count > 0)
    if (used.length === 0) return { count: 0, mean: 0, min: 0, p50: 0, p90: 0, p99: 0, max: 0 }
    const histogram = used.length === 1 ? used[0].#histogram : createHistogram()
    if (used.length > 1) for (const stats of used) histogram.add(stats.#histogram)
    const at = (percentile: number) => histogram.percentile(percentile) / 1e6
    return {
      count: used.reduce((sum, stats) => sum + stats.#count, 0),
      mean: histogram.mean / 1e6,
      min: histogram.min / 1e6,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      max: histogram.max / 1e6,
    }
  }
}
