// Values on their way to and from workers: what can't be sent is refused with the path to it, and what structured
// clone would turn into something else is packed as data and unpacked over there.
import { types } from 'node:util'
import { MessagePort } from 'node:worker_threads'
import type { TransferListItem } from 'node:worker_threads'

import { codedError, describe, typeMisuse } from '../errors.ts'
import { NDArray } from '../ndarray.ts'
import { openHandle, Shareable } from '../shareable.ts'
import type { Handle } from '../shareable.ts'
import type { TypedArray } from '../types.ts'
import { kindOf, unpackTraveller } from './traveller.ts'
import type { PackedTraveller } from './traveller.ts'
import type { KeptReference } from './keep.ts'

/** How a handle travels. */
interface PackedArray {
  readonly '@offloop': 'ndarray'
  readonly data: NDArray['data']
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly offset: number
}

/** A value that is ready to be sent, and whether it has to be unpacked. */
export interface Parcel {
  readonly value: unknown
  readonly packed: boolean
  /** What has to move with it. */
  readonly transfer?: readonly TransferListItem[] | undefined
}

/** How it travels: to another thread, to another process, or as bytes that somebody reads later. */
export type Channel = 'worker' | 'process' | 'bytes'

/** Checks a value that is to be sent, and packs what needs it; `path` names the value in errors. */
export function packValue(value: unknown, path: string, channel: Channel): Parcel {
  if (isPrimitive(value)) return plain(value)
  const walk = new Walk(channel)
  walk.check(value, path)
  return walk.handles ? packHandles(value) : plain(value)
}

/** Checks it alone. */
export function checkValue(value: unknown, path: string, channel: Channel): void {
  new Walk(channel).check(value, path)
}

/** A value that is sent several times: it can have no handles that need a way of their own each time. */
export function packContext(value: unknown, channel: Channel): Parcel {
  const parcel = packValue(value, 'context', channel)
  if (parcel.transfer === undefined) return parcel
  throw typeMisuse('context', 'data without actors; send them as arguments', value)
}

/** The same for a list of arguments. What one of them holds is named by where it was: in a list, from `first` on. */
export function packArgs(
  args: readonly unknown[],
  name: string,
  channel: Channel,
  list: { readonly at: number; readonly first: number } | undefined,
): Parcel {
  const walk = new Walk(channel)
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]
    if (i === list?.at) walk.checkEach(arg as readonly unknown[], name, list.first)
    else if (list === undefined) walk.check(arg, `${name}[${i}]`)
  }
  return walk.handles ? packHandles(args) : plain(args)
}

/** Whether sending it can neither fail nor share anything between tasks. */
export function isPrimitive(value: unknown): boolean {
  return (typeof value !== 'object' || value === null) && typeof value !== 'function' && typeof value !== 'symbol'
}

/** Brings packed handles back, and arrays that are kept here as copies. */
export function unpackValue(value: unknown, kept?: ReadonlyMap<number, TypedArray>): unknown {
  return unpackHandles(value, new Map(), kept)
}

/** The error for a value that could not be cloned although it looked as if it could. */
export function cloneError(what: string, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : describe(cause)
  const error = new TypeError(`Expected \`${what}\` to be data that can be sent between threads: ${why}. ${advice}`)
  error.cause = cause
  return error
}

const advice = 'Send plain data, and let the function make or import the rest'

function plain(value: unknown): Parcel {
  return { value, packed: false }
}

class Walk {
  handles = false
  readonly #channel: Channel
  readonly #seen = new Set<object>()

  constructor(channel: Channel) {
    this.#channel = channel
  }

