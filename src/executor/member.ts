import type { WorkerStats } from '../pool/stats.ts'
import { packFault } from './fault.ts'
import type { Job } from './job.ts'
import type { Kept, KeptReference } from './keep.ts'
import type { Link } from './link.ts'
import { mark, word } from './messages.ts'
import { Slots } from './slots.ts'

/** One worker of an executor, and the jobs that it has been sent. */
export class Member {
  readonly link: Link
  /** From 1, never used again within a pool. */
  readonly number: number
  /** Resolves when it is gone. */
  readonly exit: Promise<void>
  readonly jobs = new Slots()
  /** One of its jobs is to have it to itself. */
  alone = false
  /** Its initializer is through. */
  ready = false
  /** Takes nothing new, and ends when it has nothing left. */
  retiring = false
  /** Open generators that live in it. */
  streams = 0
  /** Messages that came from it. */
  received = 0
  /** Tasks it has been sent. */
  taken = 0
  /** What its jobs are expected to take altogether, in milliseconds. */
  expectedMs = 0
  lastReply = performance.now()
  idleTimer: NodeJS.Timeout | undefined
  readonly #known = new Set<number>()

  constructor(link: Link, number: number, exit: Promise<void>) {
    this.link = link
    this.number = number
    this.exit = exit
  }

  get idle(): boolean {
    return this.jobs.size === 0 && !this.retiring
  }

  /** Whether a job in a slot is still meant to run here: one that was taken back may be with another by now. */
  holds(slot: number, job: Job): boolean {
    return job.member === this && job.slot === slot
  }

  *unsettled(): Generator<Job> {
    for (const [slot, job] of this.jobs.entries()) if (!job.settled && this.holds(slot, job)) yield job
  }

  stats(): WorkerStats {
    const { number, link, ready, taken } = this
    const tasks = Array.from(this.unsettled()).length
    return { number, id: link.id, ready, tasks, taken, utilization: link.utilization()?.utilization }
  }

  /** Whether a job is here that was cancelled, and that it has not said to be through with. */
  get holdsCancelled(): boolean {
    return this.jobs.entries().some(([slot, job]) => job.settled && this.state(slot) !== mark.withdrawn)
  }

  /** Whether the job in a slot may have begun: where nothing is shared, the one that was sent first. */
  mayRun(slot: number): boolean {
    const state = this.state(slot)
    if (state !== undefined) return state === mark.running || state === mark.cancelled
    return this.ready && this.jobs.first === slot
  }

  /** Whether it may run a job that has settled without having been asked to stop: only where nothing is shared. */
  get lingers(): boolean {
    if (this.link.words !== undefined) return false
    return this.jobs.entries().some(([slot, job]) => job.settled && this.mayRun(slot))
  }

  /** A slot's word; undefined where nothing is shared. */
  state(slot: number): number | undefined {
    const { words } = this.link
    return words === undefined ? undefined : Atomics.load(words, word.slots + slot)
  }

  /** Sends jobs of one function in one message. Throws, with none of them sent, when an argument can't be cloned. */
  send(jobs: readonly Job[]): void {
    const { cargo, verb, packed, transfer, kept } = jobs[0].kind
    const { shipped } = cargo
    const slots = jobs.map((job) => this.#occupy(job))
    const definition = this.#known.has(shipped.id) ? undefined : shipped
    try {
      const args = kept === undefined ? jobs.map((job) => job.args) : [this.#withReferences(jobs[0].args, kept)]
      const unpack = packed || kept !== undefined
      this.link.post(['run', verb, shipped.id, definition, slots, args, unpack], transfer)
    } catch (error) {
      for (const slot of slots) this.release(slot)
      throw error
    }
    this.#known.add(shipped.id)
    this.taken += jobs.length
  }

  /** Arguments with references to arrays that other jobs have as well, which go ahead. */
  #withReferences(args: readonly unknown[], kept: readonly (Kept | undefined)[]): unknown[] {
    return args.map((arg, i) => {
      const known = kept[i]
      if (known === undefined || (known.uses === 1 && !known.holders.has(this.link))) return arg
      if (!known.holders.has(this.link)) this.link.post(['keep', known.id, known.array])
      known.holders.add(this.link)
      return { '@offloop': 'kept', id: known.id } satisfies KeptReference
    })
  }

  /** Frees a slot and gives the job that was in it. */
  release(slot: number): Job | undefined {
    const job = this.jobs.remove(slot)
    if (job === undefined) return undefined
    if (this.jobs.size === 0) {
      this.expectedMs = 0
      this.alone = false
    } else {
      this.expectedMs = Math.max(0, this.expectedMs - (job.kind.cargo.expectedMs ?? 0))
    }
    return job
  }

  /** Takes a job back that has not begun; false when it has, or nobody can tell. */
  withdraw(slot: number): boolean {
    const { words } = this.link
    if (words === undefined) return false
    return Atomics.compareExchange(words, word.slots + slot, mark.sent, mark.withdrawn) === mark.sent
  }

  /** Asks a running job to stop; false when it is over by now. */
  askToStop(slot: number, reason: unknown): boolean {
    const { words } = this.link
    if (words !== undefined) {
      const before = Atomics.compareExchange(words, word.slots + slot, mark.running, mark.cancelled)
      if (before !== mark.running) return false
    }
    try {
      this.link.post(['cancel', slot, packFault(reason)])
    } catch {
      // A reason that can't be sent stays here.
      this.link.post(['cancel', slot, undefined])
    }
    return true
  }

  #occupy(job: Job): number {
    const slot = this.jobs.add(job)
    const { words } = this.link
    if (words !== undefined) Atomics.store(words, word.slots + slot, mark.sent)
    this.expectedMs += job.kind.cargo.expectedMs ?? 0
    if (job.kind.alone) this.alone = true
    job.member = this
    job.slot = slot
    return slot
  }
}
