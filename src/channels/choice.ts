// One wait at one or several channels, of which one case happens. As in Go's select (R. Cox and others,
// runtime/select.go): all channels are entered, in an order that is the same for all; where a case can happen it does,
// a random one of those that can; otherwise an offer is put up in each, and whoever comes later and can serve one wins
// the claim of all. Whoever looks is not offered, and who is offered does not look: so no two can wait for each other,
// and no claim has to be won for two at once.
import { onAbort } from '../abort.ts'
import { typeMisuse } from '../errors.ts'
import { lookMs } from '../sync/marks.ts'
import { blockingLook, remaining } from '../sync/waits.ts'
import type { Wait } from '../sync/waits.ts'
import { unwatch, watch } from '../sync/watch.ts'
import type { ChannelState, Outcome } from './channel-state.ts'
import type { Claim, Claims } from './claims.ts'
import type { Packed } from './value.ts'

/** Something that can happen at a channel: a value is sent, or, without one, received. */
export interface Case {
  readonly channel: ChannelState
  readonly packed: Packed | undefined
}

export interface Happened extends Outcome {
  readonly index: number
}

/** What can happen now does; undefined where nothing can. */
export function chooseNow(cases: readonly Case[]): Happened | undefined {
  if (cases.length === 1 && !mayGo(cases[0])) return undefined
  const channels = channelsOf(cases)
  enterAll(channels)
  try {
    return tryCases(cases)
  } finally {
    leaveAll(channels)
  }
}

/** Waits until one of the cases happens; undefined when the time is over. */
export function choose(cases: readonly Case[], wait: Wait): Promise<Happened | undefined> {
  const started = start(cases, wait, true)
  if (!(started instanceof Offer)) return Promise.resolve(started)
  return new Promise((resolve, reject) => new Pending(started, wait, resolve, reject))
}

/** The same, blocking. */
export function chooseSync(cases: readonly Case[], wait: Wait): Happened | undefined {
  const started = start(cases, wait, false)
  if (!(started instanceof Offer)) return started
  for (;;) {
    const happened = started.happened()
    if (happened !== undefined) return happened
    const left = remaining(wait)
    if (left <= 0) {
      if (started.withdraw()) return undefined
      continue
    }
    if (!started.sleep(Math.min(left, lookMs))) continue
    try {
      blockingLook(wait)
    } catch (error) {
      if (started.withdraw()) throw error
      continue
    }
    const found = started.look()
    if (found !== undefined) return found
  }
}

function start(cases: readonly Case[], wait: Wait, forPromise: boolean): Happened | undefined | Offer {
  wait.signal?.throwIfAborted()
  const channels = channelsOf(cases)
  enterAll(channels)
  try {
    return tryCases(cases) ?? (remaining(wait) <= 0 ? undefined : new Offer(cases, forPromise))
  } finally {
    leaveAll(channels)
  }
}

/** A look from outside at a single case, which costs less than one from inside. */
function mayGo({ channel, packed }: Case): boolean {
  if (channel.capacity === 0) return true
  return packed === undefined ? channel.hasForReceiver : channel.hasForSender
}

function tryCases(cases: readonly Case[]): Happened | undefined {
  let left = cases.length
  const order = left === 1 ? undefined : cases.map((_, index) => index)
  for (; left > 0; left--) {
    let index = 0
    if (order !== undefined) {
      const pick = Math.floor(Math.random() * left)
      index = order[pick]
      order[pick] = order[left - 1]
    }
    const { channel, packed } = cases[index]
    const outcome = packed === undefined ? channel.tryReceive() : channel.trySend(packed)
    if (outcome !== undefined) return { index, raw: outcome.raw, isClosed: outcome.isClosed }
  }
  return undefined
}

/** Each channel once, in the order of all. Where one was opened twice, the cases are of one of the two already. */
function channelsOf(cases: readonly Case[]): ChannelState[] {
  if (cases.length === 1) return [cases[0].channel]
  const channels = Array.from(new Set(cases.map(({ channel }) => channel)))
  for (const { claims } of channels) {
    if (claims !== channels[0].claims) {
      throw typeMisuse('cases', 'of channels whose threads were started from one that used offloop before', cases)
    }
  }
  return channels.toSorted((one, other) => (one.isBefore(other) ? -1 : 1))
}

function enterAll(channels: readonly ChannelState[]): void {
  for (const channel of channels) channel.enter()
}

function leaveAll(channels: readonly ChannelState[]): void {
  for (const channel of channels) channel.leave()
}

