import { checkInteger } from '../check.ts'
import { codedError, typeMisuse } from '../errors.ts'
import { defineShareable } from '../shareable.ts'
import { Packed } from './map-codec.ts'
import type { SharedMapKey } from './map-codec.ts'
import { MapTable } from './map-table.ts'
import type { MapSizes } from './map-table.ts'
import { newShared, sharedOf, SharedWords } from './shared-words.ts'
import type { Shared } from './shared-words.ts'

/** Options of {@link SharedMap}. */
export interface SharedMapOptions {
  /** The most entries, 1 to 2^24. All memory is taken at once: about `keyBytes + valueBytes + 20` bytes for each. */
  readonly capacity: number
  /**
   * The most bytes of a key: strings in UTF-8, bigints in digits.
   * @default 32
   */
  readonly keyBytes?: number
  /**
   * The most bytes of a value: 8 for a number, strings in UTF-8, other data as structured clone writes it
   * (`v8.serialize(value).length`).
   * @default 64
   */
  readonly valueBytes?: number
}

/**
 * A map that threads share: keys are strings, numbers or bigints, values any data that can be copied. Reading takes no
 * lock, and each call is one step for all others. Iterators give every entry that is there from their start to their
 * end, once.
 * @example
 * const hits = new SharedMap({ capacity: 1000, valueBytes: 8 })
 * hits.update('/index.html', (n = 0) => n + 1)
 */
export class SharedMap<K extends SharedMapKey = SharedMapKey, V = unknown> extends SharedWords {
  /** The most entries. */
  readonly capacity: number
  readonly #table: MapTable
  readonly #key: Packed
  readonly #value: Packed

  /** @throws TypeError or RangeError for other options; ERR_OFFLOOP_MEMORY. */
  constructor(options: SharedMapOptions) {
    super(opening ?? create(options))
    this.#table = new MapTable(this.words, this.agents)
    const { capacity, keyBytes, valueBytes } = this.#table.sizes
    this.capacity = capacity
    this.#key = new Packed(keyBytes, 'key')
    this.#value = new Packed(valueBytes, 'value')
  }

  /** The map that a handle stands for. */
  static from<K extends SharedMapKey = SharedMapKey, V = unknown>(handle: unknown): SharedMap<K, V> {
    opening = sharedOf(handle, 'SharedMap')
    try {
      return new SharedMap<K, V>({ capacity: 1 })
    } finally {
      opening = undefined
    }
  }

  /** How many entries there are. */
  get size(): number {
    return this.#table.count
  }

  /** A copy of a key's value; undefined where there is none. */
  get(key: K): V | undefined {
    this.#key.putKey(key)
    return this.#table.read(this.#key, this.#value) === undefined ? undefined : (this.#value.take() as V)
  }

  /** Whether there is an entry of that key. */
  has(key: K): boolean {
    this.#key.putKey(key)
    return this.#table.read(this.#key, undefined) !== undefined
  }

  /**
   * @throws RangeError for keys and values of too many bytes, TypeError for those that can't be copied;
   * ERR_OFFLOOP_FULL.
   */
  set(key: K, value: V): this {
    this.#key.putKey(key)
    this.#value.putValue(value)
    this.#write(undefined, this.#value)
    return this
  }

  /** Whether there was one. */
  delete(key: K): boolean {
    this.#key.putKey(key)
    return this.#table.write(this.#key, undefined) === true
  }

  /**
   * Sets a key's value to what `fn` makes of the one it has, as one step; undefined takes the entry out. When another
   * thread was faster, `fn` is called again.
   * @returns What `fn` gave.
   */
  update<W extends V | undefined>(key: K, fn: (value: V | undefined) => W): W {
    if (typeof fn !== 'function') throw typeMisuse('fn', 'a function', fn)
    for (;;) {
      this.#key.putKey(key)
      const found = this.#table.read(this.#key, this.#value)
      const value = fn(found === undefined ? undefined : (this.#value.take() as V))
      // The function may have used this map.
      this.#key.putKey(key)
      if (value !== undefined) this.#value.putValue(value)
      if (this.#write({ found }, value === undefined ? undefined : this.#value)) return value
    }
  }

  /** Takes all entries out, as one step. */
  clear(): void {
    this.#table.clear()
  }

  /** Keys and values; each value is a copy. */
  *entries(): Generator<[key: K, value: V], void, undefined> {
    for (let bucket = 0; bucket < this.#table.bucketCount; bucket++) {
      for (const [key, value] of this.#table.bucket(bucket, this.#key, this.#value)) yield [key as K, value as V]
    }
  }

  /** The keys. */
  *keys(): Generator<K, void, undefined> {
    for (const [key] of this.entries()) yield key
  }

  /** The values, each a copy. */
  *values(): Generator<V, void, undefined> {
    for (const [, value] of this.entries()) yield value
  }

  /** The same as `entries()`. */
  [Symbol.iterator](): Generator<[key: K, value: V], void, undefined> {
    return this.entries()
  }

  /** Calls a function with each entry, as `Map.prototype.forEach` does. */
  forEach(act: (value: V, key: K, map: this) => void): void {
    for (const [key, value] of this.entries()) act(value, key, this)
  }

  /** Whether it was done: not where `expected` is no longer so. */
  #write(expected: Parameters<MapTable['write']>[2], value: Packed | undefined): boolean {
    const outcome = this.#table.write(this.#key, value, expected)
    if (outcome === 'full') throw codedError('ERR_OFFLOOP_FULL', ['The map', String(this.capacity)])
    return outcome !== undefined
  }
}

let opening: Shared | undefined

function create(options: SharedMapOptions): Shared {
  if (typeof options !== 'object' || options === null) throw typeMisuse('options', 'an object with `capacity`', options)
  const { capacity, keyBytes = 32, valueBytes = 64 } = options
  const sizes: MapSizes = {
    capacity: checkInteger('capacity', capacity, 1, 2 ** 24),
    keyBytes: checkInteger('keyBytes', keyBytes, 8, 2 ** 20),
    valueBytes: checkInteger('valueBytes', valueBytes, 8, 2 ** 24),
  }
  try {
    const shared = newShared(MapTable.words(sizes))
    MapTable.prepare(shared.words, sizes)
    return shared
  } catch (cause) {
    throw codedError('ERR_OFFLOOP_MEMORY', ['SharedMap'], { cause })
  }
}

defineShareable('SharedMap', (handle) => SharedMap.from(handle))
