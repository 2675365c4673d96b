import type { TransferListItem } from 'node:worker_threads'

import { checkFlag, isList } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import { readTransfer } from '../threads/thread-options.ts'
import { readActorOptions } from './actor-options.ts'
import type { ActorOptions } from './actor-options.ts'
import { currentHere } from './here.ts'
import { refOf } from './ref.ts'
import type { ActorRef } from './ref.ts'
import { shipClass } from './ship-class.ts'
import { Supervisor } from './supervisor.ts'

/** Options of {@link spawn}. */
export interface SpawnOptions extends ActorOptions {
  /**
   * Whether a restarted actor gets the state that the one before had after its last message: what its `snapshot()` gave,
   * or a copy of its own fields. With `snapshot()` and a static `restore(state)` in the class that is on by itself.
   * @default whether the class has both
   */
  keepState?: boolean | undefined
  /**
   * ArrayBuffers, MessagePorts and the like among the arguments that move to the actor and are gone here. Not with a
   * restart, which needs them again.
   * @default everything is copied, but for shared memory
   */
  transfer?: readonly TransferListItem[] | undefined
}

type AnyClass = abstract new (...args: never[]) => object

/**
 * Makes an actor: an object that lives in a worker, whose methods are called by messages, one at a time.
 *
 * @param Class A class that closes over nothing, or a member of `importTasks`.
 * @param args Of its constructor.
 * @example
 * const counter = spawn(Counter, [10])
 * await counter.ask.add(1) // 11
 * await counter.close()
 */
export function spawn<T extends object>(
  Class: abstract new () => T,
  args?: readonly [],
  options?: SpawnOptions,
): ActorRef<T>
export function spawn<A extends readonly unknown[], T extends object>(
  Class: abstract new (...args: A) => T,
  args: A,
  options?: SpawnOptions,
): ActorRef<T>
export function spawn(Class: AnyClass, args: readonly unknown[] = [], options: SpawnOptions = {}): ActorRef {
  const shipped = shipClass(Class, undefined)
  if (!isList(args)) throw typeMisuse('args', 'an array of arguments', args)
  const read = readActorOptions(options, Class.name)
  const keepState = checkFlag('keepState', options.keepState)
  const transfer = readTransfer(options.transfer)
  const restarts = read.restart.strategy !== 'stop' || read.onError !== undefined
  if (transfer !== undefined && restarts) throw typeMisuse('transfer', 'left out for an actor that restarts', transfer)
  const supervisor = new Supervisor({
    ...read,
    form: 'methods',
    shipped,
    args: args.slice(),
    transfer,
    keep: keepState ? 'fields' : hasBoth(Class) && restarts ? 'snapshot' : 'nothing',
    parent: currentHere(),
  })
  return refOf(supervisor) as ActorRef
}

/** Of a class that only workers load nothing is known here. */
function hasBoth(Class: AnyClass): boolean {
  const { prototype } = Class as { prototype?: { snapshot?: unknown } }
  return typeof prototype?.snapshot === 'function' && typeof (Class as { restore?: unknown }).restore === 'function'
}
