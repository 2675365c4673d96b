// What all classes of shared state have in common: a block of 32-bit words that every thread sees, and the table of the
// threads.
import { typeMisuse } from '../errors.ts'
import { openTable, ownTable } from '../liveness.ts'
import type { AgentTable } from '../liveness.ts'
import { Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import type { DebugPart } from './tracker.ts'

/** The memory of an object: made for a new one, or come with a handle. */
export interface Shared {
  readonly words: Int32Array
  readonly agents: AgentTable
  /** The same for all objects over this memory, in all threads. */
  readonly id: string
  /** What its maker called it. */
  readonly name: string | undefined
  /** Of a lock that is watched. */
  readonly debug?: DebugPart | undefined
  /** What it came with. */
  readonly handle?: Handle
}

/** A block of `count` words, all 0. */
export function newShared(count: number, name?: string): Shared {
  return shareWords(new Int32Array(new SharedArrayBuffer(count * 4)), name)
}

/** Words that are there, as the memory of a new object. */
export function shareWords(words: Int32Array, name?: string): Shared {
  return { words, agents: ownTable(), id: `${thread}-${made++}`, name }
}

/** For messages: ``The lock `db` ``. */
export function titleOf(what: string, name: string | undefined): string {
  return name === undefined ? what : `${what} \`${name}\``
}

const thread = Math.random().toString(36).slice(2)
let made = 0

/** An object over shared words; `handle` is them, and what a class adds. */
export abstract class SharedWords extends Shareable {
  /** @internal */
  protected readonly words: Int32Array
  /** @internal */
  protected readonly agents: AgentTable
  readonly #id: string

  constructor(shared: Shared) {
    super()
    this.words = shared.words
    this.agents = shared.agents
    this.#id = shared.id
    objects.set(this.#id, new WeakRef(this))
    gone.register(this, this.#id)
  }

  /** What to send where objects don't arrive as what they are: plain data, for `from` of the class. */
  get handle(): Handle {
    return { '@offloop': this.constructor.name, id: this.#id, words: this.words, agents: this.agents.words }
  }
}

/** One that messages speak of, by its name if it has one. */
export abstract class NamedWords extends SharedWords {
  /** For messages, as its maker gave it. */
  readonly name: string | undefined
  readonly #debug: DebugPart | undefined

  constructor(shared: Shared) {
    super(shared)
    this.name = shared.name
    this.#debug = shared.debug
  }

  /** What to send where objects don't arrive as what they are: plain data, for `from` of the class. */
  override get handle(): Handle {
    return { ...super.handle, name: this.name, debug: this.#debug }
  }
}

/** The memory that a handle of `name` brings. */
export function sharedOf(handle: unknown, name: string): Shared {
  const checked = checkHandle(handle, name)
  return {
    words: checked['words'] as Int32Array,
    agents: openTable(checked['agents'] as Int32Array),
    id: checked['id'] as string,
    name: checked['name'] as string | undefined,
    debug: checked['debug'] as DebugPart | undefined,
    handle: checked,
  }
}

/**
 * The object of this thread that a handle of `name` stands for. There is one: a thread that gets a handle twice shares
 * what it holds and who waits in it. `make` calls the constructor, which finds the memory by opened().
 */
export function openShared<T extends SharedWords>(handle: unknown, name: string, make: () => T): T {
  if (handle instanceof SharedWords && handle.constructor.name === name) return handle as T
  const shared = sharedOf(handle, name)
  const known = objects.get(shared.id)?.deref()
  if (known !== undefined) return known as T
  opening = shared
  try {
    return make()
  } finally {
    opening = undefined
  }
}

/** In a constructor: the memory that openShared() opens; undefined where a new object is made. */
export function opened(): Shared | undefined {
  const shared = opening
  opening = undefined
  return shared
}

let opening: Shared | undefined

/** The objects of this thread, by the ids of their memory. */
const objects = new Map<string, WeakRef<SharedWords>>()
const gone = new FinalizationRegistry((id: string) => {
  if (objects.get(id)?.deref() === undefined) objects.delete(id)
})

function checkHandle(handle: unknown, name: string): Handle {
  const found = typeof handle === 'object' && handle !== null ? (handle as Partial<Handle>)['@offloop'] : undefined
  if (found === name) return handle as Handle
  throw typeMisuse('handle', `the \`handle\` of a ${name}`, handle)
}
