import type { Member } from './member.ts'
import { word } from './messages.ts'
import type { FromRunner } from './messages.ts'
import { Patience } from './patience.ts'

/** After a message the loop looks for its reply this long before it sleeps. */
const lookMs = 0.06
/** So long at a stretch; then others have their turn. */
const turnMs = 0.015
const looksInRow = 16

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
    let replier: Member | undefined
    do replier = this.#replier()
    while (replier === undefined && performance.now() < until)
    const found = replier !== undefined
    if (replier !== undefined) this.#take(replier)
    if (this.#outstanding > 0 && this.#patience.lasts) {
      setImmediate(() => this.#turn())
      return
    }
    if (!found) this.#patience.gone()
    this.#looking = false
  }

  /** One that has replied, after several looks: reading the clock takes longer than one. */
  #replier(): Member | undefined {
    for (let look = 0; look < looksInRow; look++) {
      for (const member of this.#members) {
        const { words } = member.link
        if (words !== undefined && Atomics.load(words, word.replied) !== member.received) return member
      }
    }
    return undefined
  }

  /** Takes the replies that are here already. */
  #take(member: Member): void {
    const { link } = member
    for (let message = link.receive(); message !== undefined; message = link.receive()) this.#receive(member, message)
  }
}
