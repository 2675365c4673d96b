// Objects over shared memory, which mean the same thing in several threads: a lock, a queue. What travels is a handle,
// data that structured clone takes; the other side makes an object of the same class again.
import * as path from 'node:path'

/** What is sent in place of an object: its class by name, and the shared memory behind it. */
export interface Handle {
  readonly '@offloop': string
  readonly [part: string]: unknown
}

/** The base of all classes whose objects can be opened in another thread. */
export abstract class Shareable {
  /** Plain data with the shared memory: post it to a raw Worker or MessagePort, and open it there with `from`. */
  abstract readonly handle: Handle
}

type Open = (handle: Handle) => Shareable

const openers = new Map<string, Open>()

/** Where each class lives, so that a thread loads only what it is sent. */
const homes = new Map([
  ['Barrier', 'sync/barrier.js'],
  ['BoundedSemaphore', 'sync/semaphore.js'],
  ['Channel', 'channels/channel.js'],
  ['Communicator', 'spmd/communicator.js'],
  ['Condition', 'sync/condition.js'],
  ['Latch', 'sync/latch.js'],
  ['LifoQueue', 'channels/lifo-queue.js'],
  ['Lock', 'sync/lock.js'],
  ['Once', 'sync/once.js'],
  ['PipeEnd', 'channels/pipe.js'],
  ['PriorityQueue', 'channels/priority-queue.js'],
  ['Queue', 'channels/queue.js'],
  ['RLock', 'sync/rlock.js'],
  ['RWLock', 'sync/rwlock.js'],
  ['Semaphore', 'sync/semaphore.js'],
  ['SharedArray', 'sync/shared-array.js'],
  ['SharedEvent', 'sync/event.js'],
  ['SharedMap', 'sync/shared-map.js'],
  ['SharedStruct', 'sync/shared-struct.js'],
  ['Value', 'sync/value.js'],
])

/** Says once, where a class is defined, how its handles are opened. */
export function defineShareable(name: string, open: Open): void {
  openers.set(name, open)
}

/** The object that a handle stands for. */
export function openHandle(handle: Handle): Shareable {
  const name = handle['@offloop']
  if (!openers.has(name)) {
    const home = homes.get(name)
    if (home === undefined) throw new TypeError(`Expected a handle of offloop, got one of \`${name}\``)
    require(path.join(__dirname, home))
  }
  return (openers.get(name) as Open)(handle)
}
