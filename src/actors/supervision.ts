import { checkAtLeast, checkFunction, checkInteger, checkWord } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import type { Phase } from './messages.ts'

/** What is done about a failure: see {@link RestartOptions}. */
export type Strategy = 'restart' | 'resume' | 'stop' | 'escalate'
const strategies = ['restart', 'resume', 'stop', 'escalate'] as const

/** What is done when an actor fails: its worker died, its constructor, a told message or `run` threw. */
export interface RestartOptions {
  /**
   * 'restart' makes it again; messages that wait go to the new one. 'resume' goes on as if nothing had been, which is
   * 'restart' where the worker died. 'stop' ends it. 'escalate' ends it, and fails the actor that spawned it; where none
   * did, the error is an unhandled rejection.
   * @default 'restart'
   */
  strategy?: Strategy | undefined
  /**
   * Restarts within `withinMs`; the next failure ends it.
   * @default 5
   */
  limit?: number | undefined
  /**
   * @default 10_000
   */
  withinMs?: number | undefined
  /**
   * Milliseconds before a restart: of the first within `withinMs`, twice as many with each further one, 30 s at most; or
   * a function of how many there were.
   * @default 0
   */
  backoff?: number | ((restarts: number) => number) | undefined
}

/** How an actor failed, as `onError` hears of it. */
export interface Failure {
  /** What it was doing: being made, a told message, `run`; 'worker' where its worker died. */
  readonly phase: Phase | 'worker'
  /** The told method. */
  readonly method: string | undefined
  /** How often it was restarted before. */
  readonly restarts: number
}

/** What an actor's failure is answered with; undefined leaves it to the strategy. */
export type OnError = (error: unknown, failure: Failure) => Strategy | undefined | void

/** RestartOptions after the checks. */
export interface ReadRestart {
  readonly strategy: Strategy
  readonly limit: number
  readonly withinMs: number
  readonly backoff: (restarts: number) => number
}

/** Without the option an actor that fails is over. */
export function readRestart(value: unknown): ReadRestart {
  if (value === undefined || value === false) return readRestart({ strategy: 'stop' })
  if (value === true) return readRestart({})
  if (typeof value === 'string') return readRestart({ strategy: checkWord('restart', value, strategies) })
  if (typeof value !== 'object' || value === null) {
    throw typeMisuse('restart', 'an object, a strategy or a boolean', value)
  }
  const { strategy, limit, withinMs, backoff } = value as RestartOptions
  return {
    strategy: strategy === undefined ? 'restart' : checkWord('restart.strategy', strategy, strategies),
    limit:
      limit === undefined
        ? 5
        : limit === Infinity
          ? limit
          : checkInteger('restart.limit', limit, 0, Number.MAX_SAFE_INTEGER),
    withinMs: withinMs === undefined ? 10_000 : checkAtLeast('restart.withinMs', withinMs, 0),
    backoff: readBackoff(backoff),
  }
}

function readBackoff(value: RestartOptions['backoff']): (restarts: number) => number {
  if (typeof value === 'function') return value
  const first = value === undefined ? 0 : checkAtLeast('restart.backoff', value, 0)
  return (restarts) => Math.min(30_000, first * 2 ** (restarts - 1))
}

export function readOnError(value: unknown): OnError | undefined {
  return value === undefined ? undefined : (checkFunction('onError', value) as OnError)
}

/** Counts restarts; whether there may be one more. */
export class Restarts {
  readonly #options: ReadRestart
  #times: number[] = []

  constructor(options: ReadRestart) {
    this.#options = options
  }

  get count(): number {
    return this.#times.length
  }

  /** Milliseconds to wait for it; undefined where there may be none. */
  next(): number | undefined {
    const now = performance.now()
    const { withinMs, limit, backoff } = this.#options
    this.#times = this.#times.filter((time) => now - time < withinMs)
    if (this.#times.length >= limit) return undefined
    this.#times.push(now)
    return Math.max(0, backoff(this.#times.length))
  }
}
