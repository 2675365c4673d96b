import type { Job } from './job.ts'
import { slotCount } from './messages.ts'

/** The jobs that a worker has, each in a slot of its own. Going through them is slow, and is for rare occasions. */
export class Slots {
  /** How many jobs there are. */
  size = 0
  readonly #jobs: (Job | undefined)[] = []
  /** When each was put there, counted from 1. */
  readonly #turns: number[] = []
  readonly #free: number[] = []
  #lastTurn = 0

  get isFull(): boolean {
    return this.size === slotCount
  }

  /** Puts a job in a slot. */
  add(job: Job): number {
    const slot = this.#free.pop() ?? this.#jobs.length
    this.#jobs[slot] = job
    this.#turns[slot] = ++this.#lastTurn
    this.size++
    return slot
  }

  get(slot: number): Job | undefined {
    return this.#jobs[slot]
  }

  /** Frees a slot, and gives the job that was in it. */
  remove(slot: number): Job | undefined {
    const job = this.#jobs[slot]
    if (job === undefined) return undefined
    this.#jobs[slot] = undefined
    this.#free.push(slot)
    this.size--
    return job
  }

  /** Slots with their jobs, as they are now, in the order in which they came. */
  entries(): [slot: number, job: Job][] {
    const entries: [number, Job][] = []
    for (const [slot, job] of this.#jobs.entries()) if (job !== undefined) entries.push([slot, job])
    return entries.toSorted(([a], [b]) => this.#turns[a] - this.#turns[b])
  }

  /** The slot that was filled before all others. */
  get first(): number | undefined {
    return this.entries()[0]?.[0]
  }
}
