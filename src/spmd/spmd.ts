import { checkAtLeast, checkInteger, isList } from '../check.ts'
import { typeMisuse } from '../errors.ts'
import type { Executor } from '../executor/executor.ts'
import { packArgs } from '../executor/parcel.ts'
import { ship } from '../executor/ship.ts'
import type { Cargo } from '../executor/ship.ts'
import type { TaskOptions } from '../options.ts'
import { callFunction } from '../pool/call-function.ts'
import { readFunctionOptions } from '../pool/function-options.ts'
import { failedTask } from '../pool/task.ts'
import type { Task } from '../pool/task.ts'
import { Whole } from '../pool/whole.ts'
import type { Communicator } from './communicator.ts'
import { defaultGraceMs, giveCrew, takeCrew } from './crew.ts'
import { makeSeeds } from './seed.ts'
import { state, World } from './world.ts'

/** Each pair of ranks has a channel, which is what limits their number. */
const mostRanks = 128
const longestTimer = 2 ** 31 - 1

/** Options of {@link spmd.run}. */
export interface SpmdOptions extends Pick<TaskOptions, 'signal' | 'timeout' | 'onProgress'> {
  /**
   * Milliseconds that a rank may take to end when the call is over before it, until its worker is terminated.
   * @default 100
   */
  graceMs?: number | undefined
}

/** What a rank runs. */
export type RankFunction<A extends readonly unknown[], R> = (comm: Communicator, ...args: A) => R

/** The type of {@link spmd}. */
export interface Spmd {
  /**
   * Runs one function `n` times at once, each in a worker of its own, as ranks that send one another messages and make
   * collective calls through `comm`.
   *
   * The function is shipped as by a Pool: an inline one that closes over nothing, or a member of `importTasks`. The
   * first rank that throws cancels the others and is the rejection; `cancel`, and the `signal` and `timeout` of
   * `spmd.run`, stop all. Workers stay for a second, for the next call of as many ranks, and keep nothing alive.
   *
   * @param n Ranks, 1 to 128. More than there are CPUs take turns.
   * @param fn Gets its rank's communicator, and a copy of each argument.
   * @returns What each rank's function gives, by rank.
   * @throws ERR_OFFLOOP_COLLECTIVE where ranks don't meet, ERR_OFFLOOP_WORKER_DIED, ERR_OFFLOOP_WORKER_START.
   * @example
   * const [total] = await spmd(4, (comm) => comm.allreduce(comm.rank, 'sum')) // 6
   */
  <A extends readonly unknown[], R>(n: number, fn: RankFunction<A, R>, ...args: A): Task<Awaited<R>[]>
  /**
   * The same with options, as `pool.run` is to `pool.submit`.
   * @example await spmd.run(4, simulate, [1e6], { timeout: 5000, signal })
   */
  run<A extends readonly unknown[], R>(
    n: number,
    fn: RankFunction<A, R>,
    args: A,
    options?: SpmdOptions,
  ): Task<Awaited<R>[]>
}

function run(n: number, fn: Function, args: readonly unknown[] = [], options: SpmdOptions = {}): Task<unknown[]> {
  try {
    const size = checkInteger('n', n, 1, mostRanks)
    if (!isList(args)) throw typeMisuse('args', 'an array of arguments', args)
    const read = readFunctionOptions(options)
    const grace = options.graceMs === undefined ? defaultGraceMs : checkAtLeast('graceMs', options.graceMs, 0)
    const cargo = ship(fn)
    packArgs(args, 'args', 'worker', undefined)
    if (read.signal?.aborted) return failedTask(read.signal.reason, 'worker', 'cancelled')
    return launch(takeCrew(size, grace > longestTimer ? Infinity : grace), cargo, args, read)
  } catch (error) {
    return failedTask(error, 'worker')
  }
}

function launch(
  crew: Executor,
  cargo: Cargo,
  args: readonly unknown[],
  options: ReturnType<typeof readFunctionOptions>,
): Task<unknown[]> {
  const { size } = crew.options
  const world = World.create(size)
  const parts: Task<unknown>[] = []
  const results: unknown[] = []
  let returned = 0
  const books = { began: () => {}, ended: () => {} }
  const progress = () => parts.reduce((sum, part) => sum + part.progress, 0) / size
  const whole = new Whole<unknown[]>('worker', options, books, progress, size)
  whole.onStop = () => {
    crew.shut()
    // After they were asked to stop, so that those who wake know why.
    queueMicrotask(() => world.end(state.stopped))
  }
  whole.attempt(() => {
    const seeds = makeSeeds(world)
    crew.everyone().forEach((member, rank) => {
      const seed = seeds[rank]
      const call = { cargo, verb: 'call', args: [seed, ...args], names: 'args', member } as const
      const part = callFunction(crew, call, { ...readFunctionOptions({}), transfer: seed.transfer }, undefined)
      parts.push(part)
      whole.add(part, (value) => {
        results[rank] = value
        returned++
        world.markReturned(rank)
        if (returned < size) return
        world.end(state.over)
        giveCrew(crew)
        whole.finish(results)
      })
    })
  })
  return whole.task
}

/**
 * One function, run many times at once, as ranks that talk to one another.
 * @function
 */
export const spmd: Spmd = Object.assign((n: number, fn: Function, ...args: readonly unknown[]) => run(n, fn, args), {
  run,
}) as Spmd
