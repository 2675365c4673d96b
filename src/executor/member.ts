import type { Job } from './job.ts'
import type { Kept, KeptReference } from './keep.ts'
import type { Link } from './link.ts'
import { mark, slotCount, word } from './messages.ts'

/** One worker of an executor, and the jobs that it has been sent. */
export class Member {
  readonly link: Link
  /** From 1, never used again within a pool. */
  readonly number: number
  /** In the order in which they were sent, by slot. */
  readonly jobs = new Map<number, Job>()
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
  readonly #free: number[] = []
  #nextSlot = 0

  constructor(link: Link, number: number) {
    this.link = link
    this.number = number
  }

  get idle(): boolean {
    return this.jobs.size === 0 && !this.retiring
  }

  /** Jobs that it could be sent now. */
  get room(): number {
    return this.#free.length + slotCount - this.#nextSlot
  }

  /** The jobs that are here and nowhere else: one that was taken back leaves its slot when the worker says so. */
  own(): Job[] {
    const own: Job[] = []
    for (const [slot, job] of this.jobs) if (job.member === this && job.slot === slot) own.push(job)
    return own
  }

  /** A slot's word; undefined where nothing is shared. */
  state(slot: number): number | undefined {
    const { words } = this.link
    return words === undefined ? undefined : Atomics.load(words, word.slots + slot)
  }

  /** Sends jobs of one function in one message. Throws, with none of them sent, when an argument can't be cloned. */
  send(jobs: readonly Job[]): void {
    const [{ cargo, verb, packed, transfer, kept }] = jobs
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
    const job = this.jobs.get(slot)
    if (job === undefined) return undefined
    this.jobs.delete(slot)
    this.#free.push(slot)
    this.expectedMs = this.jobs.size === 0 ? 0 : Math.max(0, this.expectedMs - (job.cargo.expectedMs ?? 0))
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
      this.link.post(['cancel', slot, reason])
    } catch {
      // A reason that can't be cloned stays here.
      this.link.post(['cancel', slot, undefined])
    }
    return true
  }

  #occupy(job: Job): number {
    const slot = this.#free.pop() ?? this.#nextSlot++
    const { words } = this.link
    if (words !== undefined) Atomics.store(words, word.slots + slot, mark.sent)
    this.jobs.set(slot, job)
    this.expectedMs += job.cargo.expectedMs ?? 0
    job.member = this
    job.slot = slot
    return slot
  }
}
