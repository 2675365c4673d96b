// Values as bytes in shared memory. Numbers, strings and typed arrays are written as they are; what else there is goes
// through the runtime's own format for structured clones, with what that would not bring back packed as data.
import { types } from 'node:util'
import { Deserializer, Serializer } from 'node:v8'

import { codedError } from '../errors.ts'
import { cloneError, packValue, unpackValue } from '../executor/parcel.ts'
import {
  bufferOf,
  byteOffsetOf,
  bytesPerElement,
  dtypeOf,
  isGone,
  isShared,
  lengthOf,
  newResult,
} from '../typed-array.ts'
import type { DType, TypedArray } from '../types.ts'
import type { Memory } from './memory.ts'

const tag = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  number: 4,
  bigint: 5,
  latin1: 6,
  utf16: 7,
  json: 8,
  wideJson: 9,
  clone: 10,
  packedClone: 11,
  array: 16,
} as const

const dtypes: readonly DType[] = [
  'int8',
  'uint8',
  'uint8clamped',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'float32',
  'float64',
  'bigint64',
  'biguint64',
  'float16',
]

/** A value that is ready to be written: what kind it is, and how many bytes it takes. */
export interface Packed {
  readonly tag: number
  readonly bytes: number
  readonly body: unknown
}

/** Checks a value, which is called `name` in errors, and makes it ready. Reads all of a caller's that needs reading. */
export function pack(value: unknown, name = 'value'): Packed {
  switch (typeof value) {
    case 'number':
      return packNumber(value)
    case 'string':
      return packText(value, tag.latin1, tag.utf16)
    case 'boolean':
      return value ? packedTrue : packedFalse
    case 'undefined':
      return packedUndefined
    case 'bigint':
      if (BigInt.asIntN(64, value) === value) return { tag: tag.bigint, bytes: 8, body: value }
      break
    case 'object':
      if (value === null) return packedNull
  }
  const dtype = dtypeOf(value)
  return dtype === undefined ? packClone(value, name) : packArray(value as TypedArray, dtype, name)
}

export function packNumber(value: number): Packed {
  return { tag: tag.number, bytes: 8, body: value }
}

/** What numbers are called in memory. */
export const numberTag = tag.number

/** The same with memory of its own, for a value that has to wait while its owner may change it. */
export function keep(packed: Packed): Packed {
  return packed.tag >= tag.array ? { ...packed, body: (packed.body as Uint8Array).slice() } : packed
}

/** Writes a value from a byte on that is a multiple of 8. */
export function write(memory: Memory, at: number, packed: Packed): void {
  const { body } = packed
  switch (packed.tag) {
    case tag.number:
      memory.floats[at >> 3] = body as number
      return
    case tag.bigint:
      memory.longs[at >> 3] = body as bigint
      return
    case tag.latin1:
    case tag.json:
      return writeLatin1(memory.bytes, at, body as string)
    case tag.utf16:
    case tag.wideJson:
      memory.bytes.write(body as string, at, 'utf16le')
      return
    default:
      if (body !== undefined) memory.bytes.set(body as Uint8Array, at)
  }
}

/** A value as it was read, or what is left to be made of it where that takes longer. */
export type Raw = unknown

/** Reads a value; `open` makes the rest of it, which can be done later and elsewhere. */
export function read(memory: Memory, at: number, what: number, bytes: number): Raw {
  switch (what) {
    case tag.undefined:
      return undefined
    case tag.null:
      return null
    case tag.false:
      return false
    case tag.true:
      return true
    case tag.number:
      return memory.floats[at >> 3]
    case tag.bigint:
      return memory.longs[at >> 3]
    case tag.latin1:
      return memory.bytes.toString('latin1', at, at + bytes)
    case tag.utf16:
      return memory.bytes.toString('utf16le', at, at + bytes)
    case tag.json:
      return new Sealed(memory.bytes.toString('latin1', at, at + bytes))
    case tag.wideJson:
      return new Sealed(memory.bytes.toString('utf16le', at, at + bytes))
  }
  const dtype = what >= tag.array ? dtypes[what - tag.array] : 'uint8'
  const array = newResult(dtype, bytes / bytesPerElement(dtype), 'a message')
  const copy = new Uint8Array(bufferOf(array) as ArrayBuffer)
  copy.set(memory.bytes.subarray(at, at + bytes))
  return what >= tag.array ? array : new Sealed(copy, what === tag.packedClone)
}

