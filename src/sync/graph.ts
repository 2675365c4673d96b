// Debug mode: which locks are held and what their holders wait for, in memory that all threads see. Each hold has an
// entry; while its holder waits for a lock, the entry names that lock. From the lock that a call waits for to those who
// hold it, from there to the locks that they wait for: a way that comes back to the call is a deadlock.
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'

import type { AgentTable } from '../liveness.ts'

/** 'ahead' is a writer that waits: readers let it go first. */
export const mode = { read: 1, write: 2, ahead: 3 } as const
export type Mode = (typeof mode)[keyof typeof mode]

// Words: a name, a counter of holds and waits, a counter of locks; then the entries.
const header = 3
const entries = 1024
const fields = {
  /** Of the hold, 0 where the entry is free. */
  number: 0,
  agent: 1,
  lock: 2,
  mode: 3,
  /** The wait that its holder is in, 0 for none; for which lock, and how. */
  wait: 4,
  waitLock: 5,
  waitMode: 6,
  textLength: 7,
} as const
const textWords = 56
const entryWords = 8 + textWords
const environmentKey = 'offloop:locks'

/** One hold on the way from a wait to itself. */
export interface Link {
  readonly thread: number
  /** The lock's name, and where it was acquired. */
  readonly lock: string
  readonly place: string
  readonly number: number
  readonly wait: number
}

export class Graph {
  readonly words: Int32Array
  readonly #bytes: Uint8Array
  readonly #copy = new Uint8Array(textWords * 4)

  constructor(words: Int32Array) {
    this.words = words
    this.#bytes = new Uint8Array(words.buffer, words.byteOffset)
  }

  /** A number for a new lock. */
  newLock(): number {
    return Atomics.add(this.words, 2, 1) + 1
  }

  /** A number for a hold or a wait, over 0. */
  newNumber(): number {
    return (Atomics.add(this.words, 1, 1) & 0x3fffffff) + 1
  }

  /** Enters a hold; -1 where there is no room, in which case it is not looked at. */
  enter(agents: AgentTable, lock: number, how: Mode, text: string): number {
    for (let i = 0; i < entries; i++) {
      const at = this.#at(i)
      const found = Atomics.load(this.words, at)
      if (found !== 0 && agents.isAlive(Atomics.load(this.words, at + fields.agent))) continue
      if (Atomics.compareExchange(this.words, at, found, this.newNumber()) !== found) continue
      Atomics.store(this.words, at + fields.lock, 0)
      Atomics.store(this.words, at + fields.agent, agents.me)
      Atomics.store(this.words, at + fields.mode, how)
      this.setWait(i, 0, 0, how)
      const start = (at + 8) * 4
      const { written } = new TextEncoder().encodeInto(text, this.#copy)
      this.#bytes.set(this.#copy.subarray(0, written), start)
      Atomics.store(this.words, at + fields.textLength, written)
      Atomics.store(this.words, at + fields.lock, lock)
      return i
    }
    return -1
  }

  leave(entry: number): void {
    if (entry < 0) return
    Atomics.store(this.words, this.#at(entry) + fields.lock, 0)
    Atomics.store(this.words, this.#at(entry), 0)
  }

  /** The wait that an entry's holder is in, to be put back when a wait inside of it is over. */
  waitOf(entry: number): readonly [wait: number, lock: number, how: Mode] {
    const at = this.#at(entry)
    const [wait, lock, how] = [fields.wait, fields.waitLock, fields.waitMode].map((f) =>
      Atomics.load(this.words, at + f),
    )
    return [wait, lock, how as Mode]
  }

  setWait(entry: number, wait: number, lock: number, how: Mode): void {
    if (entry < 0) return
    const at = this.#at(entry)
    Atomics.store(this.words, at + fields.wait, 0)
    Atomics.store(this.words, at + fields.waitLock, lock)
    Atomics.store(this.words, at + fields.waitMode, how)
    Atomics.store(this.words, at + fields.wait, wait)
  }

  /** Those who hold a lock. */
  holders(agents: AgentTable, lock: number): Link[] {
    return this.#blockers(agents, lock, mode.write).map((entry) => this.#link(agents, entry))
  }

  /** The way from a lock that the call `wait` waits for back to a hold that waits in this call. */
  findCycle(agents: AgentTable, wait: number, lock: number, how: Mode): Link[] | undefined {
    const seen = new Set<number>()
    const walk = (next: number, nextHow: Mode, way: readonly number[]): readonly number[] | undefined => {
      for (const entry of this.#blockers(agents, next, nextHow)) {
        if (seen.has(entry)) continue
        seen.add(entry)
        const [inWait, inLock, inHow] = this.waitOf(entry)
        if (inWait === 0) continue
        const found = inWait === wait ? [...way, entry] : walk(inLock, inHow, [...way, entry])
        if (found !== undefined) return found
      }
      return undefined
    }
    return walk(lock, how, [])?.map((entry) => this.#link(agents, entry))
  }

  /** Entries that keep out who wants the lock. */
  #blockers(agents: AgentTable, lock: number, how: Mode): number[] {
    const found: number[] = []
    for (let i = 0; i < entries; i++) {
      const at = this.#at(i)
      if (Atomics.load(this.words, at + fields.lock) !== lock) continue
      const held = Atomics.load(this.words, at + fields.mode)
      const blocks = how === mode.read ? held !== mode.read : held !== mode.ahead
      if (blocks && agents.isAlive(Atomics.load(this.words, at + fields.agent))) found.push(i)
    }
    return found
  }

  #link(agents: AgentTable, entry: number): Link {
    const at = this.#at(entry)
    const length = Math.min(Atomics.load(this.words, at + fields.textLength), textWords * 4)
    const text = new TextDecoder().decode(this.#bytes.slice((at + 8) * 4, (at + 8) * 4 + length))
    const [lock, place = ''] = text.split('\n')
    return {
      thread: agents.threadOf(Atomics.load(this.words, at + fields.agent)),
      lock,
      place,
      number: Atomics.load(this.words, at),
      wait: Atomics.load(this.words, at + fields.wait),
    }
  }

  #at(entry: number): number {
    return header + entry * entryWords
  }
}

const graphs = new Map<number, Graph>()

/** The graph for locks that this thread makes: that of the thread which started it, or one that it has met. */
export function ownGraph(): Graph {
  const met = graphs.values().next().value
  if (met !== undefined) return met
  const inherited: unknown = getEnvironmentData(environmentKey)
  if (inherited instanceof Int32Array) return openGraph(inherited)
  const words = new Int32Array(new SharedArrayBuffer((header + entries * entryWords) * 4))
  words[0] = Math.random() * 2 ** 32
  setEnvironmentData(environmentKey, words)
  return openGraph(words)
}

/** The graph that came with a lock. */
export function openGraph(words: Int32Array): Graph {
  let graph = graphs.get(words[0])
  if (graph === undefined) {
    graph = new Graph(words)
    graphs.set(words[0], graph)
  }
  return graph
}
