import { checkAtLeast, checkBoolean, checkFlag, checkFunction, checkInteger, checkWord } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'
import { priorities } from '../options.ts'
import type { Priority } from '../options.ts'
import { readLimits, readObject } from './flow-options.ts'

/** What the function of a schedule is told. */
export interface ScheduledRun {
  /** From 0. */
  readonly index: number
  /** When it was due; the time now minus this is how late it is. */
  readonly scheduled: Date
  /** Aborted when the schedule is cancelled. */
  readonly signal: AbortSignal
  /** That of the schedule. */
  readonly name: string | undefined
}

/** When a schedule runs: one of `at`, `every` and `cron`; and how. */
export interface ScheduleOptions {
  /** Once, at this time: a Date, milliseconds since 1970, or text that Date reads. At once where it has gone by. */
  at?: Date | number | string | undefined
  /**
   * Again and again, so many milliseconds apart, by a clock that nobody sets: the n-th run is due n times as much after
   * the call, however late those before were.
   */
  every?: number | undefined
  /**
   * At the times that a cron expression stands for: five fields, or six with seconds in front, seven with years at the end;
   * nicknames (`@daily`), names of days and months, `L`, `W` and `#`, as the library croner reads them.
   */
  cron?: string | undefined
  /**
   * The IANA time zone of `cron`, such as 'Europe/Berlin'.
   * @default the system's
   */
  timeZone?: string | undefined
  /**
   * Ends the schedule: nothing more runs, the signal of what runs is aborted, and `done` rejects with `signal.reason`,
   * which counts as handled.
   * @default none
   */
  signal?: AbortSignal | undefined
  /**
   * Which schedule goes first when several are due in the same turn of the event loop.
   * @default 'normal'
   */
  priority?: Priority | undefined
  /**
   * For your own use: each run is told.
   * @default none
   */
  name?: string | undefined
  /**
   * What to do when a run is due and one before has not settled: leave it out, let it wait for its turn, or run both.
   * @default 'skip'
   */
  overlap?: 'skip' | 'queue' | 'run' | undefined
  /**
   * How many runs there are at most.
   * @default no limit
   */
  times?: number | undefined
  /**
   * Whether the first run is at once, and not when it is first due. With `every`, that one counts from 0.
   * @default false
   */
  immediate?: boolean | undefined
  /**
   * What becomes of several times that were missed, as the event loop or the machine stood still: one run for all of them,
   * or one for each, one after another.
   * @default false
   */
  catchUp?: boolean | undefined
  /**
   * Called with what a run throws or rejects with; the schedule goes on.
   * @default the schedule ends, and `done` rejects with it
   */
  onError?: ((error: unknown, run: ScheduledRun) => void) | undefined
  /**
   * Whether it keeps the process alive while it waits for the next run.
   * @default true
   */
  ref?: boolean | undefined
}

/** When to run, after the checks. */
export type When =
  | { readonly kind: 'at'; readonly at: number }
  | { readonly kind: 'every'; readonly every: number }
  | { readonly kind: 'cron'; readonly cron: string; readonly timeZone: string | undefined }

export interface ReadSchedule {
  readonly when: When
  readonly signal: AbortSignal | undefined
  readonly priority: number
  readonly name: string | undefined
  readonly overlap: 'skip' | 'queue' | 'run'
  readonly times: number
  readonly immediate: boolean
  readonly catchUp: boolean
  readonly onError: ((error: unknown, run: ScheduledRun) => void) | undefined
  readonly ref: boolean
}

export function readSchedule(value: unknown): ReadSchedule {
  const options = readObject<ScheduleOptions>(value)
  const { signal, priority = 'normal', name, overlap = 'skip', times, immediate, catchUp, onError, ref } = options
  const when = readWhen(options)
  if (name !== undefined && typeof name !== 'string') throw typeMisuse('name', 'a string', name)
  if (when.kind === 'at' && immediate === true) throw typeMisuse('immediate', 'false with `at`', immediate)
  return {
    when,
    signal: readLimits({ signal }).signal,
    priority: priorities.indexOf(checkWord('priority', priority, priorities)),
    name,
    overlap: checkWord('overlap', overlap, ['skip', 'queue', 'run']),
    times: when.kind === 'at' ? 1 : readTimes(times),
    immediate: checkFlag('immediate', immediate),
    catchUp: checkFlag('catchUp', catchUp),
    onError: onError === undefined ? undefined : (checkFunction('onError', onError) as ReadSchedule['onError']),
    ref: ref === undefined || checkBoolean('ref', ref),
  }
}

function readTimes(times: unknown): number {
  return times === undefined || times === Infinity ? Infinity : checkInteger('times', times, 1, Number.MAX_SAFE_INTEGER)
}

function readWhen({ at, every, cron, timeZone }: ScheduleOptions): When {
  const given = [at, every, cron].filter((one) => one !== undefined)
  if (given.length !== 1)
    throw new TypeError(`Expected one of \`at\`, \`every\` and \`cron\`, got ${given.length} of them`)
  if (timeZone !== undefined) {
    if (typeof timeZone !== 'string') throw typeMisuse('timeZone', 'the name of a time zone', timeZone)
    if (cron === undefined) throw typeMisuse('timeZone', 'left out without `cron`', timeZone)
  }
  if (at !== undefined) return { kind: 'at', at: readTime(at) }
  if (every !== undefined) {
    checkAtLeast('every', every, 1)
    if (every === Infinity) throw rangeMisuse('every', 'a finite number', every)
    return { kind: 'every', every }
  }
  if (typeof cron !== 'string') throw typeMisuse('cron', 'a cron expression', cron)
  return { kind: 'cron', cron, timeZone }
}

function readTime(at: unknown): number {
  const what = 'a Date, milliseconds since 1970, or text that Date reads'
  if (!(at instanceof Date) && typeof at !== 'number' && typeof at !== 'string') throw typeMisuse('at', what, at)
  const time = new Date(at).getTime()
  if (Number.isNaN(time)) throw rangeMisuse('at', what, at)
  return time
}
