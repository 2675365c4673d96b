import type { ResourceLimits } from 'node:worker_threads'

import { checkInteger, checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import type { Output } from '../executor/link.ts'
import { isPool } from '../options.ts'
import type { Pool } from '../pool/pool.ts'
import { readWorker } from '../threads/thread-options.ts'
import { crewOf, sharedCrew } from './crew.ts'
import type { Crew } from './crew.ts'
import type { SeatOptions } from './seat.ts'
import { readOnError, readRestart } from './supervision.ts'
import type { OnError, ReadRestart, RestartOptions, Strategy } from './supervision.ts'

/** Options of every actor. */
export interface ActorOptions {
  /**
   * For messages, debuggers and profilers.
   * @default the name of the class
   */
  name?: string | undefined
  /**
   * Messages that it may have at once, waiting or under way.
   * @default Infinity
   */
  mailbox?: number | undefined
  /**
   * What becomes of a message that the mailbox has no room for. 'reject': ERR_OFFLOOP_QUEUE_FULL, at once. 'wait': a tell
   * resolves when there is room for it, and an ask takes that much longer.
   * @default 'reject'
   */
  overflow?: 'reject' | 'wait' | undefined
  /**
   * What is done when it fails: a strategy, or more. `true` is { strategy: 'restart' }.
   * @default 'stop'
   */
  restart?: boolean | Strategy | RestartOptions | undefined
  /**
   * Hears of every failure, and may answer with a strategy for it.
   * @default none
   */
  onError?: OnError | undefined
  /**
   * Where it lives: threads share memory with it; a process can't be sent shared memory, ports and actors.
   * @default 'worker'
   */
  backend?: 'worker' | 'process' | undefined
  /**
   * A worker of its own, or one of a few that all such actors share.
   * @default 'own'
   */
  worker?: 'own' | 'shared' | undefined
  /**
   * A Pool that it belongs to: it shares a worker with others of that pool, as many as the pool's `workers`, and ends
   * with it.
   * @default none
   */
  pool?: Pool | undefined
  /**
   * What `currentTask().context` gives in there, a copy. Of a worker of its own.
   * @default undefined
   */
  context?: unknown
  /**
   * What its worker may use, as for `new Worker`.
   * @default Node's
   */
  resourceLimits?: ResourceLimits | undefined
  /**
   * Environment variables of its worker.
   * @default a copy of those of this process
   */
  env?: NodeJS.ProcessEnv | undefined
  /**
   * Where what it prints goes: to the same place as what this process prints, nowhere, or to a function, as text.
   * @default 'inherit'
   */
  stdout?: Output | undefined
  /**
   * The same for errors.
   * @default 'inherit'
   */
  stderr?: Output | undefined
}

/** ActorOptions after the checks. */
export interface ReadActorOptions {
  readonly name: string
  readonly most: number
  readonly overflow: 'reject' | 'wait'
  readonly restart: ReadRestart
  readonly onError: OnError | undefined
  /** Workers that it shares; undefined where it has one of its own. */
  readonly crew: Crew | undefined
  readonly seat: SeatOptions
}

export function readActorOptions(given: unknown, className: string): ReadActorOptions {
  if (typeof given !== 'object' || given === null) throw typeMisuse('options', 'an object', given)
  const { name, mailbox, overflow, restart, onError, backend, worker, pool, context, ...rest } = given as ActorOptions
  if (name !== undefined && typeof name !== 'string') throw typeMisuse('name', 'a string', name)
  const { resourceLimits, env, stdout, stderr } = readWorker(rest)
  const shares =
    pool !== undefined || (worker !== undefined && checkWord('worker', worker, ['own', 'shared']) === 'shared')
  if (pool !== undefined && !isPool(pool)) throw typeMisuse('pool', 'a Pool', pool)
  if (pool !== undefined && worker === 'own') throw rangeMisuse('worker', "'shared' in a pool", worker)
  if (shares) {
    for (const [key, value] of Object.entries({
      context,
      resourceLimits,
      env,
      stdout: rest.stdout,
      stderr: rest.stderr,
    })) {
      if (value !== undefined) throw typeMisuse(key, 'left out for an actor that shares its worker', value)
    }
  }
  const kind = backend === undefined ? 'worker' : checkWord('backend', backend, ['worker', 'process'])
  return {
    name: name ?? className,
    most: readMailbox(mailbox),
    overflow: overflow === undefined ? 'reject' : checkWord('overflow', overflow, ['reject', 'wait']),
    restart: readRestart(restart),
    onError: readOnError(onError),
    crew: pool !== undefined ? crewOf(pool, kind) : shares ? sharedCrew(kind) : undefined,
    seat: {
      kind,
      context,
      resourceLimits,
      env,
      stdout,
      stderr,
    },
  }
}

function readMailbox(value: unknown): number {
  if (value === undefined || value === Infinity) return Infinity
  return checkInteger('mailbox', value, 1, 2 ** 31 - 1)
}
