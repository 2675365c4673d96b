import type { Member } from './member.ts'
import { word } from './messages.ts'
import type { FromRunner } from './messages.ts'
import { Patience } from './patience.ts'

/** After a message the loop looks for its reply this long before it sleeps. */
const lookMs = 0.06
/** So long at a stretch; then others have their turn. */
const turnMs = 0.015

/** Looks for replies of worker threads before the event loop goes to sleep. */
export class Lookout {
  readonly #members: readonly Member[]
  readonly #receive: (member: Member, message: FromRunner) => void
  readonly #patience = new Patience(lookMs)
  #looking = false
  #outstanding = 0

  constructor(members: readonly Member[], receive: (member: Member, message: FromRunner) => void) {
    this.#members = members
    this.#receive = receive
  }

  /** Begins to look, where what has been sent is short. */
  look(outstanding: number, expectedMs: number): void {
    this.#outstanding = outstanding
    if (outstanding === 0 || expectedMs > lookMs || !this.#patience.begin() || this.#looking) return
    this.#looking = true
    setImmediate(() => this.#turn())
  }

  /** A reply has come, one way or the other. */
  came(outstanding: number): void {
    this.#outstanding = outstanding
    this.#patience.came()
  }

  #turn(): void {
    const until = performance.now() + turnMs
    let found = false
    do {
      for (const member of this.#members.slice()) found = this.#take(member) || found
    } while (!found && performance.now() < until)
    if (this.#outstanding > 0 && this.#patience.lasts) {
      setImmediate(() => this.#turn())
      return
    }
    if (!found) this.#patience.gone()
    this.#looking = false
  }

  /** Takes replies that are here already; whether there were any. */
  #take(member: Member): boolean {
    const { link } = member
    const { words } = link
    if (words === undefined || Atomics.load(words, word.replied) === member.received) return false
    let any = false
    for (let message = link.receive(); message !== undefined; message = link.receive()) {
      any = true
      this.#receive(member, message)
    }
    return any
  }
}
