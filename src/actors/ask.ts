import type { TransferListItem } from 'node:worker_threads'

import { onAbort } from '../abort.ts'
import { typeMisuse, timeoutError } from '../errors.ts'
import { isPrimitive, packArgs } from '../executor/parcel.ts'
import { failedTask } from '../pool/task.ts'
import type { Task } from '../pool/task.ts'
import { readTransfer } from '../threads/thread-options.ts'
import { readDelay, readSignal } from '../threads/wait.ts'
import type { Address } from './address.ts'
import { Call } from './call.ts'
import { wants } from './messages.ts'

/** Options of one message, see `actor.with`. */
export interface MessageOptions {
  /**
   * Milliseconds until an ask rejects with a TimeoutError. A method that runs is asked to stop by
   * `currentTask().signal`; one that waits is dropped.
   * @default none
   */
  timeout?: number | undefined
  /**
   * Aborts an ask in the same way; `signal.reason` is the rejection.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * ArrayBuffers, MessagePorts and the like among the arguments that move to the actor and are gone here.
   * @default everything is copied, but for shared memory
   */
  transfer?: readonly TransferListItem[] | undefined
}

/** MessageOptions after the checks. */
export interface ReadMessage {
  readonly timeout: number | undefined
  readonly signal: AbortSignal | undefined
  readonly transfer: readonly TransferListItem[] | undefined
}

export const plainMessage: ReadMessage = { timeout: undefined, signal: undefined, transfer: undefined }

export function readMessage(options: unknown): ReadMessage {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object', options)
  const { timeout, signal, transfer } = options as MessageOptions
  return {
    timeout: readDelay('timeout', timeout),
    signal: readSignal(signal),
    transfer: readTransfer(transfer),
  }
}

/** Sends a message whose sender waits for what comes of it. */
export function ask(address: Address, method: string, args: readonly unknown[], options: ReadMessage): Task<unknown> {
  const { signal } = options
  try {
    if (signal?.aborted) return failedTask(signal.reason, address.backend, 'cancelled')
    const call = makeCall(address, method, args, wants.result, options)
    follow(call, options)
    address.submit(call)
    return call.task
  } catch (error) {
    return failedTask(error, address.backend)
  }
}

/** Sends one whose sender waits at most until the mailbox has room for it. */
export function tell(
  address: Address,
  method: string | undefined,
  args: readonly unknown[],
  options: ReadMessage,
): Promise<void> {
  try {
    // Others than who made it can't tell, by the order of their messages, whether it was there before a close.
    const waits = address.remote || (address.overflow === 'wait' && address.most !== Infinity)
    const call = makeCall(address, method, args, waits ? wants.taken : wants.nothing, options)
    address.submit(call)
    if (waits || call.status === 'failed') return call.task as Promise<unknown> as Promise<void>
    // It is on its way: what becomes of it is the supervisor's affair.
    call.task.catch(ignore)
    return Promise.resolve()
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

function makeCall(
  address: Address,
  method: string | undefined,
  args: readonly unknown[],
  wanted: number,
  options: ReadMessage,
): Call {
  const light = options.transfer === undefined && args.every(isPrimitive)
  const parcel = light ? { value: args, packed: false } : packArgs(args, 'args', address.backend, undefined)
  const moved = [...(options.transfer ?? []), ...(parcel.transfer ?? [])]
  const transfer = moved.length > 0 ? moved : undefined
  return new Call(address, { method, parcel, light, wants: wanted, transfer })
}

function follow(call: Call, { timeout, signal }: ReadMessage): void {
  if (timeout === undefined && signal === undefined) return
  const stop = (reason: unknown): void => call.address.cancel(call, reason)
  const timer = timeout === undefined ? undefined : setTimeout(() => stop(timeoutError(timeout)), timeout)
  const letGo = signal && onAbort(signal, () => stop(signal.reason))
  call.onEnd = () => {
    clearTimeout(timer)
    letGo?.()
  }
}

function ignore(): void {}
