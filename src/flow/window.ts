import { checkAtLeast, checkInteger, isList } from '../check.ts'
import { rangeMisuse, typeMisuse } from '../errors.ts'

/** So many starts in any stretch of so many milliseconds. */
export interface Rate {
  /** The most starts, 1 and up. */
  readonly count: number
  /** Milliseconds, above 0. */
  readonly perMs: number
}

export function readRate(value: unknown): Rate | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'object' || value === null || isList(value)) {
    throw typeMisuse('rate', 'an object { count, perMs }', value)
  }
  const { count, perMs } = value as Partial<Rate>
  checkInteger('rate.count', count, 1, 1e6)
  checkAtLeast('rate.perMs', perMs, 0)
  if (perMs === 0 || perMs === Infinity) throw rangeMisuse('rate.perMs', 'a finite number above 0', perMs)
  return { count: count as number, perMs: perMs as number }
}

/** A sliding window: the times of the latest starts, as many as the rate allows, in a ring. */
export class Window {
  readonly #rate: Rate
  readonly #times: number[] = []
  #oldest = 0

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /** Milliseconds until the next start is allowed; 0 when it is now. */
  wait(now: number): number {
    const { count, perMs } = this.#rate
    if (this.#times.length < count) return 0
    return Math.max(this.#times[this.#oldest] + perMs - now, 0)
  }

  started(now: number): void {
    const { count } = this.#rate
    if (this.#times.length < count) {
      this.#times.push(now)
      return
    }
    this.#times[this.#oldest] = now
    this.#oldest = (this.#oldest + 1) % count
  }
}
