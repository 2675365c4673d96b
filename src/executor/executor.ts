import { channel } from 'node:diagnostics_channel'

import { codedError } from '../errors.ts'
import { TimeStats } from '../pool/stats.ts'
import type { WorkerStats } from '../pool/stats.ts'
import { Balance } from './balance.ts'
import type { ExecutorOptions } from './executor-options.ts'
import type { Fault } from './fault.ts'
import { unpackFault } from './fault.ts'
import { isBound, isLike } from './job-kind.ts'
import type { Job } from './job.ts'
import { JobQueue } from './job-queue.ts'
import { Keeper } from './keep.ts'
import { Lookout } from './lookout.ts'
import type { Member } from './member.ts'
import { verdict } from './messages.ts'
import type { FromRunner } from './messages.ts'
import { NumberBlocks } from './number-blocks.ts'
import { cloneError, unpackValue } from './parcel.ts'
import type { Channel } from './parcel.ts'
import { Roster } from './roster.ts'
import { learn } from './ship.ts'
import type { Cargo } from './ship.ts'

/** A message has as many short jobs as take this long together, and a worker jobs for twice as long. */
const batchMs = 0.4
const mostInBatch = 256
/** A job that takes no longer may wait at a busy worker, and begins there without a message to and fro. */
const aheadMs = 3
/** A worker with as many gets no more, but for those that only it can run. */
const mostAhead = 512
/** Jobs that are sent in one turn of the event loop; so many more may be on their way back. */
const mostInTurn = 64

const settled = channel('offloop:task:settled')

/** Runs jobs on workers: who gets which, how many at a time, and what happens to those of a worker that dies. */
export class Executor {
  readonly options: ExecutorOptions
  readonly wait = new TimeStats()
  readonly run = new TimeStats()
  readonly keeper = new Keeper()
  readonly blocks = new NumberBlocks()
  readonly counts = { done: 0, failed: 0, cancelled: 0 }
  readonly #queue = new JobQueue()
  readonly #roster: Roster
  /** Those that hold a job that was cancelled and has not stopped yet, with the end of their grace. */
  readonly #stopping = new Map<Member, NodeJS.Timeout | undefined>()
  /** Jobs that only one worker can run, which had no room for them. */
  readonly #crowded: Job[] = []
  #outstanding = 0
  #flushing = false
  #sentInTurn = 0
  /** What was sent last is expected to take so long. */
  #expectedMs = 0
  readonly #lookout: Lookout
  readonly #balance: Balance
  #alive: NodeJS.Timeout | undefined
  #emptied: (() => void) | undefined
  #busyMs = 0

