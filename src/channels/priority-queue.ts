import { rangeMisuse, typeMisuse } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { opened, openShared } from '../sync/shared-words.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { MessageQueue, newQueue } from './message-queue.ts'
import type { QueueOptions } from './message-queue.ts'
import { ByPriority } from './order.ts'
import { newStored, StoredMessages, storeList } from './stored-messages.ts'

/** Options of {@link PriorityQueue.put}. */
export interface PriorityPutOptions extends WaitOptions {
  /**
   * Any number but NaN: the smallest comes first.
   * @default 0
   */
  readonly priority?: number
}

/**
 * A queue between threads whose items have priorities: `get` takes the one with the smallest, and of equal ones the
 * oldest.
 * @example
 * const queue = new PriorityQueue()
 * await queue.put('later', { priority: 10 })
 * await queue.put('now', { priority: 1 })
 * await queue.get() // 'now'
 */
export class PriorityQueue<T = unknown> extends MessageQueue<T, PriorityPutOptions> {
  /** @throws TypeError or RangeError for other options. ERR_OFFLOOP_MEMORY where there is no address space. */
  constructor(options: QueueOptions = {}) {
    super(opened() ?? newQueue(options, newStored), storeList, (words, agents, list) => {
      return new StoredMessages(words, agents, list, (store, at) => new ByPriority(store, at))
    })
  }

  /** The queue that a handle stands for. */
  static from<T = unknown>(handle: unknown): PriorityQueue<T> {
    return openShared(handle, 'PriorityQueue', () => new PriorityQueue<T>())
  }

  protected override priorityOf(options: PriorityPutOptions | undefined): number {
    const priority = options?.priority ?? 0
    if (typeof priority !== 'number') throw typeMisuse('priority', 'a number', priority)
    if (Number.isNaN(priority)) throw rangeMisuse('priority', 'a number', priority)
    return priority
  }
}

defineShareable('PriorityQueue', (handle) => PriorityQueue.from(handle))
