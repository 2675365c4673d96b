import { enterTask } from '../executor/current-task.ts'
import { packFault } from '../executor/fault.ts'
import { packValue, unpackValue } from '../executor/parcel.ts'
import { enterActor } from './here.ts'
import { Inhabitant } from './inhabitant.ts'
import type { ActorTask, Letter } from './inhabitant.ts'
import { loadClass } from './load-class.ts'
import { ActorMailbox } from './mailbox.ts'
import { verdict } from './messages.ts'
import type { Kept } from './messages.ts'

interface Runnable {
  run(): unknown
}

/** An actor that reads its mailbox by itself, in `run`. */
export class MailboxActor extends Inhabitant {
  #mailbox: ActorMailbox | undefined
  /** The message that `run` is at. */
  #letter: Letter | undefined
  #task: ActorTask | undefined
  #resting = false
  #running = 0

  start(): void {
    void this.#run()
  }

  go(_how: 'on' | 'again', _state: Kept | undefined): void {
    void this.#run()
  }

  protected stop(): void {
    this.#task?.abort(undefined)
  }

  // A message that is read can't be taken back.
  protected interrupt(): void {}

  protected work(): void {
    this.#mailbox?.wake()
  }

  fail(error: unknown): void {
    this.boss.postNow(['failed', this.id, packFault(error), 'run', undefined])
  }

  async #run(): Promise<void> {
    const number = ++this.#running
    this.#rest(false)
    try {
      const { shipped, args, packed, name, again } = this.recipe
      const Class = await loadClass(shipped)
      const [fields] = (packed ? unpackValue(args) : again ? structuredClone(args) : args) as [object]
      const instance = Object.assign(Object.create(Class.prototype as object), fields) as Runnable
      const mailbox = new ActorMailbox({
        name,
        next: () => this.#next(number),
        isClosed: () => this.closing || this.over,
        rest: (resting) => this.#rest(resting),
      })
      this.#mailbox = mailbox
      Object.defineProperty(instance, 'mailbox', { value: mailbox })
      this.#task = this.taskFor(undefined)
      enterTask(this.#task)
      enterActor(this)
      const running = instance.run()
      enterTask(undefined)
      enterActor(undefined)
      this.boss.post(['ready', this.id])
      const result = await running
      if (this.over) return
      this.#settleLast()
      const parcel = packValue(result, 'result', this.boss.channel)
      this.leave(parcel.packed ? verdict.packed : verdict.value, parcel.value, parcel.transfer)
    } catch (error) {
      enterTask(undefined)
      enterActor(undefined)
      if (this.over) return
      this.#mailbox = undefined
      this.#settleLast()
      this.fail(error)
    }
  }

  /** The next message for a run; one that is over gets no more. */
  #next(number: number): { readonly value: unknown } | undefined {
    if (number !== this.#running) return undefined
    this.#settleLast()
    const letter = this.over ? undefined : this.next()
    if (letter === undefined) return undefined
    this.#letter = letter
    const [value] = (letter.packed ? unpackValue(letter.args) : letter.args) as [unknown]
    return { value }
  }

  #settleLast(): void {
    if (this.#letter !== undefined) this.settle(this.#letter, 'value', undefined)
    this.#letter = undefined
  }

  #rest(resting: boolean): void {
    if (resting === this.#resting) return
    this.#resting = resting
    this.boss.post(['rest', this.id, resting])
  }
}
