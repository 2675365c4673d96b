// Messages to an actor in a process, which only the thread that made it can reach, from other threads.
import { packFault, unpackFault } from '../executor/fault.ts'
import type { Fault } from '../executor/fault.ts'
import { packArgs, packValue, unpackValue } from '../executor/parcel.ts'
import { Call } from './call.ts'
import type { Line } from './line.ts'
import { verdict } from './messages.ts'
import type { Entry } from './messages.ts'
import { owned } from './office.ts'

const relayed = new WeakMap<Line, Map<number, Call>>()

/** Whether the actor was made here. */
export function relay(line: Line, entry: Extract<Entry, readonly ['call', ...unknown[]]>): boolean {
  const [, actor, number, method, args, packed, wants] = entry
  const control = owned.get(actor)
  if (control?.address.backend !== 'process') return false
  let calls = relayed.get(line)
  if (calls === undefined) {
    calls = new Map()
    relayed.set(line, calls)
  }
  const over = calls
  const reply = (kind: number, value: unknown, transfer?: Parameters<Line['postNow']>[1]): void => {
    over.delete(number)
    line.postNow(['reply', number, kind, value], transfer)
  }
  try {
    const parcel = packArgs((packed ? unpackValue(args) : args) as unknown[], 'args', 'process', undefined)
    const call = new Call(control.address, { method, parcel, light: false, wants, transfer: undefined })
    calls.set(number, call)
    control.address.submit(call)
    call.task.then(
      (value) => {
        const result = packValue(value, 'result', 'worker')
        reply(result.packed ? verdict.packed : verdict.value, result.value, result.transfer)
      },
      (error: unknown) => reply(verdict.fault, packFault(error)),
    )
  } catch (error) {
    reply(verdict.fault, packFault(error))
  }
  return true
}

export function relayCancel(line: Line, number: number, reason: Fault | undefined): boolean {
  const call = relayed.get(line)?.get(number)
  call?.task.cancel(reason === undefined ? undefined : unpackFault(reason))
  return call !== undefined
}
