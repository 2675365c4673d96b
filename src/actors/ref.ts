import type { TravelKind } from '../executor/traveller.ts'
import { travelKey } from '../executor/traveller.ts'
import type { Task } from '../pool/task.ts'
import { readWait, waitFor } from '../threads/wait.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { checkFunction } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { ask, plainMessage, readMessage, tell } from './ask.ts'
import type { MessageOptions, ReadMessage } from './ask.ts'
import type { Control } from './control.ts'
import type { ActorExit } from './exit.ts'

type AnyMethod = (...args: never[]) => unknown
/** Names of the public methods of a class. */
type MethodOf<T> = { [K in keyof T]: T[K] extends AnyMethod ? K : never }[keyof T] & string

/** The methods of a class, each a message whose sender gets the result. */
export type Asked<T> = {
  readonly [K in MethodOf<T>]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Task<Awaited<R>> : never
}

/** The methods of a class, each a message whose sender goes on; the promise is that of its acceptance. */
export type Told<T> = {
  readonly [K in MethodOf<T>]: T[K] extends (...args: infer A) => unknown ? (...args: A) => Promise<void> : never
}

const secret = Symbol('offloop.ref')
const controls = new WeakMap<Ref, Control>()
const refs = new WeakMap<Control, WeakRef<Ref>>()

/** @internal What stands behind a reference. */
export function controlOf(ref: Ref): Control {
  return controls.get(ref) as Control
}

/** A reference to an actor, from whichever thread. It can be sent to other threads and actors, and arrives as what it is. */
export abstract class Ref {
  /** @internal */
  constructor(control: Control, key: symbol) {
    if (key !== secret) throw new TypeError('References to actors are made by `spawn` and by Actors, not with `new`')
    controls.set(this, control)
  }

  /** @internal */
  get [travelKey](): TravelKind {
    return actorKind
  }

  /** As it was given, or that of the class. */
  get name(): string {
    return controlOf(this).address.name
  }

  /** Whether it has not ended, as far as is known here. */
  get isAlive(): boolean {
    return controlOf(this).address.exit === undefined
  }

  /**
   * Takes no more messages, and ends when those that it has are done.
   * @returns Resolves when it has ended, however that came.
   */
  async close(): Promise<void> {
    const control = controlOf(this)
    control.observe()
    control.stop('close')
    await waitFor(control.ended, {} as never)
  }

  /**
   * Waits for its end. The process lives meanwhile.
   * @returns How it ended. Rejects only when the wait ends early.
   */
  async join(options?: WaitOptions): Promise<ActorExit> {
    const control = controlOf(this)
    const wait = readWait(options)
    control.observe()
    return waitFor(control.ended, wait)
  }

  /**
   * Ends it at once: its messages reject with an AbortError. A worker of its own is ended whatever it does; one that is
   * shared goes on.
   * @returns Resolves when it has ended.
   */
  async terminate(): Promise<void> {
    const control = controlOf(this)
    control.observe()
    control.stop('terminate')
    await waitFor(control.ended, {} as never)
  }

  /**
   * Calls back when it ends, however that comes; at once when it has. Keeps nothing alive.
   * @returns Takes that back.
   */
  watch(listener: (exit: ActorExit) => void): () => void {
    checkFunction('listener', listener)
    const control = controlOf(this)
    control.observe()
    let wanted = true
    void control.ended.then((exit) => {
      if (wanted) listener(exit)
    })
    return () => {
      wanted = false
    }
  }

  /**
   * Ties two actors together: when one fails or dies, the other one ends as failed by the same error.
   * @returns Takes that back.
   */
  link(other: Ref): () => void {
    if (!(other instanceof Ref)) throw typeMisuse('other', 'an actor', other)
    const pull = (from: Ref, to: Ref): (() => void) =>
      from.watch(({ reason, error }) => {
        if (reason === 'failed' || reason === 'died') controlOf(to).stop('terminate', error)
      })
    const undo = [pull(this, other), pull(other, this)]
    return () => {
      for (const each of undo) each()
    }
  }

  /** The same as `close`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** An actor whose methods are called by messages; `spawn` makes one. */
export class ActorRef<T extends object = object> extends Ref {
  #ask: Asked<T> | undefined
  #tell: Told<T> | undefined

  /** Calls a method: `await actor.ask.method(...args)`. Messages from one thread are handled in their order. */
  get ask(): Asked<T> {
    this.#ask ??= askProxy<T>(this, plainMessage)
    return this.#ask
  }

  /**
   * Calls a method and does not wait: `actor.tell.method(...args)`. The promise is that of acceptance: it waits for room
   * in the mailbox, and rejects where there is none or the actor has ended. What the method throws goes to supervision.
   */
  get tell(): Told<T> {
    this.#tell ??= tellProxy<T>(this, plainMessage)
    return this.#tell
  }

  /**
   * The same with options.
   * @example await actor.with({ timeout: 100 }).ask.total()
   */
  with(options: MessageOptions): { readonly ask: Asked<T>; readonly tell: Told<T> } {
    const read = readMessage(options)
    return { ask: askProxy<T>(this, read), tell: tellProxy<T>(this, read) }
  }
}

/** An actor that reads its mailbox; see Actor. */
export class MailboxRef<M = unknown> extends Ref {
  /**
   * Sends a message.
   * @returns Resolves when the mailbox has taken it, which is at once unless it is limited.
   */
  send(message: M, options?: Pick<MessageOptions, 'transfer'>): Promise<void> {
    return sendTo(controlOf(this), message, options)
  }
}

export function sendTo(control: Control, message: unknown, options: unknown): Promise<void> {
  try {
    return tell(control.address, undefined, [message], options === undefined ? plainMessage : readMessage(options))
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

/** The reference of this thread to an actor, one for each. */
export function refOf(control: Control): Ref {
  let ref = refs.get(control)?.deref()
  if (ref === undefined) {
    ref = control.address.form === 'methods' ? new ActorRef(control, secret) : new MailboxRef(control, secret)
    refs.set(control, new WeakRef(ref))
  }
  return ref
}

/** How a reference travels. */
export const actorKind: TravelKind = {
  what: 'an actor',
  module: 'actors/arrive.js',
  pack: (handle) => controlOf(handle as Ref).pack(),
}

function askProxy<T>(ref: Ref, options: ReadMessage): Asked<T> {
  const { address } = controlOf(ref)
  return methodProxy((method, args) => ask(address, method, args, options))
}

function tellProxy<T>(ref: Ref, options: ReadMessage): Told<T> {
  const { address } = controlOf(ref)
  return methodProxy((method, args) => tell(address, method, args, options))
}

/** Any name is a method: only the actor knows which it has. */
function methodProxy<P>(send: (method: string, args: readonly unknown[]) => unknown): P {
  const methods = new Map<string, Function>()
  return new Proxy(Object.create(null) as P & object, {
    get(_, name) {
      // What `await`, inspection and JSON ask of any object.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      let method = methods.get(name)
      if (method === undefined) {
        method = (...args: unknown[]) => send(name, args)
        methods.set(name, method)
      }
      return method
    },
  })
}
