import type { Link, LinkOptions } from './link.ts'
import type { FromRunner, ToRunner } from './messages.ts'
import { Runner } from './runner.ts'

/** A worker that is the calling thread: for tests, debuggers and comparison. Values are cloned all the same. */
export class InlineLink implements Link {
  readonly words = undefined
  readonly id = 0
  readonly #runner: Runner
  readonly #onExit: LinkOptions['onExit']
  #ended = false

  constructor(options: LinkOptions) {
    this.#onExit = options.onExit
    const post = (message: FromRunner, transfer: readonly unknown[] = []): void => {
      const copy = structuredClone(message, { transfer: [...transfer] as never })
      setImmediate(() => {
        if (!this.#ended) options.onMessage(copy)
      })
    }
    const link = { channel: 'worker', words: undefined, post, receive: () => undefined, leave: () => {} } as const
    this.#runner = new Runner(link, structuredClone(options.runner))
  }

  post(message: ToRunner, transfer: readonly unknown[] = []): void {
    const copy = structuredClone(message, { transfer: [...transfer] as never })
    setImmediate(() => {
      if (!this.#ended) this.#runner.take(copy)
    })
  }

  receive(): undefined {
    return undefined
  }

  terminate(): void {
    if (this.#ended) return
    this.#ended = true
    setImmediate(() => this.#onExit('it was stopped', undefined))
  }

  end(): void {
    this.terminate()
  }

  utilization(): undefined {
    return undefined
  }
}
