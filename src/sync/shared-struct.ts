import { checkBoolean, checkInteger } from '../check.ts'
import { codedError, rangeMisuse, typeMisuse } from '../errors.ts'
import type { AgentTable } from '../liveness.ts'
import { defineShareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { elementArrays, elementsOf } from './elements.ts'
import type { ElementOf, Elements, ElementType } from './elements.ts'
import { Lock } from './lock.ts'
import { newShared, sharedOf, SharedWords } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import { SharedText } from './shared-text.ts'
import { layOut } from './struct-layout.ts'
import type { Field, FieldValue, Layout, StructSchema } from './struct-layout.ts'
import type { WaitOptions } from './waits.ts'

/** The fields of a struct, as they are read and written. */
export type StructFields<S extends StructSchema> = { -readonly [K in keyof S]: FieldValue<S[K]> }

/** A struct with its fields as properties. */
export type Struct<S extends StructSchema> = SharedStruct<S> & StructFields<S>

/** Fields that are one number, which there are atomic operations for. */
type NumberField<S extends StructSchema> = { [K in keyof S]: S[K] extends ElementType ? K : never }[keyof S]

/** What a struct begins with; all else is 0, false or ''. */
export type StructInit<S extends StructSchema> = {
  readonly [K in keyof S]?: S[K] extends { readonly type: ElementType; readonly length: number }
    ? ArrayLike<ElementOf<S[K]['type']>>
    : FieldValue<S[K]>
}

/** A kind of struct: what {@link SharedStruct.define} gives. */
export interface StructType<S extends StructSchema> {
  new (initial?: StructInit<S>): Struct<S>
  /** That of {@link SharedStruct}. */
  readonly prototype: Struct<S>
  /** As they were defined. */
  readonly fields: S
  /** Bytes of one, its end included. */
  readonly byteLength: number
  /** `n` of them one after another in one block of memory, under one lock. */
  array(n: number): Struct<S>[]
  /** The struct that a handle stands for. */
  from(handle: unknown): Struct<S>
}

/**
 * Named fields in shared memory. Each is a property; numbers and strings are read and written at once, `add` and its kin
 * change a number in one step, and `lock` is for all else.
 * @example
 * const Point = SharedStruct.define({ x: 'f64', hits: 'i32', name: { type: 'string', bytes: 32 } })
 * const point = new Point({ x: 1.5, name: 'origin' })
 * point.x += 1
 * point.add('hits', 1)
 */
export class SharedStruct<S extends StructSchema = StructSchema> extends SharedWords {
  /** For what takes more than one operation. */
  readonly lock: Lock
  readonly #fields: S
  readonly #offset: number
  readonly #cells = new Map<string, Cell>()

  /**
   * One struct of its own kind.
   * @param fields The type of each field: 'i8' to 'f64', 'bool', `{ type: 'string', bytes }` or `{ type, length }`.
   * @param initial What fields begin with.
   * @throws TypeError or RangeError for other types, and for values that fields can't have.
   */
  constructor(fields: S, initial?: StructInit<S>) {
    const from = opening ?? create(fields)
    opening = undefined
    super(from.shared)
    this.lock = from.lock
    this.#fields = from.fields as S
    this.#offset = from.offset
    for (const [name, field] of from.layout.fields) this.#addField(name, field)
    if (initial !== undefined) this.assign(initial)
  }

  /** A class of structs with the same fields. */
  static define<const S extends StructSchema>(fields: S): StructType<S> {
    const layout = layOut(fields, isTaken)
    const make = (shared: Shared, lock: Lock, offset: number): Struct<S> =>
      open({ shared, lock, fields, layout, offset }) as Struct<S>
    const one = (initial?: StructInit<S>) => {
      const struct = make(newShared(layout.bytes / 4), new Lock(), 0)
      if (initial !== undefined) struct.assign(initial)
      return struct
    }
    const array = (n: number) => {
      const count = checkInteger('n', n, 0, Number.MAX_SAFE_INTEGER)
      const lock = new Lock()
      const shared = allocate(layout.bytes * count)
      return Array.from({ length: count }, (_, i) => make(shared, lock, i * layout.bytes))
    }
    // What is made are SharedStructs, in this thread as in others, which do not know this class.
    const type = function (initial?: StructInit<S>) {
      return one(initial)
    }
    return Object.assign(type, {
      prototype: SharedStruct.prototype,
      fields,
      byteLength: layout.bytes,
      array,
      from: (handle: unknown) => SharedStruct.from<S>(handle),
    }) as unknown as StructType<S>
  }

  /** The struct that a handle stands for. */
  static from<S extends StructSchema = StructSchema>(handle: unknown): Struct<S> {
    const shared = sharedOf(handle, 'SharedStruct')
    const { fields, offset, lock } = handle as StructHandle
    return open({ shared, lock: Lock.from(lock), fields, layout: layOut(fields, isTaken), offset }) as Struct<S>
  }

  /** What to send where objects don't arrive as what they are: plain data, for {@link SharedStruct.from}. */
  override get handle(): Handle {
    const own = { fields: this.#fields, offset: this.#offset, lock: this.lock.handle }
    return { ...super.handle, '@offloop': 'SharedStruct', ...own }
  }

  /** The types of its fields. */
  get fields(): S {
    return this.#fields
  }

  /** Adds to a number, and gives what was there before. Integers that grow too large go round. */
  add<K extends NumberField<S>>(field: K, value: FieldValue<S[K]>): FieldValue<S[K]> {
    const { elements } = this.#number(field)
    return elements.add(0, elements.check('value', value)) as FieldValue<S[K]>
  }

  /** Subtracts from a number, and gives what was there before. */
  sub<K extends NumberField<S>>(field: K, value: FieldValue<S[K]>): FieldValue<S[K]> {
    const { elements } = this.#number(field)
    return elements.sub(0, elements.check('value', value)) as FieldValue<S[K]>
  }

  /** Sets a number, and gives what was there before. */
  exchange<K extends NumberField<S>>(field: K, value: FieldValue<S[K]>): FieldValue<S[K]> {
    const { elements } = this.#number(field)
    return elements.exchange(0, elements.check('value', value)) as FieldValue<S[K]>
  }

  /** Sets a number if it is `expected`, and gives what was there before: `expected` where it was set. */
  compareExchange<K extends NumberField<S>>(
    field: K,
    expected: FieldValue<S[K]>,
    value: FieldValue<S[K]>,
  ): FieldValue<S[K]> {
    const { elements } = this.#number(field)
    const wanted = elements.check('expected', expected)
    return elements.compareExchange(0, wanted, elements.check('value', value)) as FieldValue<S[K]>
  }

  /** Writes several fields, one after another. */
  assign(values: StructInit<S>): void {
    if (typeof values !== 'object' || values === null) throw typeMisuse('values', 'an object', values)
    for (const [name, value] of Object.entries(values)) {
      if (value !== undefined) this.#cell(name).write(name, value)
    }
  }

  /** A copy of all fields, read one after another: under the lock, where they have to fit together. */
  toObject(): StructFields<S> {
    const copy: Record<string, unknown> = {}
    for (const [name, cell] of this.#cells) copy[name] = cell.copy()
    return copy as StructFields<S>
  }

  /** Runs `fn` while it holds the lock, and gives its result. Operations themselves don't ask for the lock. */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return this.lock.with(fn, options)
  }

  #addField(name: string, field: Field): void {
    const cell = makeCell(field, this.words, this.#offset, this.agents)
    this.#cells.set(name, cell)
    Object.defineProperty(this, name, {
      get: cell.read,
      set: (value: unknown) => cell.write(name, value),
      enumerable: true,
      configurable: false,
    })
  }

  #cell(name: string): Cell {
    const cell = this.#cells.get(name)
    if (cell === undefined) throw rangeMisuse('field', `one of ${[...this.#cells.keys()].join(', ')}`, name)
    return cell
  }

  #number(name: PropertyKey): { elements: Elements<unknown> } {
    const { elements } = this.#cell(checkField(name))
    if (elements === undefined) throw rangeMisuse('field', 'a field that is a number', name)
    return { elements }
  }
}

