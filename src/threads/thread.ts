import { current } from './current.ts'
import type { Current } from './current.ts'
import { Runnable } from './runnable.ts'
import type { ThreadOptions } from './thread-options.ts'

let made = 0

/**
 * A function in a thread of its own, as Python's threading.Thread. It ends when the function's promise settles, whatever
 * timers and handles it leaves. A thread that is no daemon keeps the process alive until then.
 *
 * @param fn An inline function that closes over nothing, or a member of `importTasks`.
 * @example
 * const thread = new Thread((n) => n ** 2, { args: [12] }).start()
 * console.log(await thread.join()) // 144
 */
export class Thread<A extends readonly unknown[] = readonly unknown[], R = unknown> extends Runnable<R> {
  constructor(fn: (...args: A) => R, options: ThreadOptions<A> = {}) {
    super('worker', fn, options, () => `thread ${++made}`)
  }

  /** The thread that this code runs in. */
  static get current(): Current {
    return current('thread')
  }

  /** Undefined before it is started. */
  get threadId(): number | undefined {
    return this.linkId
  }
}
