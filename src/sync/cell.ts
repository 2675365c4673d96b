// A number in shared memory, by its type: what each operation on it is.
import { rangeMisuse, typeMisuse } from '../errors.ts'

/** The types of numbers of a {@link Value}: 'i64' and 'u64' are bigints. */
export type ValueType = 'i32' | 'u32' | 'i64' | 'u64' | 'f64'

/** What a type's numbers are in JavaScript. */
export type NumberOf<T extends ValueType> = T extends 'i64' | 'u64' ? bigint : number

/** Operations give what was there before, as those of Atomics do. */
export interface Cell<N> {
  check(name: string, value: unknown): N
  get(): N
  set(value: N): void
  add(value: N): N
  sub(value: N): N
  exchange(value: N): N
  compareExchange(expected: N, value: N): N
}

/** A cell in eight bytes of shared memory. */
export function cellOf(type: ValueType, buffer: ArrayBufferLike): Cell<number> | Cell<bigint> {
  switch (type) {
    case 'i32':
      return new IntegerCell(new Int32Array(buffer, 0, 1), integer(-(2 ** 31), 2 ** 31 - 1))
    case 'u32':
      return new IntegerCell(new Uint32Array(buffer, 0, 1), integer(0, 2 ** 32 - 1))
    case 'i64':
      return new BigIntCell(new BigInt64Array(buffer, 0, 1), bigInteger(-(2n ** 63n), 2n ** 63n - 1n))
    case 'u64':
      return new BigIntCell(new BigUint64Array(buffer, 0, 1), bigInteger(0n, 2n ** 64n - 1n))
    default:
      return new FloatCell(new BigInt64Array(buffer, 0, 1))
  }
}

type Check<N> = (name: string, value: unknown) => N

class IntegerCell implements Cell<number> {
  readonly #array: Int32Array | Uint32Array
  readonly check: Check<number>

  constructor(array: Int32Array | Uint32Array, check: Check<number>) {
    this.#array = array
    this.check = check
  }

  get(): number {
    return Atomics.load(this.#array, 0)
  }

  set(value: number): void {
    Atomics.store(this.#array, 0, value)
  }

  add(value: number): number {
    return Atomics.add(this.#array, 0, value)
  }

  sub(value: number): number {
    return Atomics.sub(this.#array, 0, value)
  }

  exchange(value: number): number {
    return Atomics.exchange(this.#array, 0, value)
  }

  compareExchange(expected: number, value: number): number {
    return Atomics.compareExchange(this.#array, 0, expected, value)
  }
}

class BigIntCell implements Cell<bigint> {
  readonly #array: BigInt64Array | BigUint64Array
  readonly check: Check<bigint>

  constructor(array: BigInt64Array | BigUint64Array, check: Check<bigint>) {
    this.#array = array
    this.check = check
  }

  get(): bigint {
    return Atomics.load(this.#array, 0)
  }

  set(value: bigint): void {
    Atomics.store(this.#array, 0, value)
  }

  add(value: bigint): bigint {
    return Atomics.add(this.#array, 0, value)
  }

  sub(value: bigint): bigint {
    return Atomics.sub(this.#array, 0, value)
  }

  exchange(value: bigint): bigint {
    return Atomics.exchange(this.#array, 0, value)
  }

  compareExchange(expected: bigint, value: bigint): bigint {
    return Atomics.compareExchange(this.#array, 0, expected, value)
  }
}

/** Atomics has no floating-point numbers: their bits are exchanged. */
class FloatCell implements Cell<number> {
  readonly #array: BigInt64Array

  constructor(array: BigInt64Array) {
    this.#array = array
  }

  check(name: string, value: unknown): number {
    if (typeof value !== 'number') throw typeMisuse(name, 'a number', value)
    return value
  }

  get(): number {
    return fromBits(Atomics.load(this.#array, 0))
  }

  set(value: number): void {
    Atomics.store(this.#array, 0, toBits(value))
  }

  add(value: number): number {
    for (let bits = Atomics.load(this.#array, 0); ;) {
      const before = fromBits(bits)
      const found = Atomics.compareExchange(this.#array, 0, bits, toBits(before + value))
      if (found === bits) return before
      bits = found
    }
  }

  sub(value: number): number {
    return this.add(-value)
  }

  exchange(value: number): number {
    return fromBits(Atomics.exchange(this.#array, 0, toBits(value)))
  }

  compareExchange(expected: number, value: number): number {
    return fromBits(Atomics.compareExchange(this.#array, 0, toBits(expected), toBits(value)))
  }
}

const float = new Float64Array(1)
const bits = new BigInt64Array(float.buffer)

/** All NaNs have the same bits here, so that NaN can be expected. */
function toBits(value: number): bigint {
  float[0] = Number.isNaN(value) ? NaN : value
  return bits[0]
}

function fromBits(value: bigint): number {
  bits[0] = value
  return float[0]
}

function integer(low: number, high: number): Check<number> {
  const what = `an integer from ${low} to ${high}`
  return (name, value) => {
    if (typeof value !== 'number') throw typeMisuse(name, what, value)
    if (!Number.isInteger(value) || value < low || value > high) throw rangeMisuse(name, what, value)
    return value
  }
}

function bigInteger(low: bigint, high: bigint): Check<bigint> {
  const what = `a bigint from ${low} to ${high}`
  return (name, value) => {
    if (typeof value !== 'bigint') throw typeMisuse(name, what, value)
    if (value < low || value > high) throw rangeMisuse(name, what, value)
    return value
  }
}
