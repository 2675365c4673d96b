import type { Link, LinkOptions } from './link.ts'

/** A worker that could not be made: it ends at once. */
export class NoLink implements Link {
  readonly words = undefined
  readonly id = 0

  constructor(cause: unknown, onExit: LinkOptions['onExit']) {
    setImmediate(() => onExit(cause instanceof Error ? cause.message : String(cause), cause))
  }

  post(): void {}

  receive(): undefined {
    return undefined
  }

  terminate(): void {}

  end(): void {}

  utilization(): undefined {
    return undefined
  }
}
