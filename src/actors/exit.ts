import { abortError, codedError } from '../errors.ts'
import { packFault, unpackFault } from '../executor/fault.ts'
import { checkValue } from '../executor/parcel.ts'
import type { PackedExit } from './messages.ts'

/** How an actor ended. */
export interface ActorExit {
  /**
   * 'closed': by `close()`, or its `run` returned. 'terminated': by `terminate()`. 'failed': by an error that nobody
   * asked for, see supervision. 'died': its worker ended under it.
   */
  readonly reason: 'closed' | 'terminated' | 'failed' | 'died'
  /** Of those that failed or died. */
  readonly error?: unknown
  /** What `run` gave. */
  readonly result?: unknown
}

export function packExit({ reason, error, result }: ActorExit): PackedExit {
  const base = { reason, error: error === undefined ? undefined : packFault(error) }
  try {
    checkValue(result, 'result', 'process')
    structuredClone(result)
    return { ...base, result }
  } catch {
    // What can't be copied here stays with who made the actor.
    return { ...base, result: undefined }
  }
}

export function unpackExit({ reason, error, result }: PackedExit): ActorExit {
  return {
    reason,
    ...(error === undefined ? {} : { error: unpackFault(error) }),
    ...(result === undefined ? {} : { result }),
  }
}

/** What a message rejects with that comes after the end of an actor, or did not begin before. */
export function errorAfter(name: string, { reason, error }: ActorExit): unknown {
  if (reason === 'terminated') return abortError()
  const why = reason === 'closed' ? '' : ` ${reason === 'failed' ? 'has failed' : 'has died'} and`
  return codedError('ERR_OFFLOOP_CLOSED', [`The actor '${name}'${why}`], error === undefined ? {} : { cause: error })
}
