import { isMainThread, threadId } from 'node:worker_threads'

import { codedError } from '../errors.ts'
import { identity } from '../executor/identity.ts'

/** The thread, or the process, that this code runs in. */
export interface Current {
  /** Its name; 'main' of what is neither a Thread nor a Process nor a worker. */
  readonly name: string
  /** Whether it keeps nothing alive. */
  readonly daemon: boolean
  /** Of a thread its threadId, of a process its pid. */
  readonly id: number
  /** True, or nobody could ask. */
  readonly isAlive: true
  /** Rejects: nobody can wait for the end of what he runs in. */
  join(): Promise<never>
}

export function current(kind: 'thread' | 'process'): Current {
  const own = identity()
  const id = kind === 'thread' ? threadId : process.pid
  const name = own?.name ?? (isMainThread || kind === 'process' ? 'main' : `worker ${id}`)
  return {
    name,
    daemon: own?.daemon ?? false,
    id,
    isAlive: true,
    async join() {
      throw codedError('ERR_OFFLOOP_STATE', [`The ${kind} '${name}'`, 'be joined', 'it would wait for its own end'])
    },
  }
}