export function open(raw: Raw): unknown {
  return raw instanceof Sealed ? raw.open() : raw
}

/** JSON, or bytes of the runtime's format. */
class Sealed {
  readonly #content: string | Uint8Array<ArrayBuffer>
  readonly #isPacked: boolean

  constructor(content: string | Uint8Array<ArrayBuffer>, isPacked = false) {
    this.#content = content
    this.#isPacked = isPacked
  }

  open(): unknown {
    if (typeof this.#content === 'string') return JSON.parse(this.#content)
    const reader = new Deserializer(this.#content)
    reader.readHeader()
    const value: unknown = reader.readValue()
    return this.#isPacked ? unpackValue(value) : value
  }
}

const packedUndefined: Packed = { tag: tag.undefined, bytes: 0, body: undefined }
const packedNull: Packed = { tag: tag.null, bytes: 0, body: undefined }
const packedFalse: Packed = { tag: tag.false, bytes: 0, body: undefined }
const packedTrue: Packed = { tag: tag.true, bytes: 0, body: undefined }

/** For strings that the engine holds as latin1 the engine knows without a look. */
// oxlint-disable-next-line no-control-regex
const hasWide = /[^\x00-\xff]/

function packText(text: string, narrow: number, wide: number): Packed {
  return hasWide.test(text)
    ? { tag: wide, bytes: text.length * 2, body: text }
    : { tag: narrow, bytes: text.length, body: text }
}

/** A call costs more than a few letters. */
function writeLatin1(bytes: Buffer, at: number, text: string): void {
  if (text.length > 24) bytes.write(text, at, 'latin1')
  else for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}

function packArray(array: TypedArray, dtype: DType, name: string): Packed {
  const buffer = bufferOf(array)
  if (isShared(buffer)) packValue(array, name, 'bytes')
  if (isGone(array)) throw codedError('ERR_OFFLOOP_DETACHED', [name])
  const bytes = lengthOf(array) * bytesPerElement(dtype)
  const body = new Uint8Array(buffer, byteOffsetOf(array), bytes)
  return { tag: tag.array + dtypes.indexOf(dtype), bytes, body }
}

function packClone(value: unknown, name: string): Packed {
  if (isSmallJson(value)) return packText(JSON.stringify(value), tag.json, tag.wideJson)
  const parcel = packValue(value, name, 'bytes')
  try {
    const writer = new Serializer()
    writer.writeHeader()
    writer.writeValue(parcel.value)
    const body = writer.releaseBuffer()
    return { tag: parcel.packed ? tag.packedClone : tag.clone, bytes: body.length, body }
  } catch (cause) {
    throw cloneError(name, cause)
  }
}

/** What is larger is better off in the runtime's format, whose beginning costs ten times as much. */
const mostJson = 64

/**
 * Whether JSON brings the same back: few values, all of them null, booleans, strings, ordinary numbers, or plain lists
 * and objects that occur once.
 */
function isSmallJson(value: unknown): boolean {
  return countJson(value, [], 0) <= mostJson
}

/** How many values there are, added to `count`; Infinity where JSON would not do. */
function countJson(value: unknown, seen: object[], count: number): number {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return count + 1
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? count + 1 : Infinity
  if (typeof value !== 'object' || seen.includes(value) || types.isProxy(value) || 'toJSON' in value) return Infinity
  seen.push(value)
  const prototype: unknown = Object.getPrototypeOf(value)
  const keys = Object.keys(value)
  let sum = count + 1
  if (sum + keys.length > mostJson) return Infinity
  if (Array.isArray(value)) {
    // A hole is undefined, which JSON does not have; what is not at an index makes more keys than there are elements.
    if (prototype !== Array.prototype || keys.length !== value.length) return Infinity
    for (let i = 0; i < value.length && sum <= mostJson; i++) sum = countJson(value[i], seen, sum)
    return sum
  }
  if (prototype !== Object.prototype) return Infinity
  for (const key of keys) {
    sum = key === '__proto__' ? Infinity : countJson((value as Record<string, unknown>)[key], seen, sum)
    if (sum > mostJson) return sum
  }
  return sum
}