/** Offers in all channels of some cases, which end when one of them happens. */
class Offer {
  readonly claims: Claims
  readonly claim: Claim
  readonly #cases: readonly Case[]
  readonly #records: number[] = []

  /** Made while its channels are entered. */
  constructor(cases: readonly Case[], forPromise: boolean) {
    this.#cases = cases
    this.claims = cases[0].channel.claims
    this.claim = this.claims.open(forPromise)
    try {
      for (let index = 0; index < cases.length; index++) {
        const { channel, packed } = cases[index]
        const { claim } = this
        this.#records.push(
          packed === undefined ? channel.offerRoom(claim, index) : channel.offerValue(packed, claim, index),
        )
      }
    } catch (error) {
      this.claims.cancel(this.claim)
      for (let index = 0; index < this.#records.length; index++) this.#endCase(index, false)
      this.claims.release(this.claim)
      throw error
    }
  }

  /** Whether nothing has happened for so long. */
  sleep(ms: number): boolean {
    return this.claims.sleep(this.claim, ms)
  }

  /** What has happened, once; then all is taken away. */
  happened(): Happened | undefined {
    const winner = this.claims.winner(this.claim)
    return winner < 0 ? undefined : this.#end(winner, undefined)
  }

  /** Takes all away where nothing has happened; false where something has. */
  withdraw(): boolean {
    if (!this.claims.cancel(this.claim)) return false
    this.#end(-1, undefined)
    return true
  }

  /** Looks for what was left undone by threads that are gone; gives what happened thereby. */
  look(): Happened | undefined {
    for (let index = 0; index < this.#cases.length; index++) {
      const { channel, packed } = this.#cases[index]
      if (!(packed === undefined ? channel.hasForReceiver : channel.hasForSender)) continue
      channel.enter()
      let outcome: Outcome | undefined
      try {
        if (packed !== undefined || channel.buffered === 0) channel.tend()
        else if (this.claims.cancel(this.claim)) outcome = channel.tryReceive()
      } finally {
        channel.leave()
      }
      if (outcome !== undefined) return this.#end(index, outcome)
    }
    return undefined
  }

  #end(winner: number, own: Outcome | undefined): Happened | undefined {
    let happened: Happened | undefined
    for (let index = 0; index < this.#cases.length; index++) {
      const { channel } = this.#cases[index]
      channel.enter()
      try {
        const outcome = this.#endCase(index, index === winner)
        const { raw, isClosed } = own ?? outcome
        if (index === winner) happened = { index, raw, isClosed }
      } finally {
        channel.leave()
      }
    }
    this.claims.release(this.claim)
    return happened
  }

  #endCase(index: number, hasWon: boolean): Outcome {
    const { channel, packed } = this.#cases[index]
    const record = this.#records[index]
    return packed === undefined ? channel.endRoom(record, hasWon) : channel.endValue(record, hasWon)
  }
}

/** An offer with a promise. */
class Pending {
  readonly #offer: Offer
  readonly #resolve: (happened: Happened | undefined) => void
  readonly #wait: Wait
  #timer: NodeJS.Timeout | undefined
  #release: (() => void) | undefined
  #isOver = false

  constructor(
    offer: Offer,
    wait: Wait,
    resolve: (happened: Happened | undefined) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#offer = offer
    this.#wait = wait
    this.#resolve = resolve
    watch(this)
    const { signal } = wait
    if (signal !== undefined) {
      this.#release = onAbort(signal, () => this.#withdraw(() => reject(signal.reason)))
    }
    if (wait.deadline !== Infinity) this.#tick()
    if (!this.#isOver) offer.claims.listen(offer.claim, () => this.#see())
  }

  /** Now and then. */
  run(): void {
    this.#see()
    if (!this.#isOver) this.#settle(this.#offer.look())
  }

  #see(): void {
    if (!this.#isOver) this.#settle(this.#offer.happened())
  }

  #tick(): void {
    const left = remaining(this.#wait)
    if (left > 0) this.#timer = setTimeout(() => this.#tick(), Math.min(Math.ceil(left), 2 ** 31 - 1))
    else this.#withdraw(() => this.#resolve(undefined))
  }

  #withdraw(settle: () => void): void {
    if (!this.#offer.withdraw()) return this.#see()
    this.#stop()
    settle()
  }

  #settle(happened: Happened | undefined): void {
    if (happened === undefined) return
    this.#stop()
    this.#resolve(happened)
  }

  #stop(): void {
    this.#isOver = true
    unwatch(this)
    clearTimeout(this.#timer)
    this.#release?.()
    this.#offer.claims.unlisten(this.#offer.claim)
  }
}
