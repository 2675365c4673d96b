import { codedError } from '../errors.ts'
import { packFault } from '../executor/fault.ts'
import type { Fault } from '../executor/fault.ts'
import type { Call } from './call.ts'
import { errorAfter } from './exit.ts'
import type { ActorExit } from './exit.ts'
import type { Line } from './line.ts'

/** What everybody who sends to an actor knows of it. */
export interface AddressOptions {
  readonly id: number
  readonly name: string
  readonly form: 'methods' | 'mailbox'
  readonly backend: 'worker' | 'process'
  /** Messages that it may have at once, and what becomes of the next: it is refused, or its sender waits. */
  readonly most: number
  readonly overflow: 'reject' | 'wait'
  /** Messages that had not begun when its worker died go to the next one. */
  readonly resends: boolean
  /** Another thread made it. */
  readonly remote: boolean
}

/** Where messages to an actor go in this thread: by a line, in order, or held while there is none. */
export class Address implements AddressOptions {
  readonly id: number
  readonly name: string
  readonly form: 'methods' | 'mailbox'
  readonly backend: 'worker' | 'process'
  readonly most: number
  readonly overflow: 'reject' | 'wait'
  readonly resends: boolean
  readonly remote: boolean
  /** Takes no more. */
  closing = false
  exit: ActorExit | undefined
  /** Called when the actor is not where it was. */
  onLost: (() => void) | undefined
  #line: Line | undefined
  #gate: Int32Array | undefined
  #held: Call[] = []
  /** Messages that have gone by this line, and those of them that have begun. */
  #sent = 0
  #begun: Int32Array | undefined

  constructor(options: AddressOptions) {
    this.id = options.id
    this.name = options.name
    this.form = options.form
    this.backend = options.backend
    this.most = options.most
    this.overflow = options.overflow
    this.resends = options.resends
    this.remote = options.remote
  }

  get line(): Line | undefined {
    return this.#line
  }

  get gate(): Int32Array | undefined {
    return this.#gate
  }

  submit(call: Call): void {
    if (this.exit !== undefined) return call.failed(errorAfter(this.name, this.exit))
    if (this.closing) return call.failed(codedError('ERR_OFFLOOP_CLOSED', [`The actor '${this.name}'`]))
    if (!this.#enter(call)) {
      const values = [`The actor '${this.name}'`, String(this.most), 'messages', 'mailbox']
      return call.failed(codedError('ERR_OFFLOOP_QUEUE_FULL', values))
    }
    if (this.#line === undefined) this.#held.push(call)
    else this.#send(this.#line, call)
  }

  /** Settles a message for its sender, and asks the actor to forget it, or to stop. */
  cancel(call: Call, reason: unknown): void {
    if (call.settled) return
    const index = this.#held.indexOf(call)
    if (index !== -1) {
      this.#held.splice(index, 1)
      this.#leave(call)
    } else {
      this.#line?.postNow(['cancel', this.id, call.number, faultOf(reason)])
    }
    call.failed(reason, 'cancelled')
  }

  /** There is a way to it; `gate` counts its messages. */
  open(line: Line, gate: Int32Array | undefined): void {
    this.#line = line
    this.#gate = gate
    this.#sent = 0
    this.#begun = undefined
    if (this.resends && line.channel === 'worker') {
      this.#begun = new Int32Array(new SharedArrayBuffer(4))
      line.post(['count', this.id, this.#begun])
    }
    const held = this.#held
    this.#held = []
    for (const call of held) {
      if (call.counted && gate !== undefined) Atomics.add(gate, 0, 1)
      this.#send(line, call)
    }
  }

  /**
   * The line has gone with what had begun; the rest is held until there is another.
   * @returns Messages that failed for it whose senders wait for an answer.
   */
  lost(error: unknown): number {
    const line = this.#line
    this.#line = undefined
    const begun = this.#begun === undefined ? Infinity : Atomics.load(this.#begun, 0)
    const again: Call[] = []
    let told = 0
    for (const call of line?.recall(this.id) ?? []) {
      if (call.settled) continue
      const moved = call.transfer !== undefined
      if (call.place > begun && !moved) {
        again.push(call)
      } else {
        call.failed(error)
        if (call.asks) told++
      }
    }
    this.#held = again.concat(this.#held)
    return told
  }

  /** The actor was not there any more when the message came. */
  returned(call: Call, gone: boolean): void {
    if (call.settled || !gone) return
    if (this.exit !== undefined) return call.failed(errorAfter(this.name, this.exit))
    if (call.transfer !== undefined) call.failed(codedError('ERR_OFFLOOP_WORKER_DIED', ['it had ended before']))
    else this.#held.push(call)
    this.#line = undefined
    this.onLost?.()
  }

  /** It could not be cloned. */
  unsent(call: Call, error: Error): void {
    this.#sent--
    this.#leave(call)
    call.failed(error)
  }

  /**
   * It has ended, for good.
   * @returns As of `lost`.
   */
  end(exit: ActorExit): number {
    if (this.exit !== undefined) return 0
    let told = 0
    this.exit = exit
    const calls = [...(this.#line?.recall(this.id) ?? []), ...this.#held]
    this.#held = []
    this.#line = undefined
    for (const call of calls) {
      if (call.settled) continue
      if (exit.reason === 'terminated') call.task.catch(ignore)
      call.failed(errorAfter(this.name, exit), exit.reason === 'terminated' ? 'cancelled' : 'failed')
      if (call.asks) told++
    }
    return told
  }

  #send(line: Line, call: Call): void {
    call.place = ++this.#sent
    line.send(call)
  }

  #enter(call: Call): boolean {
    const gate = this.#gate
    if (gate === undefined || this.overflow === 'wait') return true
    if (Atomics.add(gate, 0, 1) >= this.most) {
      Atomics.sub(gate, 0, 1)
      return false
    }
    call.counted = true
    // A thread counts down by itself; nobody does it for a process.
    if (this.backend === 'process') call.onLeave = () => this.#leave(call)
    return true
  }

  #leave(call: Call): void {
    if (call.counted && this.#gate !== undefined) Atomics.sub(this.#gate, 0, 1)
    call.counted = false
  }
}

// A reason that can't be sent stays here.
function faultOf(reason: unknown): Fault | undefined {
  try {
    return packFault(reason)
  } catch {
    return undefined
  }
}

function ignore(): void {}
