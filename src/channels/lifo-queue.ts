import { defineShareable } from '../shareable.ts'
import { opened, openShared } from '../sync/shared-words.ts'
import type { WaitOptions } from '../sync/waits.ts'
import { MessageQueue, newQueue } from './message-queue.ts'
import type { QueueOptions } from './message-queue.ts'
import { Lifo } from './order.ts'
import { newStored, StoredMessages, storeList } from './stored-messages.ts'

/**
 * A stack between threads: as a Queue, and `get` takes what was put last.
 * @example
 * const stack = new LifoQueue()
 * await stack.put('below')
 * await stack.put('above')
 * await stack.get() // 'above'
 */
export class LifoQueue<T = unknown> extends MessageQueue<T, WaitOptions> {
  /** @throws TypeError or RangeError for other options. ERR_OFFLOOP_MEMORY where there is no address space. */
  constructor(options: QueueOptions = {}) {
    super(opened() ?? newQueue(options, newStored), storeList, (words, agents, list) => {
      return new StoredMessages(words, agents, list, (store, at) => new Lifo(store, at))
    })
  }

  /** The queue that a handle stands for. */
  static from<T = unknown>(handle: unknown): LifoQueue<T> {
    return openShared(handle, 'LifoQueue', () => new LifoQueue<T>())
  }

  protected override priorityOf(): number {
    return 0
  }
}

defineShareable('LifoQueue', (handle) => LifoQueue.from(handle))
