import { checkInteger, isInteger } from '../check.ts'
import { codedError, typeMisuse } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { elementArrays, elementsOf, elementTypes } from './elements.ts'
import type { ElementArray, ElementOf, Elements, ElementType } from './elements.ts'
import { Lock } from './lock.ts'
import { newShared, sharedOf, SharedWords } from './shared-words.ts'
import type { Shared } from './shared-words.ts'
import type { WaitOptions } from './waits.ts'

/** An element type by its short name, or a typed array class. */
export type ArrayType = ElementType | { readonly prototype: ElementArray<ElementType> }

type TypeOf<T extends ArrayType> = T extends ElementType
  ? T
  : { [K in ElementType]: T extends { readonly prototype: ElementArray<K> } ? K : never }[ElementType]

/** The elements of an array of a type. */
type ItemOf<T extends ArrayType> = ElementOf<TypeOf<T>>

/**
 * Numbers that threads share: a typed array over shared memory, with atomic operations on its elements, and a lock.
 * Kernels take it as an n-d view of one axis, and read it in place; give them `array` for results that are typed arrays.
 * @example
 * const bins = new SharedArray('u32', 256)
 * bins.add(7, 1)
 * const total = await sum(bins)
 */
export class SharedArray<T extends ArrayType = ElementType> extends SharedWords {
  /** The short name of its element type. */
  readonly type: TypeOf<T>
  /** Number of elements. */
  readonly length: number
  /** The elements as a typed array over the shared memory: plain reads and writes, as fast as they can be. */
  readonly array: ElementArray<TypeOf<T>>
  /** For what takes more than one operation. Parts of an array share it. */
  readonly lock: Lock
  readonly #elements: Elements<ItemOf<T>>

  /**
   * @param type 'i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32' or 'f64', or a class such as Float64Array.
   * @param n How many zeros, or the elements.
   * @throws TypeError or RangeError for other arguments; ERR_OFFLOOP_MEMORY.
   */
  constructor(type: T, n: number | Iterable<ItemOf<T>> | ArrayLike<ItemOf<T>>) {
    const from = opening ?? create(type, n)
    opening = undefined
    super(from.shared)
    const { type: itsType, first, length, lock } = from
    this.type = itsType as TypeOf<T>
    this.length = length
    const { buffer } = this.words
    const Class = elementArrays[from.type] as Float64ArrayConstructor
    const array = new Class(buffer, first * Class.BYTES_PER_ELEMENT, length)
    this.array = array as unknown as ElementArray<TypeOf<T>>
    this.lock = lock
    this.#elements = elementsOf(from.type, array) as unknown as Elements<ItemOf<T>>
    if (from.items !== undefined) from.items.forEach((item, i) => this.set(i, item as ItemOf<T>))
  }

  /** The array that a handle stands for. */
  static from<T extends ArrayType = ElementType>(handle: unknown): SharedArray<T> {
    const shared = sharedOf(handle, 'SharedArray')
    const { type, first, length, lock } = handle as unknown as SharedArrayHandle
    return open({ shared, type, first, length, lock: Lock.from(lock), items: undefined })
  }

  /** What to send where objects don't arrive as what they are: plain data, for {@link SharedArray.from}. */
  override get handle(): Handle {
    const first = this.array.byteOffset / this.array.BYTES_PER_ELEMENT
    const { type, length, lock } = this
    return { ...super.handle, '@offloop': 'SharedArray', type, first, length, lock: lock.handle }
  }

  /** `array`, by the name that n-d views have for it. */
  get data(): ElementArray<TypeOf<T>> {
    return this.array
  }

  /** As an n-d view. */
  get shape(): readonly [length: number] {
    return [this.length]
  }

  /** The element at an index; a negative one counts from the end. Undefined where there is none. */
  at(i: number): ItemOf<T> | undefined {
    if (!Number.isInteger(i)) throw typeMisuse('i', 'an integer', i)
    const index = i < 0 ? i + this.length : i
    return index >= 0 && index < this.length ? this.#elements.load(index) : undefined
  }

  /** The element at an index, read at once, as all elements by these methods. */
  get(i: number): ItemOf<T> {
    return this.#elements.load(this.#index(i))
  }

  /** Writes one element, or those of an array from an index on, 0 by default, one after another. */
  set(i: number, value: ItemOf<T>): void
  set(values: ArrayLike<ItemOf<T>>, from?: number): void
  set(i: number | ArrayLike<ItemOf<T>>, value?: ItemOf<T> | number): void {
    if (typeof i === 'number') {
      this.#elements.store(this.#index(i), this.#elements.check('value', value))
    } else {
      if (typeof i !== 'object' || i === null) throw typeMisuse('values', 'an array', i)
      const from = value === undefined ? 0 : checkInteger('from', value, 0, this.length)
      checkInteger('values.length', i.length, 0, this.length - from)
      this.array.set(i as never, from)
    }
  }

