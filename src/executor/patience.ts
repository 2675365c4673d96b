/**
 * How long it pays to look for what is expected soon instead of sleeping until it comes: waking a thread costs tens of
 * microseconds, but where every CPU has work, looking takes the time from those who would bring it. So whoever looks
 * in vain several times stops looking for a while.
 */
export class Patience {
  readonly #ms: number
  #misses = 0
  #pause = 0
  #until = 0

  constructor(ms: number) {
    this.#ms = ms
  }

  /** Begins to look; false where that does not pay at present. */
  begin(): boolean {
    if (this.#pause > 0) {
      this.#pause--
      return false
    }
    this.#until = performance.now() + this.#ms
    return true
  }

  /** Whether to look on. */
  get lasts(): boolean {
    return performance.now() < this.#until
  }

  /** It came while somebody looked. */
  hit(): void {
    this.#misses = 0
  }

  /** It did not. */
  miss(): void {
    if (++this.#misses < mostMisses) return
    this.#misses = mostMisses - 1
    this.#pause = rest
  }
}

const mostMisses = 4
/** Times not to look before the next trial. */
const rest = 32
