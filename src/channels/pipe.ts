import { typeMisuse } from '../errors.ts'
import { defineShareable, Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { checkMayBlock } from '../sync/waits.ts'
import type { WaitOptions } from '../sync/waits.ts'
import type { QueueOptions } from './message-queue.ts'
import { Queue } from './queue.ts'

/**
 * Two ends that talk to each other: what one sends the other receives, in its order. Each end belongs where you hand it.
 * @example
 * const [here, there] = Pipe()
 * const task = pool.submit((end) => end.sendSync(end.recvSync() * 2), there)
 * await here.send(21)
 * await here.recv() // 42
 * @throws TypeError or RangeError for other options, which are those of a Queue and hold for each way.
 */
export function Pipe<AtoB = unknown, BtoA = AtoB>(
  options: QueueOptions = {},
): [a: PipeEnd<AtoB, BtoA>, b: PipeEnd<BtoA, AtoB>] {
  const there = new Queue<AtoB>(options)
  const back = new Queue<BtoA>(options)
  return [new PipeEnd(there, back), new PipeEnd(back, there)]
}

/** One end of a {@link Pipe}: sends `S`, receives `R`. */
export class PipeEnd<S = unknown, R = S> extends Shareable {
  readonly #out: Queue<S>
  readonly #in: Queue<R>

  /** Use {@link Pipe}, which makes both ends. */
  constructor(out: Queue<S>, back: Queue<R>) {
    super()
    this.#out = out
    this.#in = back
  }

  /** The end that a handle stands for. */
  static from<S = unknown, R = S>(handle: unknown): PipeEnd<S, R> {
    if (typeof handle !== 'object' || handle === null || (handle as Partial<Handle>)['@offloop'] !== 'PipeEnd') {
      throw typeMisuse('handle', 'the `handle` of a PipeEnd', handle)
    }
    const { out, back } = handle as Handle
    return new PipeEnd(Queue.from<S>(out), Queue.from<R>(back))
  }

  get handle(): Handle {
    return { '@offloop': 'PipeEnd', out: this.#out.handle, back: this.#in.handle }
  }

  /** Whether one of the ends was closed. */
  get closed(): boolean {
    return this.#out.closed
  }

  /**
   * Sends a copy of `value`, and waits while the pipe has no room. Rejects with TimeoutError or the signal's reason.
   * @throws ERR_OFFLOOP_CLOSED when an end was closed. TypeError and RangeError for what can't be sent, as a queue's.
   */
  send(value: S, options?: WaitOptions): Promise<void> {
    return this.#out.put(value, options)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  sendSync(value: S, options?: WaitOptions): void {
    checkMayBlock('sendSync')
    this.#out.putSync(value, options)
  }

  /**
   * What the other end has sent; waits for it. Rejects with TimeoutError or the signal's reason.
   * @throws ERR_OFFLOOP_CLOSED when an end was closed and all is received.
   */
  recv(options?: WaitOptions): Promise<R> {
    return this.#in.get(options)
  }

  /** The same, blocking. @throws ERR_OFFLOOP_MAIN_THREAD there. */
  recvSync(options?: WaitOptions): R {
    checkMayBlock('recvSync')
    return this.#in.getSync(options)
  }

  /** Ends the talk both ways: nothing more is sent, and what was sent can still be received. */
  close(): void {
    this.#out.close()
    this.#in.close()
  }

  /** Receives until an end is closed and all is received. */
  [Symbol.asyncIterator](): AsyncGenerator<R, void, undefined> {
    return this.#in[Symbol.asyncIterator]()
  }

  /** The same, blocking: for workers. */
  [Symbol.iterator](): Generator<R, void, undefined> {
    return this.#in[Symbol.iterator]()
  }
}

defineShareable('PipeEnd', (handle) => PipeEnd.from(handle))
