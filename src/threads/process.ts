import { current } from './current.ts'
import type { Current } from './current.ts'
import { Runnable } from './runnable.ts'
import type { ProcessOptions } from './thread-options.ts'

let made = 0

/**
 * A function in a process of its own, as Python's multiprocessing.Process: what it breaks is its own. Shared memory,
 * handles and ports can't reach it. A process that is no daemon keeps this one alive; it ends with this one in any case.
 *
 * @param fn An inline function that closes over nothing, or a member of `importTasks`.
 * @example
 * const child = new Process(() => process.pid).start()
 * console.log(child.pid === (await child.join())) // true
 */
export class Process<A extends readonly unknown[] = readonly unknown[], R = unknown> extends Runnable<R> {
  constructor(fn: (...args: A) => R, options: ProcessOptions<A> = {}) {
    super('process', fn, options, () => `process ${++made}`)
  }

  /** The process that this code runs in. */
  static get current(): Current {
    return current('process')
  }

  /** Undefined before it is started. */
  get pid(): number | undefined {
    return this.linkId
  }
}
