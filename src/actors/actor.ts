import { codedError } from '../errors.ts'
import type { TravelKind } from '../executor/traveller.ts'
import { travelKey } from '../executor/traveller.ts'
import { refuse } from '../executor/ship.ts'
import { readActorOptions } from './actor-options.ts'
import type { ActorOptions } from './actor-options.ts'
import type { MessageOptions } from './ask.ts'
import { errorAfter } from './exit.ts'
import { currentHere } from './here.ts'
import type { Mailbox } from './mailbox.ts'
import { actorKind, controlOf, refOf, sendTo } from './ref.ts'
import type { MailboxRef } from './ref.ts'
import { privateNames, shipClass } from './ship-class.ts'
import { Supervisor } from './supervisor.ts'
import { readWait, waitFor } from '../threads/wait.ts'
import type { WaitOptions } from '../sync/waits.ts'

/** Options of {@link Actor.start}. */
export interface StartOptions extends ActorOptions {
  /**
   * The same class as a member of `importTasks`, where it takes something from its module.
   * @default its source is sent
   */
  from?: unknown
}

const refs = new WeakMap<Actor, MailboxRef>()

/**
 * An actor that reads its mailbox by itself: `run` is carried out in a worker, with the fields that the constructor set
 * here.
 *
 * @example
 * class Printer extends Actor {
 *   async run() {
 *     for await (const line of this.mailbox) console.log(line)
 *   }
 * }
 * const printer = new Printer().start()
 * printer.send('hello')
 * await printer.close()
 */
export abstract class Actor<M = unknown, R = unknown> {
  /** The messages; inside `run` alone. */
  get mailbox(): Mailbox<M> {
    throw codedError('ERR_OFFLOOP_STATE', [titleOf(this), 'be read here', 'its mailbox is there in `run`'])
  }

  /** What it does. What this gives is the result of `join`. */
  abstract run(): R | Promise<R>

  /** @internal */
  get [travelKey](): TravelKind {
    return { ...actorKind, pack: () => controlOf(this.ref).pack() }
  }

  /** For others, in whichever thread, to send to. An Actor that is sent arrives as this. */
  get ref(): MailboxRef<M> {
    return startedOf(this, 'be referred to') as MailboxRef<M>
  }

  /** Whether it was started and has not ended. */
  get isAlive(): boolean {
    return refs.get(this)?.isAlive ?? false
  }

  /**
   * Starts `run` in a worker.
   * @returns Itself.
   */
  start(options: StartOptions = {}): this {
    if (refs.has(this)) throw codedError('ERR_OFFLOOP_STATE', [titleOf(this), 'be started', 'it was started before'])
    const Class = this.constructor
    const read = readActorOptions(options, Class.name)
    const names = privateNames(Class)
    if (names.length > 0) {
      const why = `it keeps ${names.join(', ')}, which can't be sent; use fields that are not private, or spawn()`
      throw refuse(Class.name, why)
    }
    const supervisor = new Supervisor({
      ...read,
      form: 'mailbox',
      shipped: shipClass(options.from ?? Class, Actor),
      args: [{ ...this }],
      transfer: undefined,
      keep: 'nothing',
      parent: currentHere(),
    })
    refs.set(this, refOf(supervisor) as MailboxRef)
    return this
  }

  /**
   * Sends a message.
   * @returns Resolves when the mailbox has taken it, which is at once unless it is limited.
   */
  async send(message: M, options?: Pick<MessageOptions, 'transfer'>): Promise<void> {
    await sendTo(controlOf(startedOf(this, 'be sent to')), message, options)
  }

  /**
   * Takes no more messages: its mailbox ends when it is empty.
   * @returns Resolves when `run` is over, however that came.
   */
  async close(): Promise<void> {
    await startedOf(this, 'be closed').close()
  }

  /**
   * Waits for its end. The process lives meanwhile.
   * @returns What `run` gave. Rejects with what it threw, with ERR_OFFLOOP_WORKER_DIED, or with an AbortError after
   * `terminate()`.
   */
  async join(options?: WaitOptions): Promise<Awaited<R>> {
    const control = controlOf(startedOf(this, 'be joined'))
    control.observe()
    const exit = await waitFor(control.ended, readWait(options))
    if (exit.reason === 'closed') return exit.result as Awaited<R>
    throw exit.reason === 'terminated' ? errorAfter(control.address.name, exit) : exit.error
  }

  /** Ends it at once; no effect before it is started. */
  async terminate(): Promise<void> {
    await refs.get(this)?.terminate()
  }

  /** The same as `close`, where it was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    await refs.get(this)?.close()
  }
}

function startedOf(actor: Actor, what: string): MailboxRef {
  const ref = refs.get(actor)
  if (ref === undefined) throw codedError('ERR_OFFLOOP_STATE', [titleOf(actor), what, 'it was not started here'])
  return ref
}

function titleOf(actor: object): string {
  return `The actor '${actor.constructor.name}'`
}
