import { onAbort } from '../abort.ts'
import type { Executor } from '../executor/executor.ts'
import type { Cargo } from '../executor/ship.ts'
import { callFunction } from './call-function.ts'
import type { ReadMapOptions } from './function-options.ts'
import type { Task } from './task.ts'

/**
 * Results of a function for items that are pulled as they are needed: from sync and async sources, endless ones
 * included, and no more than `ahead` chunks before the consumer. A failure, or a consumer that stops, cancels the rest
 * and closes the source.
 */
export async function* imap(
  executor: Executor,
  cargo: Cargo,
  source: Iterable<unknown> | AsyncIterable<unknown>,
  options: ReadMapOptions,
  ordered: boolean,
  ahead: number,
  requireOpen: () => void,
): AsyncGenerator<unknown, void, undefined> {
  const { chunkSize = 1 } = options
  const deadline = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout)
  const signals = [options.signal, deadline].filter((signal) => signal !== undefined)
  const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0]
  const part = { ...options, signal, timeout: undefined, onProgress: undefined, transfer: undefined }
  const puller = new Puller(source)
  const window: Task<readonly unknown[]>[] = []
  const finished: Task<readonly unknown[]>[] = []
  const bell = new Bell()
  const ring = (): void => bell.ring()
  let index = 0
  let pulling = false
  let failure: { readonly reason: unknown } | undefined
  const wantsMore = (): boolean => !puller.ended && failure === undefined && window.length + finished.length < ahead
  const pull = async (): Promise<void> => {
    pulling = true
    try {
      while (wantsMore()) {
        requireOpen()
        const chunk = await puller.take(chunkSize)
        if (chunk.length === 0 || failure !== undefined) break
        const list = { at: 0, first: index }
        const call = { cargo, verb: 'items', args: [chunk, index, false, false], names: 'items', list } as const
        index += chunk.length
        const task = callFunction<readonly unknown[]>(executor, call, part, undefined)
        window.push(task)
        const over = (): void => {
          // Out of order: it leaves the window when it is over.
          if (!ordered && window.includes(task)) finished.push(...window.splice(window.indexOf(task), 1))
          ring()
        }
        task.then(over, over)
        ring()
      }
    } catch (reason) {
      failure ??= { reason }
    }
    pulling = false
    ring()
  }
  const letGo =
    signal &&
    onAbort(signal, () => {
      failure ??= { reason: signal.reason }
      ring()
    })
  let threw = false
  try {
    for (;;) {
      if (signal?.aborted) throw signal.reason
      if (!pulling && wantsMore()) void pull()
      const next = ordered ? window[0] : finished[0]
      if (next === undefined) {
        if (window.length === 0 && !pulling) {
          if (failure !== undefined) throw failure.reason
          if (puller.ended) return
        }
        await bell.rung()
        continue
      }
      const values = await next
      if (ordered) window.shift()
      else finished.shift()
      yield* values
    }
  } catch (reason) {
    threw = true
    throw reason
  } finally {
    letGo?.()
    failure ??= { reason: undefined }
    for (const task of [...window, ...finished]) task.cancel()
    await puller.close(threw)
  }
}

/** Takes items from a source, sync ones without waiting. */
class Puller {
  ended = false
  #owes = false
  readonly #sync: Iterator<unknown> | undefined
  readonly #async: AsyncIterator<unknown> | undefined

  constructor(source: Iterable<unknown> | AsyncIterable<unknown>) {
    if (typeof source !== 'string' && Symbol.asyncIterator in source) this.#async = source[Symbol.asyncIterator]()
    else this.#sync = source[Symbol.iterator]()
  }

  async take(count: number): Promise<unknown[]> {
    const chunk: unknown[] = []
    while (chunk.length < count && !this.ended) {
      let step: IteratorResult<unknown>
      try {
        step = this.#sync?.next() ?? (await this.#owed())
      } catch (error) {
        // It is over, and not to be closed.
        this.ended = true
        throw error
      }
      if (step.done === true) this.ended = true
      else chunk.push(step.value)
    }
    return chunk
  }

  /** Lets go of the source. What that throws is of no interest where something else went wrong before. */
  async close(quietly: boolean): Promise<void> {
    if (this.ended) return
    this.ended = true
    const closing = this.#close()
    // A source that still owes an item may never give it, nor close before.
    if (quietly || this.#owes) closing.catch(() => {})
    if (!this.#owes) await (quietly ? closing.catch(() => {}) : closing)
  }

  async #close(): Promise<void> {
    this.#sync?.return?.()
    await this.#async?.return?.()
  }

  async #owed(): Promise<IteratorResult<unknown>> {
    this.#owes = true
    try {
      return await (this.#async as AsyncIterator<unknown>).next()
    } finally {
      this.#owes = false
    }
  }
}

/** Lets one waiter know that something has changed. */
class Bell {
  #waiter: (() => void) | undefined
  #ringing = false

  ring(): void {
    if (this.#waiter === undefined) {
      this.#ringing = true
      return
    }
    this.#waiter()
    this.#waiter = undefined
  }

  async rung(): Promise<void> {
    if (!this.#ringing) await new Promise<void>((resolve) => (this.#waiter = resolve))
    this.#ringing = false
  }
}