  constructor(options: ExecutorOptions) {
    this.options = options
    this.#roster = new Roster(options, {
      message: (member, message) => this.#receive(member, message),
      left: (member, known, reason, cause) => this.#left(member, known, reason, cause),
    })
    this.#lookout = new Lookout(this.#roster.members, (member, message) => this.#receive(member, message))
    this.#balance = new Balance(this.#roster.members, (member) => this.#takeBack(member))
  }

  /** Jobs that have not settled. */
  get outstanding(): number {
    return this.#outstanding
  }

  get queued(): number {
    let waiting = this.#queue.length
    for (const member of this.#roster.members) for (const job of member.unsettled()) if (!job.started()) waiting++
    return waiting
  }

  /** Takes no more jobs. */
  get closed(): boolean {
    return this.#roster.closed
  }

  get busyMs(): number {
    return this.#busyMs
  }

  get channel(): Channel {
    return this.options.kind === 'process' ? 'process' : 'worker'
  }

  /** How each worker is. */
  workers(): WorkerStats[] {
    return this.#roster.members.map((member) => member.stats())
  }

  submit(job: Job): void {
    this.#outstanding++
    if (this.#outstanding === 1) this.#keepAlive(true)
    job.owner = this
    const { pinned } = job.kind
    if (pinned !== undefined) {
      this.#sendPinned(job, pinned)
      return
    }
    if (!this.#flushing && this.#queue.length === 0) {
      const member = this.#idle()
      if (member !== undefined) {
        this.#send(member, [job])
        this.#lookForReply()
        return
      }
    }
    this.#queue.push(job)
    if (this.#flushing) return
    this.#flushing = true
    queueMicrotask(() => this.#flush())
  }

  /** A worker with nothing to do, the one that had last. */
  #idle(): Member | undefined {
    const { members } = this.#roster
    for (let i = members.length - 1; i >= 0; i--) {
      const member = members[i]
      if (member.jobs.size === 0 && !member.retiring && !this.#stopping.has(member)) return member
    }
    return undefined
  }

  /** All workers that there may be, started. */
  everyone(): readonly Member[] {
    return this.#roster.everyone()
  }

  /** The worker that a long-lived thing should live in: the one with the least to do. */
  leastBusy(): Member {
    const usable = this.#roster.members.filter((member) => !member.retiring && !this.#stopping.has(member))
    const load = (member: Member) => member.jobs.size + member.streams
    const best = usable.reduce<Member | undefined>((a, b) => (a === undefined || load(b) < load(a) ? b : a), undefined)
    return best !== undefined && (load(best) === 0 || this.#roster.full) ? best : this.#roster.hire()
  }

  /** A long-lived thing in a worker is over. */
  leave(member: Member): void {
    member.streams--
    if (member.jobs.size === 0 && this.#roster.members.includes(member)) this.#roster.rest(member)
  }

  /** Settles a job for its caller; its function is asked to stop where it runs. */
  cancel(job: Job, reason: unknown): void {
    if (job.settled) return
    const { member, slot } = job
    if (member === undefined) this.#forgetWaiting(job)
    this.#settle(job, 'cancelled', reason, 0)
    if (member === undefined || member.jobs.get(slot) !== job || member.withdraw(slot)) return
    if (member.askToStop(slot, reason) && member.mayRun(slot)) this.#hurry(member)
  }

  /** A worker that runs a cancelled job has some time to end it. */
  #hurry(member: Member): void {
    this.#takeBack(member)
    this.#roster.prepare()
    if (this.#stopping.has(member)) return
    const { graceMs } = this.options
    const timer = graceMs === Infinity ? undefined : setTimeout(() => this.#replace(member), graceMs).unref()
    this.#stopping.set(member, timer)
  }

  #forgetWaiting(job: Job): void {
    const index = this.#crowded.indexOf(job)
    if (index === -1) this.#queue.dropped()
    else this.#crowded.splice(index, 1)
  }

  /** Fails or cancels all there is, stops all workers, and resolves when they are gone. */
  async terminate(reason: unknown): Promise<void> {
    this.#roster.closed = true
    for (const job of [...this.#queue, ...this.#crowded]) job.task.cancel(reason)
    for (const { jobs } of this.#roster.members) for (const [, job] of jobs.entries()) job.task.cancel(reason)
    await this.#stop(true)
  }

  /** Takes no more jobs. Workers that are stopped or end are not replaced, and those with nothing to do end. */
  shut(): void {
    this.#roster.closed = true
  }

  /** Resolves when all jobs have settled and all workers are gone. */
  async close(): Promise<void> {
    this.#roster.closed = true
    if (this.#outstanding > 0) await new Promise<void>((resolve) => (this.#emptied = resolve))
    await this.#stop(false)
  }

  async #stop(atOnce: boolean): Promise<void> {
    for (const timer of this.#stopping.values()) clearTimeout(timer)
    this.#balance.stop()
    this.#keepAlive(true)
    await this.#roster.stop(atOnce)
    clearInterval(this.#alive)
  }

  #flush(): void {
    this.#flushing = false
    if (this.#sentInTurn === 0) setImmediate(() => (this.#sentInTurn = 0)).unref()
    for (;;) {
      const job = this.#queue.peek()
      if (job === undefined) break
      const member = this.#choose(job)
      if (member === undefined) break
      this.#sendTo(member)
    }
    this.#lookForReply()
    this.#balance.watch()
  }

  #choose(job: Job): Member | undefined {
    const idle = this.#idle()
    if (idle !== undefined) return idle
    if (!this.#roster.full) return this.#roster.hire()
    let least: Member | undefined
    for (const member of this.#roster.members) {
      if (member.retiring || this.#stopping.has(member)) continue
      if (least === undefined || member.expectedMs < least.expectedMs) least = member
    }
    if (least === undefined || job.kind.alone || least.link.words === undefined) return undefined
    const { expectedMs } = job.kind.cargo
    if (least.alone || least.jobs.size >= mostAhead || expectedMs === undefined) return undefined
    const isNext = least.jobs.size === 1 && expectedMs <= aheadMs
    return isNext || expectedMs + least.expectedMs <= 2 * batchMs ? least : undefined
  }

  #sendTo(member: Member): void {
    const first = this.#queue.shift() as Job
    const jobs = [first]
    const { cargo, verb, light, alone } = first.kind
    if (light && !alone) {
      const most = Math.min(this.#batchSize(cargo), this.options.maxTasksPerWorker - member.taken)
      while (jobs.length < most) {
        const next = this.#queue.peek()
        if (next === undefined || !isLike(next.kind, cargo, verb)) break
        jobs.push(this.#queue.shift() as Job)
      }
    }
    this.#send(member, jobs)
  }

  #batchSize({ expectedMs }: Cargo): number {
    if (expectedMs === undefined || this.options.kind !== 'worker') return 1
    const share = Math.ceil((this.#queue.length + 1) / this.options.size)
    return Math.max(1, Math.min(mostInBatch, share, Math.floor(batchMs / Math.max(expectedMs, 1e-4))))
  }

  #send(member: Member, jobs: readonly Job[]): void {
    this.#roster.wake(member)
    try {
      member.send(jobs)
    } catch (error) {
      for (const job of jobs) {
        job.member = undefined
        this.#settle(job, 'failed', cloneError('args', error), 0)
      }
      this.#roster.rest(member)
      return
    }
    this.#sentInTurn += jobs.length
    this.#expectedMs = Math.min(member.expectedMs, jobs[0].kind.cargo.usualMs * member.jobs.size)
    if (member.ready) for (const job of jobs) job.hooks?.onReady?.()
    // While a generator lives there it serves others as well: they may be what the generator's reader waits for.
    if (member.taken >= this.options.maxTasksPerWorker && member.streams === 0) member.retiring = true
  }

  #sendPinned(job: Job, member: Member): void {
    if (!this.#roster.members.includes(member)) {
      this.#settle(job, 'failed', codedError('ERR_OFFLOOP_WORKER_DIED', ['it had ended before']), 0)
      return
    }
    if (member.jobs.isFull) {
      this.#crowded.push(job)
      return
    }
    this.#send(member, [job])
    this.#lookForReply()
  }

  #receive(member: Member, message: FromRunner): void {
    member.received++
    member.lastReply = performance.now()
    if (message[0] === 'done') {
      const [, entries] = message
      for (let i = 0; i < entries.length; i += 4) {
        this.#done(member, entries[i] as number, entries[i + 1] as number, entries[i + 2], entries[i + 3] as number)
      }
      this.#lookout.came(this.#outstanding)
      this.#freed(member)
    } else if (message[0] === 'progress') {
      const job = member.jobs.get(message[1])
      if (job !== undefined && message[2] > job.fraction) job.fraction = Math.min(1, message[2])
    } else if (message[0] === 'ready') {
      if (message[1] !== undefined) this.#failedToStart(member, message[1] as Fault)
      else this.#ready(member)
    }
  }

  #ready(member: Member): void {
    member.ready = true
    for (const [, job] of member.jobs.entries()) job.hooks?.onReady?.()
    if (member.lingers) this.#hurry(member)
  }

  #done(member: Member, slot: number, kind: number, value: unknown, ms: number): void {
    const job = member.release(slot)
    if (job === undefined || kind === verdict.withdrawn) return
    if (job.kind.verb === 'call') learn(job.kind.cargo, ms)
    this.#busyMs += ms
    if (job.settled) return
    if (kind === verdict.fault) this.#settle(job, 'failed', unpackFault(value as Fault), ms)
    else this.#settle(job, 'done', kind === verdict.packed ? unpackValue(value) : value, ms)
  }

  /** A worker has less to do than before. */
  #freed(member: Member): void {
    if (!this.#stopping.has(member)) {
      if (member.lingers) this.#hurry(member)
    } else if (!member.holdsCancelled) {
      clearTimeout(this.#stopping.get(member))
      this.#stopping.delete(member)
    }
    this.#spread()
    if (this.#queue.length > 0) this.#flushInTurn()
    if (member.jobs.size > 0) return
    if (this.#queue.length === 0) this.#balance.relieve()
    this.#roster.rest(member)
  }

  /** Sends more, unless this turn of the event loop has had its share: workers may answer as fast as they are sent to. */
  #flushInTurn(): void {
    if (this.#flushing) return
    if (this.#sentInTurn < mostInTurn) {
      this.#flush()
      return
    }
    this.#flushing = true
    setImmediate(() => this.#flush())
  }

  /** Tries those again that had no room. */
  #spread(): void {
    for (const job of this.#crowded.splice(0)) this.#sendPinned(job, job.kind.pinned as Member)
  }

  /** The grace of a worker is over. */
  #replace(member: Member): void {
    this.#stopping.delete(member)
    this.#takeBack(member)
    this.#roster.replace(member)
    this.#flush()
  }

  /** Puts jobs that a worker has not begun back to the front of the line. */
  #takeBack(member: Member): void {
    const back: Job[] = []
    for (const [slot, job] of member.jobs.entries()) {
      if (job.settled || isBound(job.kind) || !member.withdraw(slot)) continue
      job.member = undefined
      back.push(job)
    }
    for (const job of back.toReversed()) this.#queue.unshift(job)
    if (back.length > 0 && !this.#flushing) {
      this.#flushing = true
      queueMicrotask(() => this.#flush())
    }
  }

  #failedToStart(member: Member, fault: Fault): void {
    const cause = unpackFault(fault)
    const why = `its initializer failed: ${cause instanceof Error ? cause.message : String(cause)}`
    this.#roster.retire(member)
    this.#failStart(member, why, cause)
  }

  /** A worker is gone. */
  #left(member: Member, known: boolean, reason: string, cause: unknown): void {
    clearTimeout(this.#stopping.get(member))
    this.#stopping.delete(member)
    if (known && !member.ready) {
      this.#failStart(member, reason, cause)
    } else {
      for (const [slot, job] of member.jobs.entries().toReversed()) this.#orphaned(member, slot, job, reason, cause)
      this.#spread()
      if (known) this.#roster.fill()
    }
    if (this.#queue.length > 0) this.#flush()
  }

  /** A job's worker died: what had not begun goes to another, what had is lost unless it may be tried again. */
  #orphaned(member: Member, slot: number, job: Job, reason: string, cause: unknown): void {
    const elsewhere = !member.holds(slot, job)
    member.release(slot)
    if (job.settled || elsewhere) return
    const untouched = member.withdraw(slot)
    // What was transferred went with the worker.
    if (!isBound(job.kind) && (untouched || job.retries > 0)) {
      if (!untouched) job.retries--
      job.member = undefined
      this.#queue.unshift(job)
      return
    }
    this.#settle(job, 'failed', codedError('ERR_OFFLOOP_WORKER_DIED', [reason], { cause }), 0)
  }

  /** Where no worker has started, the next one would fail alike, once for every job that waits. */
  #failStart(member: Member, reason: string, cause: unknown): void {
    const make = () => codedError('ERR_OFFLOOP_WORKER_START', [reason], { cause })
    const common = make()
    // There may be very many; those that are to tell where they were submitted each need their own.
    const errorOf = (job: Job) => (job.hooks?.onReject === undefined ? common : make())
    for (const [slot, job] of member.jobs.entries()) {
      const here = member.holds(slot, job)
      member.release(slot)
      if (here) this.#settle(job, 'failed', errorOf(job), 0)
    }
    this.#spread()
    if (this.#roster.members.some(({ ready }) => ready)) return
    for (const job of Array.from(this.#queue)) {
      this.#queue.dropped()
      this.#settle(job, 'failed', errorOf(job), 0)
    }
  }

  #settle(job: Job, outcome: 'done' | 'failed' | 'cancelled', given: unknown, ms: number): void {
    if (job.settled) return
    job.settled = true
    let kind = outcome
    let value = given
    if (kind === 'done') {
      try {
        job.hooks?.onDone?.()
      } catch (error) {
        kind = 'failed'
        value = error
      }
    }
    const queuedMs = Math.max(0, performance.now() - job.submitted - ms)
    if (job.kind.kept !== undefined) this.keeper.drop(job.kind.kept)
    job.finish(kind, queuedMs, ms)
    this.counts[kind]++
    this.wait.record(queuedMs)
    this.run.record(ms)
    job.hooks?.onEnd?.()
    if (settled.hasSubscribers) {
      settled.publish({ pool: this.options.name, name: job.kind.cargo.shipped.name, outcome: kind, timing: job.timing })
    }
    if (kind === 'done') {
      job.resolve(value)
    } else {
      if (kind === 'failed') job.hooks?.onReject?.(value)
      job.reject(value)
    }
    this.#outstanding--
    if (this.#outstanding === 0) {
      this.#keepAlive(false)
      this.#emptied?.()
    }
    this.options.settled()
  }

  // Workers and ports keep nothing alive by themselves; one timer does, while there are jobs.
  #keepAlive(wanted: boolean): void {
    if (this.#alive === undefined) this.#alive = setInterval(() => {}, 2 ** 31 - 1)
    if (wanted) this.#alive.ref()
    else this.#alive.unref()
  }

  #lookForReply(): void {
    if (this.options.kind === 'worker') this.#lookout.look(this.#outstanding, this.#expectedMs)
  }
}
