import type { Member } from './member.ts'

/** What others have to do beside their next job is moved to a worker that falls idle if it takes longer than this. */
const worthMs = 0.8
/** A worker that said nothing for so long is asked for the jobs that it has not begun, where another has none. */
const silenceMs = 3

/** Sees to it that jobs do not wait at one worker while another has nothing to do. */
export class Balance {
  readonly #members: readonly Member[]
  readonly #takeBack: (member: Member) => void
  #timer: NodeJS.Timeout | undefined

  constructor(members: readonly Member[], takeBack: (member: Member) => void) {
    this.#members = members
    this.#takeBack = takeBack
  }

  /** Somebody has nothing to do, and nothing is in line. */
  relieve(): void {
    for (const member of this.#members) {
      if (member.jobs.size > 1 && member.expectedMs > worthMs) this.#takeBack(member)
    }
  }

  /** Looks from time to time for short jobs behind a long one, as long as any job is behind another. */
  watch(): void {
    if (this.#timer !== undefined || this.#members.length < 2) return
    if (!this.#members.some((member) => member.jobs.size > 1)) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      const now = performance.now()
      const idle = this.#members.some((member) => member.idle)
      for (const member of this.#members) {
        if (idle && member.jobs.size > 1 && now - member.lastReply > silenceMs) this.#takeBack(member)
      }
      this.watch()
    }, silenceMs).unref()
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
