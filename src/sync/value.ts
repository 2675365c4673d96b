import { checkWord } from '../check.ts'
import { defineShareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import { cellOf } from './cell.ts'
import type { Cell, NumberOf, ValueType } from './cell.ts'
import type { Held } from './held.ts'
import { Lock } from './lock.ts'
import { newShared, opened, openShared, SharedWords } from './shared-words.ts'
import type { WaitOptions } from './waits.ts'

const types = ['i32', 'u32', 'i64', 'u64', 'f64'] as const

/** A place for the number, which Atomics wants at a multiple of 8 bytes, and one for its type. */
const at = { number: 0, type: 2 } as const
const wordCount = 3

/**
 * A number that threads share. Each operation is atomic; for more than one there is a lock that comes with it. `i64` and
 * `u64` are bigints. Integers that grow too large go round, as those of Atomics do.
 * @example
 * const hits = new Value('u32')
 * hits.add(1)
 */
export class Value<T extends ValueType = ValueType> extends SharedWords {
  /** As it was made. */
  readonly type: T
  /** For what takes more than one operation. */
  readonly lock: Lock
  readonly #cell: Cell<NumberOf<T>>

  /**
   * @param type 'i32', 'u32', 'i64', 'u64' or 'f64'.
   * @param initial 0 by default.
   * @throws TypeError or RangeError for another type, or a number that is not of that type.
   */
  constructor(type: T, initial?: NumberOf<T>) {
    const shared = opened()
    const index = shared === undefined ? types.indexOf(checkWord('type', type, types)) : shared.words[at.type]
    super(shared ?? newShared(wordCount))
    this.type = types[index] as T
    this.#cell = cellOf(this.type, this.words.buffer) as unknown as Cell<NumberOf<T>>
    this.lock = shared === undefined ? new Lock() : Lock.from(shared.handle?.['lock'])
    if (shared !== undefined) return
    this.words[at.type] = index
    if (initial !== undefined) this.#cell.set(this.#cell.check('initial', initial))
  }

  /** The value that a handle stands for; the same object each time in one thread. */
  static from<T extends ValueType = ValueType>(handle: unknown): Value<T> {
    return openShared(handle, 'Value', () => new Value<T>('i32' as T))
  }

  /** What to send where objects don't arrive as what they are: plain data, for {@link Value.from}. */
  override get handle(): Handle {
    return { ...super.handle, lock: this.lock.handle }
  }

  /** The number. */
  get(): NumberOf<T> {
    return this.#cell.get()
  }

  /**
   * Stores a number.
   * @throws TypeError or RangeError for one that is not of the type.
   */
  set(value: NumberOf<T>): void {
    this.#cell.set(this.#cell.check('value', value))
  }

  /** Adds, and gives what was there before. */
  add(value: NumberOf<T>): NumberOf<T> {
    return this.#cell.add(this.#cell.check('value', value))
  }

  /** Subtracts, and gives what was there before. */
  sub(value: NumberOf<T>): NumberOf<T> {
    return this.#cell.sub(this.#cell.check('value', value))
  }

  /** Sets it, and gives what was there before. */
  exchange(value: NumberOf<T>): NumberOf<T> {
    return this.#cell.exchange(this.#cell.check('value', value))
  }

  /**
   * Sets it if it is `expected`, and gives what was there before: `expected` where it was set. Of `f64` 0 is not -0, and
   * NaN is NaN.
   */
  compareExchange(expected: NumberOf<T>, value: NumberOf<T>): NumberOf<T> {
    const cell = this.#cell
    return cell.compareExchange(cell.check('expected', expected), cell.check('value', value))
  }

  /** Runs `fn` while it holds the value's lock, and gives its result. Operations themselves don't ask for the lock. */
  with<R>(fn: (held: Held) => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    return this.lock.with(fn, options)
  }
}

defineShareable('Value', (handle) => Value.from(handle))
