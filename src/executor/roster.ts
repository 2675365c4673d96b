import { channel } from 'node:diagnostics_channel'

import { lazy } from '../lazy.ts'
import type { ExecutorOptions } from './executor-options.ts'
import type * as Inline from './inline-link.ts'
import { leaveMs } from './link.ts'
import type { Link, LinkOptions } from './link.ts'
import { Member } from './member.ts'
import type { FromRunner } from './messages.ts'
import { NoLink } from './no-link.ts'
import type * as Processes from './process-link.ts'
import type * as Threads from './thread-link.ts'

const started = channel('offloop:worker:start')
const ended = channel('offloop:worker:exit')

// Each draws in what a program with another backend has no use for.
const links = {
  worker: lazy(() => (require('./thread-link.js') as typeof Threads).ThreadLink),
  process: lazy(() => (require('./process-link.js') as typeof Processes).ProcessLink),
  inline: lazy(() => (require('./inline-link.js') as typeof Inline).InlineLink),
} as const

/** Who hears of what workers do. */
export interface RosterEvents {
  message(member: Member, message: FromRunner): void
  /** It is gone; `known` where it was not dismissed before. */
  left(member: Member, known: boolean, reason: string, cause: unknown): void
}

/** The workers of an executor: started, kept, dismissed and replaced. */
export class Roster {
  readonly members: Member[] = []
  /** One that waits to take the place of another. */
  spare: Member | undefined
  closed = false
  readonly #options: ExecutorOptions
  readonly #events: RosterEvents
  readonly #exits = new Set<Promise<void>>()
  #lastNumber = 0

  constructor(options: ExecutorOptions, events: RosterEvents) {
    this.#options = options
    this.#events = events
    this.fill()
  }

  get full(): boolean {
    return this.members.length >= this.#options.size
  }

  hire(): Member {
    const member = this.#takeSpare() ?? this.#start()
    this.members.push(member)
    return member
  }

  /** Up to the minimum. */
  fill(): void {
    while (!this.closed && this.members.length < this.#options.minimum) this.hire()
  }

  /** All that there may be. */
  everyone(): readonly Member[] {
    while (!this.full) this.hire()
    return this.members.filter((member) => !member.retiring)
  }

  /** Has somebody ready for the place of another, for a while. */
  prepare(): void {
    if (this.closed) return
    const spare = (this.spare ??= this.#start())
    this.wake(spare)
    this.#endLater(spare, () => spare === this.spare)
  }

  /** Gives the place of a worker to the spare one. */
  replace(member: Member): void {
    this.dismiss(member)
    const spare = this.#takeSpare()
    if (spare !== undefined) {
      this.members.push(spare)
      this.rest(spare)
    }
    this.fill()
  }

  /** It has nothing to do: it ends if it retires, or after a while. */
  rest(member: Member): void {
    if (member.jobs.size > 0 || member.streams > 0) return
    if (member.retiring) {
      this.retire(member)
      this.fill()
      return
    }
    const { minimum } = this.#options
    if (this.members.length <= minimum || member.idleTimer !== undefined) return
    this.#endLater(member, () => member.idle && member.streams === 0 && this.members.length > minimum)
  }

  wake(member: Member): void {
    clearTimeout(member.idleTimer)
    member.idleTimer = undefined
  }

  dismiss(member: Member): void {
    this.forget(member)
    member.link.terminate()
  }

  /** Of a worker that has nothing to do: what it printed is not lost. */
  retire(member: Member): void {
    this.forget(member)
    member.link.end()
    const timer = setTimeout(() => member.link.terminate(), leaveMs).unref()
    void member.exit.then(() => clearTimeout(timer))
  }

  forget(member: Member): boolean {
    this.wake(member)
    if (member === this.spare) this.spare = undefined
    const index = this.members.indexOf(member)
    if (index !== -1) this.members.splice(index, 1)
    return index !== -1
  }

  #endLater(member: Member, still: () => boolean): void {
    const { idleTimeout } = this.#options
    if (idleTimeout === Infinity) return
    member.idleTimer = setTimeout(() => {
      member.idleTimer = undefined
      if (still()) this.retire(member)
    }, idleTimeout).unref()
  }

  #takeSpare(): Member | undefined {
    const { spare } = this
    this.spare = undefined
    if (spare !== undefined) this.wake(spare)
    return spare
  }

  /** Ends all workers, those with nothing to do by themselves unless `atOnce`, and resolves when they are gone. */
  async stop(atOnce: boolean): Promise<void> {
    this.closed = true
    for (const member of this.members.slice()) {
      if (!atOnce && member.jobs.size === 0 && member.streams === 0) this.retire(member)
      else this.dismiss(member)
    }
    this.spare?.link.terminate()
    await Promise.all(this.#exits)
  }

  #start(): Member {
    const { kind, name, initializer, context, resourceLimits, env, stdout, stderr } = this.#options
    const number = ++this.#lastNumber
    let exited!: () => void
    const exit = new Promise<void>((resolve) => (exited = resolve))
    this.#exits.add(exit)
    const link = startLink(kind, {
      name: `${name} ${number}`,
      runner: { initializer: initializer?.shipped, context: context.value, contextPacked: context.packed, number },
      resourceLimits,
      env,
      stdout,
      stderr,
      onMessage: (message) => this.#events.message(member, message),
      onExit: (reason, cause) => {
        this.#exits.delete(exit)
        exited()
        if (ended.hasSubscribers) ended.publish({ pool: name, worker: number, reason })
        this.#events.left(member, this.forget(member), reason, cause)
      },
    })
    const member = new Member(link, number, exit)
    if (started.hasSubscribers) started.publish({ pool: name, worker: number, id: link.id })
    return member
  }
}

// What workers are started with can be refused by the runtime: limits that are none, a context that can't be cloned.
function startLink(kind: ExecutorOptions['kind'], options: LinkOptions): Link {
  try {
    return new (links[kind]())(options)
  } catch (cause) {
    return new NoLink(cause, options.onExit)
  }
}
