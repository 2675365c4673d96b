import { defineShareable } from '../shareable.ts'
import { opened, openShared } from '../sync/shared-words.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { MessageQueue, newQueue } from './message-queue.ts'
import type { QueueOptions } from './message-queue.ts'
import { newRing, Ring, ringList } from './ring.ts'

/**
 * A queue between threads: first in, first out, with any number of threads at both ends. Items are copied into shared
 * memory: no event loop takes part where nobody has to wait.
 * @example
 * const queue = new Queue({ capacity: 100 })
 * await queue.put({ id: 1 })
 * const item = await queue.get()
 */
export class Queue<T = unknown> extends MessageQueue<T, WaitOptions> {
  /** @throws TypeError or RangeError for other options. ERR_OFFLOOP_MEMORY where there is no address space. */
  constructor(options: QueueOptions = {}) {
    super(opened() ?? newQueue(options, newRing), ringList, (words, agents, list) => new Ring(words, agents, list))
  }

  /** The queue that a handle stands for. */
  static from<T = unknown>(handle: unknown): Queue<T> {
    return openShared(handle, 'Queue', () => new Queue<T>())
  }

  protected override priorityOf(): number {
    return 0
  }
}

defineShareable('Queue', (handle) => Queue.from(handle))
