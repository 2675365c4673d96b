// The state of an RWLock. A reader counts itself in a word of its own thread's, then looks whether there is a writer; a
// writer takes the one word for writers, then waits until no thread counts readers. One of the two sees the other.
// Readers thus never write to the same memory, and those of a thread that has ended count no more.
import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { agentPlaceWords, AgentPlaces } from './agent-places.ts'

/** The writer's agent and whether it writes yet; whether one has ended while it wrote; readers by thread. */
export const at = { writer: 0, spoiled: 1, fair: 2, readers: 3 } as const
export const rwlockWords = at.readers + agentPlaceWords(1)

const writing = 1 << 30
const agentOf = (writer: number): number => writer & ~writing

export class RWLockState {
  readonly #words: Int32Array
  readonly #agents: AgentTable
  readonly #places: AgentPlaces

  constructor(words: Int32Array, agents: AgentTable) {
    this.#words = words
    this.#agents = agents
    this.#places = new AgentPlaces(words, at.readers, 1, agents)
  }

  /** How many read now. */
  get readers(): number {
    let readers = 0
    this.#places.every((place) => {
      readers += Atomics.load(this.#words, place)
      return true
    })
    return readers
  }

  /** The agents that read or write now. */
  holders(): number[] {
    const writer = this.#writer()
    const found = (writer & writing) === 0 ? [] : [agentOf(writer)]
    this.#places.every((place) => {
      if (Atomics.load(this.#words, place) > 0) found.push(this.#places.agentAt(place))
      return true
    })
    return found
  }

  get isWriting(): boolean {
    return (this.#writer() & writing) !== 0
  }

  /** Whether somebody writes or waits for the readers to end. */
  get isClaimed(): boolean {
    return this.#writer() !== 0
  }

  /** Whether a writer has ended while it wrote, and no other has written since. */
  get isSpoiled(): boolean {
    return Atomics.load(this.#words, at.spoiled) === 1
  }

  /** 'stepped back' where a writer came at the same time, and may wait for this reader to be gone. */
  enterRead(): 'in' | 'stepped back' | undefined {
    if (this.#writer() !== 0) return undefined
    const place = this.#places.own()
    Atomics.add(this.#words, place, 1)
    if (this.#writer() === 0) return 'in'
    Atomics.sub(this.#words, place, 1)
    return 'stepped back'
  }

  leaveRead(): void {
    Atomics.sub(this.#words, this.#places.own(), 1)
  }

  /** Makes this thread the one that writes next: no more readers come. */
  claim(): true | undefined {
    if (this.#writer() !== 0) return undefined
    return Atomics.compareExchange(this.#words, at.writer, 0, this.#agents.me) === 0 ? true : undefined
  }

  /** After the claim: whether no readers are left. */
  get isDrained(): boolean {
    return this.#places.every((place) => Atomics.load(this.#words, place) === 0)
  }

  /** After that. Whether the writer before has ended while it wrote. */
  beginWrite(): boolean {
    Atomics.store(this.#words, at.writer, this.#agents.me | writing)
    return Atomics.exchange(this.#words, at.spoiled, 0) === 1
  }

  /** Ends the claim as well. */
  endWrite(): void {
    Atomics.store(this.#words, at.writer, 0)
  }

  /** While this thread blocks nothing in it can end what it does itself. */
  checkOther(forWriting: boolean): void {
    const writes = agentOf(Atomics.load(this.#words, at.writer)) === this.#agents.me
    if (writes || (forWriting && Atomics.load(this.#words, this.#places.own()) > 0)) {
      throw codedError('ERR_OFFLOOP_DEADLOCK', ['this thread waits for an RWLock that it holds itself'])
    }
  }

  /** The writer, after a dead one was cleared away. */
  #writer(): number {
    for (;;) {
      const writer = Atomics.load(this.#words, at.writer)
      if (writer === 0 || this.#agents.isAlive(agentOf(writer))) return writer
      if ((writer & writing) !== 0) Atomics.store(this.#words, at.spoiled, 1)
      Atomics.compareExchange(this.#words, at.writer, writer, 0)
    }
  }
}
