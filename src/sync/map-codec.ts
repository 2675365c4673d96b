// Keys and values of a SharedMap as 32-bit words: a head, which is what it is and how many bytes, and the bytes.
import * as v8 from 'node:v8'

import { describe, rangeMisuse, typeMisuse } from '../errors.ts'

/** Keys are told apart by their type and value, as those of a Map: NaN is NaN, and 0 is -0. */
export type SharedMapKey = string | number | bigint

const kinds = { utf8: 1, utf16: 2, number: 3, bigint: 4, undefined: 5, null: 6, true: 7, false: 8, data: 9 } as const
const kindBits = 4

/** Words that are ready to be copied, and where they are. */
export class Packed {
  readonly words: Int32Array
  readonly bytes: Buffer
  readonly #numbers: Float64Array
  readonly #most: number
  readonly #what: string
  head = 0

  constructor(mostBytes: number, what: string) {
    const memory = new ArrayBuffer(Math.ceil(mostBytes / 8) * 8)
    this.words = new Int32Array(memory)
    this.bytes = Buffer.from(memory)
    this.#numbers = new Float64Array(memory)
    this.#most = mostBytes
    this.#what = what
  }

  /** Words that count. */
  get length(): number {
    return wordsOf(this.head)
  }

  putKey(key: unknown): void {
    if (typeof key === 'number') this.#putNumber(key === 0 ? 0 : key)
    else if (typeof key === 'string') this.#putString(key)
    else if (typeof key === 'bigint') this.#putText(kinds.bigint, String(key), 'latin1')
    else throw typeMisuse('key', 'a string, a number or a bigint', key)
  }

  putValue(value: unknown): void {
    if (typeof value === 'number') this.#putNumber(value)
    else if (typeof value === 'string') this.#putString(value)
    else if (typeof value === 'bigint') this.#putText(kinds.bigint, String(value), 'latin1')
    else if (value === undefined) this.head = kinds.undefined
    else if (value === null) this.head = kinds.null
    else if (typeof value === 'boolean') this.head = value ? kinds.true : kinds.false
    else this.#putData(value)
  }

  /** What was put. */
  take(): unknown {
    return decode(this.head, this.bytes)
  }

  #putNumber(value: number): void {
    this.#numbers[0] = Number.isNaN(value) ? NaN : value
    this.head = (8 << kindBits) | kinds.number
  }

  #putString(value: string): void {
    // Half a surrogate pair is no UTF-8.
    if (!/[\ud800-\udfff]/u.test(value)) this.#putText(kinds.utf8, value, 'utf8')
    else this.#putText(kinds.utf16, value, 'utf16le')
  }

  #putText(kind: number, text: string, encoding: 'utf8' | 'utf16le' | 'latin1'): void {
    const length = Buffer.byteLength(text, encoding)
    this.#checkLength(length, text)
    this.#clearLast(length)
    this.bytes.write(text, 0, encoding)
    this.head = (length << kindBits) | kind
  }

  #putData(value: unknown): void {
    let data: Buffer
    try {
      data = v8.serialize(value)
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : describe(cause)
      const error = new TypeError(`Expected \`${this.#what}\` to be data that can be copied: ${why}`)
      error.cause = cause
      throw error
    }
    this.#checkLength(data.length, value)
    this.#clearLast(data.length)
    this.bytes.set(data)
    this.head = (data.length << kindBits) | kinds.data
  }

  /** Words are compared whole. */
  #clearLast(length: number): void {
    if (length > 0) this.words[(length - 1) >> 2] = 0
  }

  #checkLength(length: number, value: unknown): void {
    if (length <= this.#most) return
    const what = `of at most ${this.#most} bytes, which is the map's \`${this.#what}Bytes\`, not ${length}`
    throw rangeMisuse(this.#what, what, value)
  }
}

/** How many words follow a head. */
export function wordsOf(head: number): number {
  return ((head >>> kindBits) + 3) >> 2
}

function decode(head: number, bytes: Buffer): unknown {
  const length = head >>> kindBits
  switch (head & ((1 << kindBits) - 1)) {
    case kinds.number:
      return new Float64Array(bytes.buffer, bytes.byteOffset, 1)[0]
    case kinds.utf8:
      return bytes.toString('utf8', 0, length)
    case kinds.utf16:
      return bytes.toString('utf16le', 0, length)
    case kinds.bigint:
      return BigInt(bytes.toString('latin1', 0, length))
    case kinds.null:
      return null
    case kinds.true:
      return true
    case kinds.false:
      return false
    case kinds.data:
      // A copy of its own: what is made of it may keep the memory.
      return v8.deserialize(Buffer.from(bytes.subarray(0, length)))
    default:
      return undefined
  }
}
