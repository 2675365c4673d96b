// What all classes of shared state have in common: a block of 32-bit words that every thread sees, and the table of the
// threads.
import { typeMisuse } from '../errors.ts'
import { openTable, ownTable } from '../liveness.ts'
import type { AgentTable } from '../liveness.ts'
import { Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'

/** The memory of an object: made for a new one, or come with a handle. */
export interface Shared {
  readonly words: Int32Array
  readonly agents: AgentTable
}

/** A block of `count` words, all 0. */
export function newShared(count: number): Shared {
  return { words: new Int32Array(new SharedArrayBuffer(count * 4)), agents: ownTable() }
}

/** An object over shared words; `handle` is them, and what a class adds. */
export abstract class SharedWords extends Shareable {
  protected readonly words: Int32Array
  protected readonly agents: AgentTable

  constructor(shared: Shared) {
    super()
    this.words = shared.words
    this.agents = shared.agents
  }

  get handle(): Handle {
    return { '@offloop': this.constructor.name, words: this.words, agents: this.agents.words }
  }
}

/** The memory that a handle of `name` brings. */
export function sharedOf(handle: unknown, name: string): Shared {
  const { words, agents } = checkHandle(handle, name)
  return { words: words as Int32Array, agents: openTable(agents as Int32Array) }
}

function checkHandle(handle: unknown, name: string): Handle {
  const found = typeof handle === 'object' && handle !== null ? (handle as Partial<Handle>)['@offloop'] : undefined
  if (found === name) return handle as Handle
  throw typeMisuse('handle', `the \`handle\` of a ${name}`, handle)
}