  check(value: unknown, path: string): void {
    if (typeof value === 'function' || typeof value === 'symbol') throw refuse(path, value)
    if (typeof value !== 'object' || value === null) return
    if (this.#seen.has(value)) return
    this.#seen.add(value)
    if (ArrayBuffer.isView(value)) return this.#memory(value.buffer, path)
    if (types.isAnyArrayBuffer(value)) return this.#memory(value, path)
    if (Array.isArray(value)) return this.checkEach(value, path, 0)
    if (value instanceof NDArray) {
      this.handles = true
      return this.#memory(value.data.buffer, `${path}.data`)
    }
    if (value instanceof Shareable) {
      if (this.#channel !== 'worker') throw this.#tooFar(path, `a ${value.constructor.name} over shared memory`)
      this.handles = true
      return
    }
    if (types.isProxy(value) || types.isPromise(value) || types.isWeakMap(value) || types.isWeakSet(value)) {
      throw refuse(path, value)
    }
    const kind = kindOf(value)
    if (kind !== undefined) {
      if (this.#channel === 'process') throw this.#tooFar(path, kind.what)
      this.handles = true
      return
    }
    if (value instanceof WeakRef || types.isGeneratorObject(value)) throw refuse(path, value)
    if (value instanceof MessagePort && this.#channel !== 'worker') throw this.#tooFar(path, 'a MessagePort')
    if (types.isMap(value)) {
      for (const [key, entry] of value) {
        this.check(key, `${path} (a key)`)
        this.check(entry, `${path}.get(${short(key)})`)
      }
      return
    }
    if (types.isSet(value)) {
      for (const entry of value) this.check(entry, `${path} (an element)`)
      return
    }
    if (types.isNativeError(value) || types.isDate(value) || types.isRegExp(value)) return
    for (const key of Object.keys(value)) this.check((value as Record<string, unknown>)[key], step(path, key))
  }

  checkEach(list: readonly unknown[], path: string, first: number): void {
    for (let i = 0; i < list.length; i++) {
      const entry = list[i]
      if (isPrimitive(entry)) continue
      this.check(entry, `${path}[${first + i}]`)
    }
  }

  #memory(buffer: ArrayBufferLike, path: string): void {
    if (this.#channel !== 'worker' && types.isSharedArrayBuffer(buffer)) throw this.#tooFar(path, 'shared memory')
  }

  #tooFar(path: string, what: string): Error {
    if (this.#channel === 'bytes') {
      return new TypeError(
        `Expected \`${path}\` to be data that can be copied into a message, got ${what}. Send a copy, or hand it on ` +
          'beforehand, to a task or by postMessage, and name it in the message',
      )
    }
    const why = `\`${path}\` is ${what}, which can't reach another process; use the 'worker' backend, or send a copy`
    return codedError('ERR_OFFLOOP_BACKEND', ['process', why])
  }
}

function refuse(path: string, value: unknown): TypeError {
  return new TypeError(
    `Expected \`${path}\` to be data that can be sent to a worker, got ${describe(value)}. ${advice}`,
  )
}

function step(path: string, key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

function short(key: unknown): string {
  return typeof key === 'string' ? JSON.stringify(key) : String(key)
}

function packHandles(value: unknown): Parcel {
  const transfer: TransferListItem[] = []
  const packed = rebuild(value, new Map(), (object) => {
    if (object instanceof Shareable) return object.handle
    if (object instanceof NDArray) {
      const { data, shape, strides, offset } = object
      return { '@offloop': 'ndarray', data, shape, strides, offset } satisfies PackedArray
    }
    const kind = kindOf(object)
    if (kind === undefined) return undefined
    const { data, transfer: moved } = kind.pack(object)
    transfer.push(...moved)
    return { '@offloop': 'traveller', module: kind.module, data } satisfies PackedTraveller
  })
  return { value: packed, packed: true, transfer: transfer.length > 0 ? transfer : undefined }
}

function unpackHandles(
  value: unknown,
  done: Map<object, unknown>,
  kept: ReadonlyMap<number, TypedArray> | undefined,
): unknown {
  return rebuild(value, done, (object) => {
    if (!Object.hasOwn(object, '@offloop')) return undefined
    const packed = object as PackedArray | KeptReference | PackedTraveller | Handle
    if (isOf(packed, 'traveller')) return unpackTraveller(packed as PackedTraveller)
    if (isOf(packed, 'kept')) return kept?.get((packed as KeptReference).id)?.slice()
    if (!isOf(packed, 'ndarray')) return openHandle(packed as Handle)
    const { data, shape, strides, offset } = packed as PackedArray
    return new NDArray(data, shape, strides, offset)
  })
}

function isOf(packed: { readonly '@offloop': string }, kind: string): boolean {
  return packed['@offloop'] === kind
}

/** Copies arrays and plain objects, so far as something below them is replaced; keeps what else there is. */
function rebuild(value: unknown, done: Map<object, unknown>, replace: (object: object) => unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value
  if (done.has(value)) return done.get(value)
  const replaced = replace(value)
  if (replaced !== undefined) {
    done.set(value, replaced)
    return replaced
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = new Array(value.length)
    done.set(value, copy)
    for (let i = 0; i < value.length; i++) copy[i] = rebuild(value[i], done, replace)
    return copy
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const copy: Record<string, unknown> = {}
  done.set(value, copy)
  for (const key of Object.keys(value)) copy[key] = rebuild((value as Record<string, unknown>)[key], done, replace)
  return copy
}
