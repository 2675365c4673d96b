/**
 * How long it pays to look for what is expected soon instead of sleeping until it comes: waking a thread costs tens of
 * microseconds, but where every CPU has work, looking takes the time from those who would bring it. So whoever looks in
 * vain several times in a row leaves it for a while, longer each time.
 */
export class Patience {
  readonly #ms: number
  #misses = 0
  #rest = 0
  #left = 0
  #until = 0

  constructor(ms: number) {
    this.#ms = ms
  }

  /** Begins to look; false where that does not pay at present. */
  begin(): boolean {
    if (this.#left > 0) {
      this.#left--
      return false
    }
    this.#until = performance.now() + this.#ms
    return true
  }

  /** Whether to look on. */
  get lasts(): boolean {
    return performance.now() < this.#until
  }

  /** It has come. */
  came(): void {
    if (!this.lasts) return
    this.#misses = 0
    this.#rest = 0
  }

  /** It has not come in time. */
  gone(): void {
    if (++this.#misses < freeMisses) return
    this.#rest = Math.min(longestRest, Math.max(1, this.#rest * 2))
    this.#left = this.#rest
  }
}

const freeMisses = 8
/** Times not to look before the next trial. */
const longestRest = 16
