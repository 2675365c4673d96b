// Numbers in shared memory, by their type: what each operation on one of them is. All give what was there before, as
// those of Atomics do.
import { rangeMisuse, typeMisuse } from '../errors.ts'
import type { TypedArray } from '../types.ts'

/** Element types, and the arrays of each. */
export const elementArrays = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const

/**
 * Element types by their short names.
 * @useDeclaredType
 */
export type ElementType = keyof typeof elementArrays

/** The typed array of an element type. */
export type ElementArray<T extends ElementType> = (typeof elementArrays)[T]['prototype']

/** What an element is in JavaScript. */
export type ElementOf<T extends ElementType> = T extends 'i64' | 'u64' ? bigint : number

export const elementTypes = Object.keys(elementArrays) as ElementType[]

/** Operations on the elements of one array. */
export interface Elements<N> {
  check(name: string, value: unknown): N
  load(i: number): N
  store(i: number, value: N): void
  add(i: number, value: N): N
  sub(i: number, value: N): N
  exchange(i: number, value: N): N
  compareExchange(i: number, expected: N, value: N): N
}

export function elementsOf<T extends ElementType>(type: T, array: TypedArray): Elements<ElementOf<T>> {
  const { buffer, byteOffset, length } = array
  if (type === 'f64') return new Floats(new BigInt64Array(buffer, byteOffset, length), bits64) as never
  if (type === 'f32') return new Floats(new Int32Array(buffer, byteOffset, length), bits32) as never
  return new Integers(array as Int32Array, checks[type]) as never
}

/** Those that Atomics knows; for bigints the same code. */
class Integers implements Elements<number> {
  readonly #array: Int32Array
  readonly check: Elements<number>['check']

  constructor(array: Int32Array, check: Elements<number>['check']) {
    this.#array = array
    this.check = check
  }

  load(i: number): number {
    return Atomics.load(this.#array, i)
  }

  store(i: number, value: number): void {
    Atomics.store(this.#array, i, value)
  }

  add(i: number, value: number): number {
    return Atomics.add(this.#array, i, value)
  }

  sub(i: number, value: number): number {
    return Atomics.sub(this.#array, i, value)
  }

  exchange(i: number, value: number): number {
    return Atomics.exchange(this.#array, i, value)
  }

  compareExchange(i: number, expected: number, value: number): number {
    return Atomics.compareExchange(this.#array, i, expected, value)
  }
}

/** Atomics has no floating-point numbers: their bits are exchanged. */
interface Bits<B> {
  of(value: number): B
  back(bits: B): number
}

class Floats<B extends number | bigint> implements Elements<number> {
  readonly #array: Int32Array
  readonly #bits: Bits<number>

  constructor(array: Int32Array | BigInt64Array, bits: Bits<B>) {
    this.#array = array as Int32Array
    this.#bits = bits as unknown as Bits<number>
  }

  check(name: string, value: unknown): number {
    if (typeof value !== 'number') throw typeMisuse(name, 'a number', value)
    return value
  }

  load(i: number): number {
    return this.#bits.back(Atomics.load(this.#array, i))
  }

  store(i: number, value: number): void {
    Atomics.store(this.#array, i, this.#bits.of(value))
  }

  add(i: number, value: number): number {
    let bits = Atomics.load(this.#array, i)
    for (;;) {
      const before = this.#bits.back(bits)
      const found = Atomics.compareExchange(this.#array, i, bits, this.#bits.of(before + value))
      if (found === bits) return before
      bits = found
    }
  }

  sub(i: number, value: number): number {
    return this.add(i, -value)
  }

  exchange(i: number, value: number): number {
    return this.#bits.back(Atomics.exchange(this.#array, i, this.#bits.of(value)))
  }

  compareExchange(i: number, expected: number, value: number): number {
    const found = Atomics.compareExchange(this.#array, i, this.#bits.of(expected), this.#bits.of(value))
    return this.#bits.back(found)
  }
}

const float64 = new Float64Array(1)
const float32 = new Float32Array(float64.buffer, 0, 1)
const words64 = new BigInt64Array(float64.buffer)
const words32 = new Int32Array(float64.buffer)

/** All NaNs have the same bits here, so that NaN can be expected. */
const bits64: Bits<bigint> = {
  of(value) {
    float64[0] = Number.isNaN(value) ? NaN : value
    return words64[0]
  },
  back(bits) {
    words64[0] = bits
    return float64[0]
  },
}

const bits32: Bits<number> = {
  of(value) {
    float32[0] = Number.isNaN(value) ? NaN : value
    return words32[0]
  },
  back(bits) {
    words32[0] = bits
    return float32[0]
  },
}

const checks = {
  i8: integer(-(2 ** 7), 2 ** 7 - 1),
  u8: integer(0, 2 ** 8 - 1),
  i16: integer(-(2 ** 15), 2 ** 15 - 1),
  u16: integer(0, 2 ** 16 - 1),
  i32: integer(-(2 ** 31), 2 ** 31 - 1),
  u32: integer(0, 2 ** 32 - 1),
  i64: bigInteger(-(2n ** 63n), 2n ** 63n - 1n),
  u64: bigInteger(0n, 2n ** 64n - 1n),
} as unknown as Readonly<Record<string, Elements<number>['check']>>

function integer(low: number, high: number): Elements<number>['check'] {
  const what = `an integer from ${low} to ${high}`
  return (name, value) => {
    if (typeof value !== 'number') throw typeMisuse(name, what, value)
    if (!Number.isInteger(value) || value < low || value > high) throw rangeMisuse(name, what, value)
    return value
  }
}

function bigInteger(low: bigint, high: bigint): Elements<bigint>['check'] {
  const what = `a bigint from ${low} to ${high}`
  return (name, value) => {
    if (typeof value !== 'bigint') throw typeMisuse(name, what, value)
    if (value < low || value > high) throw rangeMisuse(name, what, value)
    return value
  }
}
