// Which threads still run: a word for each in memory that all share. A worker that is terminated runs no code any more,
// so its word is cleared by the addon when the worker's environment ends, or by whoever sees the worker's exit.
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from 'node:worker_threads'

import { nativeBackend } from './backends/native.ts'
import { codedError } from './errors.ts'

/** Where new workers find the table of the thread that started them. */
const environmentKey = 'offloop:agents'

// Words: two of a random name, one counter, then two for each agent: its id while it lives, and its thread's id. Behind
// them are words for whoever needs some that all threads see (src/channels/claims.ts).
const nameWords = 2
const counter = 2
const header = 3
/** How many agents there can be at a time. */
export const mostAgents = 1024
const agentsEnd = header + 2 * mostAgents
const extraWords = 2 ** 18
const indexBits = 10
const generations = 2 ** 19 - 1

/** The number of an agent's own place in any memory that has one for each, from 0. */
export function indexOf(agent: number): number {
  return agent & (mostAgents - 1)
}

/** Agents, which is what the language calls threads with a heap of their own, and whether each still lives. */
export class AgentTable {
  readonly words: Int32Array
  /** This thread's id in the table: from 1 to 2^29 - 1. */
  readonly me: number

  constructor(words: Int32Array) {
    this.words = words
    this.me = join(words)
  }

  isAlive(id: number): boolean {
    return Atomics.load(this.words, entry(id)) === id
  }

  /** The worker_threads id of an agent, dead ones included until another takes the place. */
  threadOf(id: number): number {
    return Atomics.load(this.words, entry(id) + 1)
  }

  /** Words of another use, all 0 at first. */
  get extra(): Int32Array {
    return this.words.subarray(agentsEnd)
  }
}

const tables = new Map<string, AgentTable>()

/**
 * The table that this thread's own objects are made with: that of the thread which started it, where there is one, or
 * the first that came with an object, so that threads which meet later have one table.
 */
export function ownTable(): AgentTable {
  own ??= openTable(inherited() ?? newWords())
  return own
}

let own: AgentTable | undefined

/** The table that came with an object from another thread. Threads that never met may have tables of their own. */
export function openTable(words: Int32Array): AgentTable {
  const name = `${words[0]} ${words[1]}`
  let table = tables.get(name)
  if (table === undefined) {
    table = new AgentTable(words)
    tables.set(name, table)
  }
  if (own === undefined && inherited() === undefined) {
    own = table
    setEnvironmentData(environmentKey, words)
  }
  return table
}

/** Notes the end of a worker that this thread has seen exit. */
export function buryThread(thread: number): void {
  for (const { words } of tables.values()) {
    for (let at = header; at < agentsEnd; at += 2) {
      const id = Atomics.load(words, at)
      if (id !== 0 && Atomics.load(words, at + 1) === thread) Atomics.compareExchange(words, at, id, 0)
    }
  }
}

function inherited(): Int32Array | undefined {
  const words: unknown = getEnvironmentData(environmentKey)
  return words instanceof Int32Array ? words : undefined
}

function newWords(): Int32Array {
  const words = new Int32Array(new SharedArrayBuffer((agentsEnd + extraWords) * 4))
  for (let i = 0; i < nameWords; i++) words[i] = Math.random() * 2 ** 32
  setEnvironmentData(environmentKey, words)
  return words
}

function entry(id: number): number {
  return header + 2 * indexOf(id)
}

/** Takes a free place, which is given back when this thread ends. */
function join(words: Int32Array): number {
  const generation = (Atomics.add(words, counter, 1) % generations) + 1
  for (let i = 0; i < mostAgents; i++) {
    const index = (generation + i) % mostAgents
    const id = (generation << indexBits) | index
    const at = entry(id)
    if (Atomics.compareExchange(words, at, 0, id) !== 0) continue
    Atomics.store(words, at + 1, threadId)
    if (!isMainThread) {
      nativeBackend()?.clearAtEnd(words, at)
      process.on('exit', () => Atomics.compareExchange(words, at, id, 0))
    }
    return id
  }
  throw codedError('ERR_OFFLOOP_MEMORY', [`the table of ${mostAgents} threads`])
}