  /** Adds, and gives what was there before. Integers that grow too large go round. */
  add(i: number, value: ItemOf<T>): ItemOf<T> {
    return this.#elements.add(this.#index(i), this.#elements.check('value', value))
  }

  /** Subtracts, and gives what was there before. */
  sub(i: number, value: ItemOf<T>): ItemOf<T> {
    return this.#elements.sub(this.#index(i), this.#elements.check('value', value))
  }

  /** Sets an element, and gives what was there before. */
  exchange(i: number, value: ItemOf<T>): ItemOf<T> {
    return this.#elements.exchange(this.#index(i), this.#elements.check('value', value))
  }

  /**
   * Sets an element if it is `expected`, and gives what was there before: `expected` where it was set. Of floats 0 is not
   * -0, and NaN is NaN.
   */
  compareExchange(i: number, expected: ItemOf<T>, value: ItemOf<T>): ItemOf<T> {
    const elements = this.#elements
    const wanted = elements.check('expected', expected)
    return elements.compareExchange(this.#index(i), wanted, elements.check('value', value))
  }

  /** Writes the same everywhere, or from one index up to another. */
  fill(value: ItemOf<T>, start?: number, end?: number): this {
    this.array.fill(this.#elements.check('value', value) as never, start, end)
    return this
  }

  /** A part of it over the same memory, under the same lock. Indices are those of a typed array's `subarray`. */
  subarray(start?: number, end?: number): SharedArray<T> {
    const part = this.array.subarray(start, end)
    const first = part.byteOffset / part.BYTES_PER_ELEMENT
    const shared = { ...sharedOf(this.handle, 'SharedArray') }
    return open({ shared, type: this.type, first, length: part.length, lock: this.lock, items: undefined })
  }

  /** A copy of a part as an ordinary typed array. */
  slice(start?: number, end?: number): ElementArray<TypeOf<T>> {
    const part = this.array.subarray(start, end)
    return new elementArrays[this.type as ElementType](part as never) as unknown as ElementArray<TypeOf<T>>
  }

  /** The elements, each read when it is its turn. */
  *[Symbol.iterator](): Generator<ItemOf<T>, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this.#elements.load(i)
  }

  /** Runs `fn` while it holds the lock, and gives its result. Operations themselves don't ask for the lock. */
  with<R>(fn: () => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return this.lock.with(fn, options)
  }

  #index(i: number): number {
    return isInteger(i, 0, this.length - 1) ? i : checkInteger('i', i, 0, this.length - 1)
  }
}

interface SharedArrayHandle {
  readonly type: ElementType
  /** Of its memory, in elements. */
  readonly first: number
  readonly length: number
  readonly lock: Handle
}

/** What the constructor works from. */
interface Origin extends Omit<SharedArrayHandle, 'lock'> {
  readonly shared: Shared
  readonly lock: Lock
  readonly items: readonly unknown[] | undefined
}

let opening: Origin | undefined

function open<T extends ArrayType>(origin: Origin): SharedArray<T> {
  opening = origin
  return new SharedArray<T>(origin.type as T, 0)
}

function create(given: unknown, n: unknown): Origin {
  const type = readType(given)
  const items = typeof n === 'number' ? undefined : readItems(n)
  const length = items?.length ?? checkInteger('n', n, 0, Number.MAX_SAFE_INTEGER)
  const { BYTES_PER_ELEMENT: bytes } = elementArrays[type]
  try {
    return { shared: newShared(Math.ceil((length * bytes) / 8) * 2), type, first: 0, length, lock: new Lock(), items }
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', ['SharedArray'], { cause })
  }
}

function readType(given: unknown): ElementType {
  const found = elementTypes.find((type) => type === given || elementArrays[type] === given)
  if (found !== undefined) return found
  const names = elementTypes.map((type) => `'${type}'`).join(', ')
  throw typeMisuse('type', `one of ${names}, or a typed array class such as Float64Array`, given)
}

function readItems(given: unknown): readonly unknown[] {
  if (typeof given === 'object' && given !== null) return Array.from(given as ArrayLike<unknown>)
  throw typeMisuse('n', 'a number of elements, or the elements', given)
}

defineShareable('SharedArray', (handle) => SharedArray.from(handle))
