// Debug mode of one lock: notes who holds it and who waits for it, and finds the waits that can never end.
import * as path from 'node:path'

import { codedError } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { currentFlow, endFlow, enterFlow, leadTo } from './flows.ts'
import type { Flow } from './flows.ts'
import { mode, openGraph, ownGraph } from './graph.ts'
import type { Graph, Link, Mode } from './graph.ts'

/** What a lock's handle says of its debug mode. */
export interface DebugPart {
  readonly graph: Int32Array
  readonly lock: number
}

/** Who holds a lock. */
export interface Holder {
  /** The `threadId` of node:worker_threads. */
  readonly thread: number
  /** In debug mode: where it was acquired, as `file:line:column`. */
  readonly place?: string
}

/** How long a place's name may be in shared memory. */
const longestPlace = 120
const longestName = 60
/** How often the same deadlock is seen by one that came before others, who should end it. */
const patience = 30

/** What a new lock's handle has: with the option, or OFFLOOP_DEBUG=locks in the environment. */
export function newDebugPart(asked: boolean | undefined): DebugPart | undefined {
  if (!(asked ?? isOn)) return undefined
  const graph = ownGraph()
  return { graph: graph.words, lock: graph.newLock() }
}

const isOn = (process.env.OFFLOOP_DEBUG ?? '').split(',').includes('locks')

export class Tracker {
  readonly graph: Graph
  readonly lock: number
  readonly agents: AgentTable
  readonly name: string

  constructor({ graph, lock }: DebugPart, agents: AgentTable, name: string | undefined) {
    this.graph = openGraph(graph)
    this.lock = lock
    this.agents = agents
    this.name = (name ?? `lock ${lock}`).replaceAll('\n', ' ').slice(0, longestName)
    // From here on code is followed.
    currentFlow()
  }

  /** A call that wants the lock. What it holds then belongs to a flow of its own. */
  passage(blocking: boolean): Passage {
    return new Passage(this, blocking, { outer: currentFlow(), hold: undefined, promise: undefined }, false)
  }

  /** A call that has to come back with the lock, in the flow that held it before: others end a deadlock. */
  return(blocking: boolean, flow: Flow): Passage {
    return new Passage(this, blocking, flow, true)
  }

  holders(): Holder[] {
    return this.graph.holders(this.agents, this.lock).map(({ thread, place }) => ({ thread, place }))
  }
}

/** A lock that is held. */
export class Hold {
  readonly graph: Graph
  readonly entry: number
  readonly #flow: Flow

  constructor(graph: Graph, entry: number, flow: Flow) {
    this.graph = graph
    this.entry = entry
    this.#flow = flow
    if (entry >= 0) holds.add(this)
  }

  end(): void {
    holds.delete(this)
    this.#flow.hold = undefined
    endFlow(this.#flow)
    this.graph.leave(this.entry)
  }
}

/** All of this thread: while it blocks none of them can end. */
const holds = new Set<Hold>()

export class Passage {
  readonly #tracker: Tracker
  readonly #blocking: boolean
  readonly #flow: Flow
  readonly #isBound: boolean
  readonly #place: string
  #wait = 0
  #ahead = -1
  /** The holds that can't end before this, and what they waited for before. */
  #marked: (readonly [Hold, readonly [number, number, Mode]])[] = []
  #seen = 0
  #shape = ''

  constructor(tracker: Tracker, blocking: boolean, flow: Flow, isBound: boolean) {
    this.#isBound = isBound
    this.#tracker = tracker
    this.#blocking = blocking
    this.#flow = flow
    this.#place = callersPlace()
  }

  /** The promise of this call, after which the lock is held. */
  lead<T>(promise: Promise<T>): Promise<T> {
    return leadTo(this.#flow, promise)
  }

  /** The lock is held from here on; `entering` where the code that runs now goes on with it. */
  hold(how: Mode, entering: boolean): Flow {
    const { graph, lock, agents, name } = this.#tracker
    this.#flow.hold = new Hold(graph, graph.enter(agents, lock, how, `${name}\n${this.#place}`), this.#flow)
    if (entering) enterFlow(this.#flow)
    return this.#flow
  }

  /**
   * The lock can't be had now; `isAhead` where others let this call go first.
   * @throws ERR_OFFLOOP_DEADLOCK when it never can.
   */
  look(thorough: boolean, how: Mode, isAhead = false): undefined {
    if (this.#wait === 0) this.#begin(how, isAhead)
    else if (!thorough) return
    const { graph, agents, lock } = this.#tracker
    const cycle = graph.findCycle(agents, this.#wait, lock, how)
    const shape = (cycle ?? []).map(({ number, wait }) => `${number} ${wait}`).join()
    // What is the same holds and waits at two times has been there in between.
    this.#seen = shape === this.#shape ? this.#seen + 1 : 1
    this.#shape = shape
    if (cycle === undefined || this.#seen < 2 || this.#wait < 0) return
    const isYoungest = cycle.every(({ wait }) => wait <= this.#wait)
    if (isYoungest || this.#seen >= patience) throw codedError('ERR_OFFLOOP_DEADLOCK', [this.#tell(cycle)])
  }

  /** The call is over. */
  end(): void {
    const { graph } = this.#tracker
    for (const [hold, before] of this.#marked.toReversed()) {
      // What has waited beside a promise may be over; a thread that blocks stops everything else.
      if (graph.waitOf(hold.entry)[0] === this.#wait) graph.setWait(hold.entry, ...(this.#blocking ? before : none))
    }
    this.#marked = []
    graph.leave(this.#ahead)
    this.#ahead = -1
    if (this.#flow.hold === undefined) endFlow(this.#flow)
  }

  #begin(how: Mode, isAhead: boolean): void {
    const { graph, lock, agents, name } = this.#tracker
    this.#wait = this.#isBound ? -graph.newNumber() : graph.newNumber()
    for (const hold of this.#blocking ? holds : this.#outerHolds()) {
      if (hold.graph !== graph || hold.entry < 0) continue
      this.#marked.push([hold, graph.waitOf(hold.entry)])
      graph.setWait(hold.entry, this.#wait, lock, how)
    }
    if (!isAhead) return
    this.#ahead = graph.enter(agents, lock, mode.ahead, `${name}\n${this.#place}`)
    graph.setWait(this.#ahead, this.#wait, lock, how)
  }

  #outerHolds(): Hold[] {
    const found: Hold[] = []
    for (let flow = this.#flow.outer; flow !== undefined; flow = flow.outer) if (flow.hold) found.push(flow.hold)
    return found
  }

  #tell(cycle: readonly Link[]): string {
    const { agents, name } = this.#tracker
    const links = cycle.map(({ thread, place }, i) => {
      const next = cycle[i + 1]
      const goesOn = next === undefined ? '' : `, and waits for \`${next.lock}\``
      return `which thread ${thread} holds since ${place}${goesOn}`
    })
    return `thread ${agents.threadOf(agents.me)} waits for \`${name}\` at ${this.#place}, ${links.join(', ')}`
  }
}

const none = [0, 0, mode.write] as const

/** Where offloop was called from. */
function callersPlace(): string {
  const lines = (new Error().stack ?? '').split('\n').slice(1)
  const line = lines.find((one) => !one.includes(`${__dirname}${path.sep}`)) ?? ''
  const place = /\(?((?:file:|node:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/.exec(line)?.[1] ?? line.trim()
  return place.length > longestPlace ? `…${place.slice(-longestPlace)}` : place
}