/** One field's place in memory. */
interface Cell {
  read(): unknown
  copy(): unknown
  write(name: string, value: unknown): void
  /** Of numbers. */
  readonly elements?: Elements<unknown>
}

function makeCell(field: Field, words: Int32Array, base: number, agents: AgentTable): Cell {
  const at = words.byteOffset + base + field.offset
  if (field.kind === 'string') {
    const text = new SharedText(words, (base + field.offset) / 4, field.bytes, agents)
    const read = () => text.get()
    return { read, copy: read, write: (name, value) => text.set(name, value) }
  }
  if (field.kind === 'bool') {
    const word = (base + field.offset) / 4
    const read = () => Atomics.load(words, word) === 1
    return {
      read,
      copy: read,
      write: (name, value) => void Atomics.store(words, word, checkBoolean(name, value) ? 1 : 0),
    }
  }
  const Class = elementArrays[field.type] as Float64ArrayConstructor
  if (field.kind === 'number') {
    const elements = elementsOf(field.type, new Class(words.buffer, at, 1)) as Elements<unknown>
    const read = () => elements.load(0)
    return { elements, read, copy: read, write: (name, value) => elements.store(0, elements.check(name, value)) }
  }
  const array = new Class(words.buffer, at, field.length)
  const write = (name: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null)
      throw typeMisuse(name, `an array of ${field.length} numbers`, value)
    const { length } = value as ArrayLike<number>
    if (length !== field.length) throw rangeMisuse(`${name}.length`, `${field.length}`, length)
    array.set(value as ArrayLike<number>)
  }
  return { read: () => array, copy: () => new Class(array), write }
}

interface StructHandle {
  readonly fields: StructSchema
  readonly offset: number
  readonly lock: Handle
}

/** What the constructor works from. */
interface Origin extends Omit<StructHandle, 'lock'> {
  readonly shared: Shared
  readonly lock: Lock
  readonly layout: Layout
}

let opening: Origin | undefined

function open(origin: Origin): SharedStruct {
  opening = origin
  return new SharedStruct(origin.fields)
}

function create(fields: StructSchema): Origin {
  const layout = layOut(fields, isTaken)
  return { shared: allocate(layout.bytes), lock: new Lock(), fields, layout, offset: 0 }
}

function allocate(bytes: number): Shared {
  try {
    return newShared(bytes / 4)
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', ['SharedStruct'], { cause })
  }
}

function checkField(name: unknown): string {
  if (typeof name !== 'string') throw typeMisuse('field', 'the name of a field', name)
  return name
}

function isTaken(name: string): boolean {
  return name === 'lock' || name === 'words' || name === 'agents' || name in SharedStruct.prototype
}

defineShareable('SharedStruct', (handle) => SharedStruct.from(handle))
